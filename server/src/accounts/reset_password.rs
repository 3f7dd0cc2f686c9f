//! A forgotten password: a link to the mailbox, and a new password for whoever holds it.

use entity::{
    enums::{LinkPurpose, UserStatus},
    link_token, user,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{end_sessions::end_everything_in, mails, queries, rules};
use crate::{
    app::App,
    auth::{limits, passwords, sessions::Device, tokens::Token},
    base::text::Email,
    error::{Check, Error, Problem, Result},
    events::Event,
};

/// Mails a link, if the address is known; says the same if it is not.
pub async fn request_reset(app: &App, device: &Device, email: &str) -> Result<()> {
    let email = Email::parse(email).map_err(|wrong| Problem::new("email", wrong))?;
    limits::take(app, limits::LINK_BY_IP, &device.ip).await?;
    limits::take(app, limits::LINK_BY_ADDRESS, &email.key).await?;
    let tx = app.begin().await?;
    let known = queries::by_email(tx.db(), &email.key).await?.filter(|u| u.status == UserStatus::Active);
    if let Some(user) = known {
        let token = Token::new("");
        link_token::ActiveModel {
            id: Set(tx.id()),
            purpose: Set(LinkPurpose::ResetPassword),
            token_hash: Set(token.hash()),
            email: Set(user.email.clone()),
            user_id: Set(Some(user.id)),
            data: Set(json!({})),
            expires_at: Set(tx.now + rules::link_life(LinkPurpose::ResetPassword)),
            used_at: Set(None),
            created_at: Set(tx.now),
        }
        .insert(tx.db())
        .await?;
        tx.queue(mails::reset_password(app, &user, &token)?).await?;
        tx.record(Event::new("account.reset_asked", user.id)).await?;
    }
    tx.commit().await
}

/// Spends a reset link. Every session ends: whoever knew the old password is out.
pub async fn reset_password(app: &App, token: &str, password: &str) -> Result<user::Model> {
    let link = queries::link(app, LinkPurpose::ResetPassword, token).await?;
    let mut check = Check::default();
    let password = check.take("password", passwords::check(password, &[&link.email]));
    let (password,) = check.all((password,))?;
    let password_hash = passwords::hash(password).await?;
    let tx = app.begin().await?;
    let link = queries::spend_link(&tx, LinkPurpose::ResetPassword, token).await?;
    let id = link.user_id.ok_or(Error::NotFound)?;
    let Some(user) = user::Entity::find_by_id(id).one(tx.db()).await? else { return Err(Error::NotFound) };
    let mut row = user.into_active_model();
    row.password_hash = Set(password_hash);
    let user = row.update(tx.db()).await?;
    end_everything_in(&tx, id, None).await?;
    tx.record(Event::new("account.password_reset", id).by(id)).await?;
    tx.queue(mails::password_changed(app, &user)?).await?;
    tx.commit().await?;
    Ok(user)
}
