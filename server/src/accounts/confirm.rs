//! The mail of a sign-up is answered: the mailbox is proven, the person exists and is signed in.

use entity::{
    enums::{Digest, LinkPurpose, Locale, UserStatus},
    ids::UserId,
    user,
};
use sea_orm::{ActiveModelTrait, Set};
use serde::Deserialize;

use super::{queries, rules, rules::SignUpAs, sign_in::SignedIn};
use crate::{
    app::App,
    auth::sessions::{self, Device},
    base::text::Email,
    error::{Code, Error, Problem, Result},
    events::Event,
    tx::{Tx, taken},
};

#[derive(Deserialize)]
struct Data {
    kind: SignUpAs,
    name: String,
    password_hash: String,
    locale: Locale,
    time_zone: String,
    /// Sealed under `key`.
    next: String,
    key: String,
}

/// A new person, signed in.
#[derive(Debug)]
pub struct Confirmed {
    /// Their session.
    pub signed_in: SignedIn,
    /// As what they signed up.
    pub kind: SignUpAs,
    /// Where they wanted to go; none = nowhere in particular.
    pub next: Option<String>,
}

/// Spends a confirmation link.
pub async fn confirm(app: &App, device: &Device, token: &str) -> Result<Confirmed> {
    let tx = app.begin().await?;
    let link = queries::spend_link(&tx, LinkPurpose::ConfirmSignUp, token).await?;
    let data: Data = serde_json::from_value(link.data)?;
    let email = Email::parse(&link.email).map_err(|wrong| Problem::new("email", wrong))?;
    let user = create_user(&tx, &email, &data.name, data.password_hash, data.locale, &data.time_zone).await?;
    let (session, cookie) = sessions::open(&tx, user.id, device).await?;
    tx.record(Event::new("account.confirmed", user.id).by(user.id)).await?;
    tx.commit().await?;
    let next = app.vault.open_sealed(&data.next, &data.key, &link.id.to_string())?;
    let next = Some(next).filter(|next| next.len() > 1);
    Ok(Confirmed { signed_in: SignedIn { user, session, cookie }, kind: data.kind, next })
}

/// Creates a person whose mailbox is proven and who has accepted the code of conduct. For every operation that brings a new person in.
pub async fn create_user(
    tx: &Tx,
    email: &Email,
    name: &str,
    password_hash: String,
    locale: Locale,
    time_zone: &str,
) -> Result<user::Model> {
    let row = user::ActiveModel {
        id: Set(tx.id::<UserId>()),
        email: Set(email.text.clone()),
        email_key: Set(email.key.clone()),
        name: Set(name.to_owned()),
        password_hash: Set(password_hash),
        locale: Set(locale),
        time_zone: Set(time_zone.to_owned()),
        status: Set(UserStatus::Active),
        suspended_at: Set(None),
        suspension_reason: Set(None),
        platform_admin: Set(false),
        second_factor: Set(false),
        conduct_version: Set(Some(rules::CONDUCT.to_owned())),
        conduct_accepted_at: Set(Some(tx.now)),
        chat_mail: Set(false),
        digest: Set(Digest::Never),
        digest_at: Set(None),
        created_at: Set(tx.now),
    };
    let already = || Error::from(Problem::new("email", crate::error::Wrong::new(Code::AlreadyDone, "accounts.problem.already_registered")));
    taken(row.insert(tx.db()).await, already)
}
