//! An admin tries a letter again that was given up, or lets an address be written to again.

use entity::{
    enums::{LetterState, SuppressionReason},
    ids::{LetterId, SuppressionId},
    letter, suppression,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use super::deliver;
use crate::{
    app::App,
    auth::actors::Admin,
    error::{Code, Error, Problem, Result},
    events::Event,
};

/// How many letters are tried again in one go.
pub const MOST: usize = 500;

/// Whether the letter can be tried again: it was given up, and its text is still there.
pub fn can_retry(letter: &letter::Model) -> bool {
    letter.state == LetterState::Failed && !letter.text.is_empty()
}

/// Puts the letter back into the queue, with its invitation.
pub async fn retry(app: &App, by: &Admin, id: LetterId) -> Result<letter::Model> {
    let tx = app.begin().await?;
    let found = letter::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    if !can_retry(&found) {
        return Err(Problem::whole(Code::WrongState, "mail.problem.not_failed").into());
    }
    let about = found.invitation_id;
    let mut row = found.into_active_model();
    row.state = Set(LetterState::Queued);
    row.attempts = Set(0);
    row.next_at = Set(tx.now);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("letter.tried_again", id).by(by.person().id())).await?;
    if let Some(invitation) = about {
        deliver::follow(&tx, invitation, &after, "").await?;
    }
    tx.commit().await?;
    Ok(after)
}

/// Whether an admin may let the address be written to again. Who unsubscribed decides that alone.
pub fn can_lift(suppression: &suppression::Model) -> bool {
    suppression.reason == SuppressionReason::Bounced
}

/// Lets an address be written to again from which a letter came back, as when the mailbox was only full.
pub async fn lift(app: &App, by: &Admin, id: SuppressionId) -> Result<suppression::Model> {
    let tx = app.begin().await?;
    let found = suppression::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    if !can_lift(&found) {
        return Err(Problem::whole(Code::WrongState, "mail.problem.unsubscribed").into());
    }
    suppression::Entity::delete_by_id(id).exec(tx.db()).await?;
    let event = Event::new("mail.suppression_lifted", id).by(by.person().id());
    tx.record(event.with(serde_json::json!({ "scope": found.scope }))).await?;
    tx.commit().await?;
    Ok(found)
}
