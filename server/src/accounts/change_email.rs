//! Another mail address: proven by a link to the new one, told to the old one (B26).

use entity::{enums::LinkPurpose, link_token, user};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{end_sessions::end_links_in, mails, prove, queries, rules};
use crate::{
    app::App,
    auth::{actors::Person, limits, tokens::Token},
    base::text::Email,
    error::{Check, Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::taken,
};

/// Mails a link to the new address. A known one gets none, and the answer is the same.
pub async fn change_email(app: &App, by: &Person, email: &str, current_password: &str) -> Result<()> {
    let mut check = Check::default();
    let email = rules::email(&mut check, email);
    if let Some(email) = &email {
        check.that("email", email.key != by.user().email_key, || Wrong::new(Code::AlreadyDone, "accounts.problem.same_email"));
    }
    let (email,) = check.all((email,))?;
    prove::needed(app, by, current_password).await?;
    limits::take(app, limits::LINK_BY_ADDRESS, &email.key).await?;
    let tx = app.begin().await?;
    if queries::by_email(tx.db(), &email.key).await?.is_none() {
        let token = Token::new("");
        link_token::ActiveModel {
            id: Set(tx.id()),
            purpose: Set(LinkPurpose::ChangeEmail),
            token_hash: Set(token.hash()),
            email: Set(email.text.clone()),
            user_id: Set(Some(by.id())),
            data: Set(json!({})),
            expires_at: Set(tx.now + rules::link_life(LinkPurpose::ChangeEmail)),
            used_at: Set(None),
            created_at: Set(tx.now),
        }
        .insert(tx.db())
        .await?;
        tx.queue(mails::change_email(app, by.user(), &email.text, &token)?).await?;
    }
    tx.record(Event::new("account.email_change_asked", by.id()).by(by.id())).await?;
    tx.queue(mails::email_change_asked(app, by.user())?).await?;
    tx.commit().await
}

/// Spends the link that went to the new address.
pub async fn confirm_email(app: &App, token: &str) -> Result<user::Model> {
    let tx = app.begin().await?;
    let link = queries::spend_link(&tx, LinkPurpose::ChangeEmail, token).await?;
    let id = link.user_id.ok_or(Error::NotFound)?;
    let Some(user) = user::Entity::find_by_id(id).one(tx.db()).await? else { return Err(Error::NotFound) };
    let email = Email::parse(&link.email).map_err(|wrong| Problem::new("email", wrong))?;
    let before = user.clone();
    let mut row = user.into_active_model();
    row.email = Set(email.text);
    row.email_key = Set(email.key);
    let used = || Error::from(Problem::new("email", Wrong::new(Code::Taken, "accounts.problem.already_registered")));
    let user = taken(row.update(tx.db()).await, used)?;
    // What went to the old mailbox opens nothing any more.
    end_links_in(&tx, id).await?;
    tx.record(Event::new("account.email_changed", id).by(id)).await?;
    tx.queue(mails::email_changed(app, &before, &user)?).await?;
    tx.commit().await?;
    Ok(user)
}
