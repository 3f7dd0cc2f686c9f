//! A passkey is added (WebAuthn): the browser asks the device, the server checks what comes back.

use entity::{
    enums::{FactorKind, LinkPurpose},
    ids::SecondFactorId,
    link_token, second_factor,
};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value, json};
use webauthn_rs::prelude::{Passkey, PasskeyRegistration, Webauthn, WebauthnBuilder};

use super::{
    super::{prove, queries as links, rules::link_life},
    Added, count_in, queries, room_for_one,
};
use crate::{
    app::App,
    auth::{actors::Person, tokens::Token},
    base::text,
    error::{Check, Code, Error, Problem, Result, Wrong},
};

/// A question for the browser's `navigator.credentials`.
#[derive(Debug)]
pub struct Asked {
    /// Comes back with the answer; serves once.
    pub token: Token,
    /// `{publicKey: …}` as WebAuthn's JSON.
    pub options: Value,
}

/// The site as passkeys know it; none if it is reached by a bare network address, for which browsers make none.
pub(super) fn site(app: &App) -> Result<Option<Webauthn>> {
    let url = &app.config.public_url;
    let Some(url::Host::Domain(name)) = url.host() else { return Ok(None) };
    Ok(Some(WebauthnBuilder::new(name, url)?.rp_name(&app.config.mail.from_name).build()?))
}

/// Whether this installation can have passkeys.
pub fn passkeys_possible(app: &App) -> bool {
    matches!(app.config.public_url.host(), Some(url::Host::Domain(_)))
}

pub(super) fn impossible() -> Error {
    Problem::whole(Code::Refused, "accounts.problem.passkey_impossible").into()
}

pub(super) fn refused(error: impl std::fmt::Display) -> Error {
    tracing::info!(%error, "a passkey was refused");
    Problem::new("credential", Wrong::new(Code::Wrong, "accounts.problem.passkey")).into()
}

/// The public part of a passkey that was stored.
pub(super) fn opened(app: &App, row: &second_factor::Model) -> Result<Passkey> {
    Ok(serde_json::from_str(&app.vault.open_sealed(&row.secret, &row.key_id, &row.id.to_string())?)?)
}

/// Needs the password if it was not given lately (B26).
pub async fn begin_passkey(app: &App, by: &Person, password: &str) -> Result<Asked> {
    prove::needed(app, by, password).await?;
    let site = site(app)?.ok_or_else(impossible)?;
    let known = queries::confirmed(app.db(), by.id(), Some(FactorKind::Passkey)).await?;
    let known = known.iter().map(|row| Ok(opened(app, row)?.cred_id().clone())).collect::<Result<Vec<_>>>()?;
    let user = by.user();
    let (options, state) = site.start_passkey_registration(user.id.0, &user.email, &user.name, Some(known))?;
    let tx = app.begin().await?;
    room_for_one(&tx, by.id()).await?;
    let token = Token::new("");
    link_token::ActiveModel {
        id: Set(tx.id()),
        purpose: Set(LinkPurpose::AddPasskey),
        token_hash: Set(token.hash()),
        email: Set(user.email.clone()),
        user_id: Set(Some(user.id)),
        data: Set(json!({ "state": state })),
        expires_at: Set(tx.now + link_life(LinkPurpose::AddPasskey)),
        used_at: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.commit().await?;
    Ok(Asked { token, options: serde_json::to_value(options)? })
}

/// Takes in the browser's answer: `PublicKeyCredential.toJSON()`.
pub async fn add_passkey(app: &App, by: &Person, token: &str, name: &str, credential: &str) -> Result<Added> {
    let site = site(app)?.ok_or_else(impossible)?;
    let mut check = Check::default();
    let name = check.take("passkey_name", text::line(name, 60));
    let (name,) = check.all((name,))?;
    let answer = serde_json::from_str(credential).map_err(refused)?;
    let tx = app.begin().await?;
    let link = links::spend_link(&tx, LinkPurpose::AddPasskey, token).await?;
    if link.user_id != Some(by.id()) {
        return Err(Error::NotFound);
    }
    room_for_one(&tx, by.id()).await?;
    let state: PasskeyRegistration = serde_json::from_value(link.data.get("state").cloned().unwrap_or_default())?;
    let passkey = site.finish_passkey_registration(&answer, &state).map_err(refused)?;
    let id: SecondFactorId = tx.id();
    let sealed = app.vault.seal(&serde_json::to_string(&passkey)?, &id.to_string())?;
    let row = second_factor::ActiveModel {
        id: Set(id),
        user_id: Set(by.id()),
        kind: Set(FactorKind::Passkey),
        name: Set(name),
        secret: Set(sealed.text),
        key_id: Set(sealed.key_id),
        last_step: Set(None),
        created_at: Set(tx.now),
        confirmed_at: Set(Some(tx.now)),
        last_used_at: Set(None),
    };
    let factor = row.insert(tx.db()).await?;
    let added = count_in(&tx, by, factor).await?;
    tx.commit().await?;
    Ok(added)
}
