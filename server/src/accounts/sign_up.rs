//! Somebody asks for an account. The answer never tells whether the address is known; the mail does, to its owner.

use entity::{enums::LinkPurpose, ids::LinkTokenId, link_token};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::json;

use super::{
    mails, queries,
    rules::{self, SignUpAs},
};
use crate::{
    app::App,
    auth::{limits, passwords, sessions::Device, tokens::Token},
    error::{Check, Result},
    events::Event,
    web::urls,
};

/// What the form holds (K26).
#[derive(Clone, Debug, Default)]
pub struct SignUp {
    /// `creator` or `brand`.
    pub kind: String,
    /// The name that others see.
    pub name: String,
    /// The mailbox to prove.
    pub email: String,
    /// The password.
    pub password: String,
    /// `en` or `ja`.
    pub locale: String,
    /// IANA name; empty = as the language suggests.
    pub time_zone: String,
    /// Whether the code of conduct was accepted.
    pub conduct: bool,
    /// Where to go once the mailbox is proven, a path of ours; empty = to the page that greets the kind.
    pub next: String,
}

/// Writes a confirmation mail, or to a known address that it has an account already.
pub async fn sign_up(app: &App, device: &Device, input: SignUp) -> Result<()> {
    let mut check = Check::default();
    let kind = check.take("kind", crate::base::text::choice::<SignUpAs>(&input.kind));
    let email = rules::email(&mut check, &input.email);
    let identity =
        rules::identity(check, &input.name, Some(&input.email), &input.password, &input.locale, &input.time_zone, input.conduct)?;
    let (kind, email) = Check::default().all((kind, email))?;
    limits::take(app, limits::LINK_BY_IP, &device.ip).await?;
    limits::take(app, limits::LINK_BY_ADDRESS, &email.key).await?;
    // Hashed for known addresses too, so that both take as long.
    let password_hash = passwords::hash(identity.password).await?;
    let tx = app.begin().await?;
    if let Some(known) = queries::by_email(tx.db(), &email.key).await? {
        tx.queue(mails::already_registered(app, &known)?).await?;
        return tx.commit().await;
    }
    let token = Token::new("");
    let id: LinkTokenId = tx.id();
    // The address may hold the token of another link.
    let next = app.vault.seal(urls::local(&input.next), &id.to_string())?;
    link_token::ActiveModel {
        id: Set(id),
        purpose: Set(LinkPurpose::ConfirmSignUp),
        token_hash: Set(token.hash()),
        email: Set(email.text.clone()),
        user_id: Set(None),
        data: Set(json!({
            "kind": kind, "name": identity.name, "password_hash": password_hash,
            "locale": identity.locale, "time_zone": identity.time_zone, "next": next.text, "key": next.key_id,
        })),
        expires_at: Set(tx.now + rules::link_life(LinkPurpose::ConfirmSignUp)),
        used_at: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.record(Event::new("account.sign_up_asked", id)).await?;
    tx.queue(mails::confirm_sign_up(app, identity.locale, &email.text, &identity.name, &token)?).await?;
    tx.commit().await
}
