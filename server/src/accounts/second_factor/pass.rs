//! The password was right: with a second factor the sign-in waits for it, and is a session once it has come.

use entity::{
    enums::{FactorKind, LinkPurpose, UserStatus},
    link_token, recovery_code, second_factor, user,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};
use serde_json::json;
use webauthn_rs::prelude::PasskeyAuthentication;

use super::{
    super::{
        mails, queries as links,
        rules::link_life,
        sign_in::{Identified, SignedIn},
    },
    passkey, queries, rules,
};
use crate::{
    app::App,
    auth::{
        limits,
        sessions::{self, Device},
        tokens::{self, Token},
    },
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// A session for whoever has proven all that they can, a pending sign-in for the others.
pub(in crate::accounts) async fn admit(tx: &Tx, user: user::Model, device: &Device) -> Result<Identified> {
    if !user.second_factor {
        return Ok(Identified::SignedIn(Box::new(open(tx, user, device, "none").await?)));
    }
    let token = Token::new("");
    link_token::ActiveModel {
        id: Set(tx.id()),
        purpose: Set(LinkPurpose::SecondFactor),
        token_hash: Set(token.hash()),
        email: Set(user.email.clone()),
        user_id: Set(Some(user.id)),
        data: Set(json!({})),
        expires_at: Set(tx.now + link_life(LinkPurpose::SecondFactor)),
        used_at: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    Ok(Identified::Pending(token))
}

async fn open(tx: &Tx, user: user::Model, device: &Device, second: &str) -> Result<SignedIn> {
    let (session, cookie) = sessions::open(tx, user.id, device).await?;
    tx.record(Event::new("account.signed_in", user.id).by(user.id).with(json!({ "second": second }))).await?;
    Ok(SignedIn { user, session, cookie })
}

/// Whose sign-in waits; one more try is counted against them.
async fn waiting(app: &App, pending: &str) -> Result<user::Model> {
    let link = links::link(app, LinkPurpose::SecondFactor, pending).await?;
    let id = link.user_id.ok_or(Error::NotFound)?;
    limits::take(app, limits::SECOND_FACTOR, &id.to_string()).await?;
    let found = user::Entity::find_by_id(id).one(app.db()).await?;
    found.filter(|user| user.status == UserStatus::Active).ok_or(Error::NotFound)
}

/// Which kinds of factor the one whose sign-in waits has: an app, a passkey.
pub(super) async fn kinds(app: &App, pending: &str) -> Result<(bool, bool)> {
    let link = links::link(app, LinkPurpose::SecondFactor, pending).await?;
    let factors = queries::confirmed(app.db(), link.user_id.ok_or(Error::NotFound)?, None).await?;
    let has = |kind| factors.iter().any(|factor| factor.kind == kind);
    Ok((has(FactorKind::Totp), has(FactorKind::Passkey)))
}

/// By a code of an authenticator app, or by a recovery code.
pub async fn pass_by_code(app: &App, device: &Device, pending: &str, code: &str) -> Result<SignedIn> {
    let user = waiting(app, pending).await?;
    let tx = app.begin().await?;
    let Some(second) = taken(&tx, &user, code).await? else {
        drop(tx);
        return Err(wrong(app, &user, "code", "accounts.problem.second_code").await?);
    };
    passed(app, tx, user, device, pending, second).await
}

/// Takes the code in, if it is one: which kind it was.
async fn taken(tx: &Tx, user: &user::Model, code: &str) -> Result<Option<&'static str>> {
    let app = tx.app();
    let apps = second_factor::Entity::find()
        .filter(second_factor::Column::UserId.eq(user.id))
        .filter(second_factor::Column::Kind.eq(FactorKind::Totp))
        .filter(second_factor::Column::ConfirmedAt.is_not_null())
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    for factor in apps {
        let secret = app.vault.open_sealed(&factor.secret, &factor.key_id, &factor.id.to_string())?;
        let Some(step) = rules::step_of(&secret, code, tx.now)? else { continue };
        // Whoever looked over a shoulder comes too late.
        if factor.last_step.is_some_and(|last| step <= last) {
            continue;
        }
        let mut row = factor.into_active_model();
        row.last_step = Set(Some(step));
        row.last_used_at = Set(Some(tx.now));
        row.update(tx.db()).await?;
        return Ok(Some("totp"));
    }
    let used = recovery_code::Entity::update_many()
        .set(recovery_code::ActiveModel { used_at: Set(Some(tx.now)), ..Default::default() })
        .filter(recovery_code::Column::UserId.eq(user.id))
        .filter(recovery_code::Column::CodeHash.eq(tokens::hash(&rules::plain_code(code))))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    if used.rows_affected == 0 {
        return Ok(None);
    }
    let left = queries::codes_left(tx.db(), user.id).await?;
    tx.queue(mails::recovery_code_used(app, user, left)?).await?;
    Ok(Some("recovery_code"))
}

/// The question for the browser, if the person has passkeys.
pub async fn begin_pass_by_passkey(app: &App, pending: &str) -> Result<serde_json::Value> {
    let user = waiting(app, pending).await?;
    let site = passkey::site(app)?.ok_or_else(passkey::impossible)?;
    let known = queries::confirmed(app.db(), user.id, Some(FactorKind::Passkey)).await?;
    let known = known.iter().map(|row| passkey::opened(app, row)).collect::<Result<Vec<_>>>()?;
    if known.is_empty() {
        return Err(passkey::impossible());
    }
    let (options, state) = site.start_passkey_authentication(&known)?;
    let tx = app.begin().await?;
    let mut row = links::link(app, LinkPurpose::SecondFactor, pending).await?.into_active_model();
    row.data = Set(json!({ "state": state }));
    row.update(tx.db()).await?;
    tx.commit().await?;
    // Asking is no guess.
    limits::give_back(app, limits::SECOND_FACTOR, &user.id.to_string()).await?;
    Ok(serde_json::to_value(options)?)
}

/// By the browser's answer: `PublicKeyCredential.toJSON()`.
pub async fn pass_by_passkey(app: &App, device: &Device, pending: &str, credential: &str) -> Result<SignedIn> {
    let user = waiting(app, pending).await?;
    let site = passkey::site(app)?.ok_or_else(passkey::impossible)?;
    let link = links::link(app, LinkPurpose::SecondFactor, pending).await?;
    let asked = link.data.get("state").cloned().and_then(|state| serde_json::from_value::<PasskeyAuthentication>(state).ok());
    let answer = serde_json::from_str(credential).ok();
    let result = match (asked, answer) {
        (Some(asked), Some(answer)) => site.finish_passkey_authentication(&answer, &asked).inspect_err(|error| {
            tracing::info!(%error, "a passkey was refused");
        }),
        _ => return Err(wrong(app, &user, "credential", "accounts.problem.passkey").await?),
    };
    let Ok(result) = result else { return Err(wrong(app, &user, "credential", "accounts.problem.passkey").await?) };
    let tx = app.begin().await?;
    for factor in queries::confirmed(tx.db(), user.id, Some(FactorKind::Passkey)).await? {
        let mut known = passkey::opened(app, &factor)?;
        let Some(changed) = known.update_credential(&result) else { continue };
        let sealed = if changed { Some(app.vault.seal(&serde_json::to_string(&known)?, &factor.id.to_string())?) } else { None };
        let mut row = factor.into_active_model();
        if let Some(sealed) = sealed {
            (row.secret, row.key_id) = (Set(sealed.text), Set(sealed.key_id));
        }
        row.last_used_at = Set(Some(tx.now));
        row.update(tx.db()).await?;
    }
    passed(app, tx, user, device, pending, "passkey").await
}

async fn passed(app: &App, tx: Tx, user: user::Model, device: &Device, pending: &str, second: &str) -> Result<SignedIn> {
    links::spend_link(&tx, LinkPurpose::SecondFactor, pending).await?;
    let id = user.id;
    let signed_in = open(&tx, user, device, second).await?;
    tx.commit().await?;
    limits::forgive(app, limits::SECOND_FACTOR, &id.to_string()).await?;
    Ok(signed_in)
}

async fn wrong(app: &App, user: &user::Model, field: &'static str, key: &'static str) -> Result<Error> {
    let tx = app.begin().await?;
    tx.record(Event::new("account.second_factor_refused", user.id)).await?;
    tx.commit().await?;
    Ok(Problem::new(field, Wrong::new(Code::Wrong, key)).into())
}
