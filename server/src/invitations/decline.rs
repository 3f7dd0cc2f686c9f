//! A creator says no. Any reason is fine, none is needed, and whoever holds the link may do it without signing in.

use entity::{enums::DeclineReason, invitation};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{Answer, mails, queries, rules, rules::Move};
use crate::{
    app::App,
    auth::actors::Person,
    base::text,
    error::{Check, Result},
    events::Event,
    participations,
};

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct Decline {
    /// One of [`DeclineReason`], or empty.
    pub reason: String,
    /// A few words to the brand, or empty.
    pub note: String,
}

/// Writes the no down; the brand hears of it. By token, or one's own by id. Another person's session cannot say no either.
pub async fn decline(app: &App, by: Option<&Person>, answer: Answer, input: Decline) -> Result<invitation::Model> {
    let mut check = Check::default();
    let empty = input.reason.trim().is_empty();
    let reason = check.take("reason", if empty { Ok(None) } else { text::choice::<DeclineReason>(&input.reason).map(Some) });
    let note = check.take("note", text::optional_body(&input.note, 500));
    let (reason, note) = check.all((reason, note))?;
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, by).await?;
    let next = rules::step(&found, Move::Decline, tx.now)?;
    let participation = entity::participation::Entity::find_by_id(found.participation_id).one(tx.db()).await?;
    if let Some(row) = participation
        && participations::rules::after(row.state, participations::rules::Move::Decline).is_some()
    {
        participations::move_in(&tx, row, participations::rules::Move::Decline).await?;
    }
    let id = found.id;
    let mut row = found.into_active_model();
    row.state = Set(next);
    row.answered_at = Set(Some(tx.now));
    row.decline_reason = Set(reason);
    row.decline_note = Set(note);
    let row = row.update(tx.db()).await?;
    let mut event = Event::new("invitation.declined", id).org(row.org_id).creator(row.creator_id);
    if let Some(by) = by {
        event = event.by(by.id());
    }
    tx.record(event.with(serde_json::json!({ "reason": reason }))).await?;
    if let Some(letter) = mails::declined(&tx, &row).await? {
        tx.queue(letter).await?;
    }
    tx.commit().await?;
    Ok(row)
}
