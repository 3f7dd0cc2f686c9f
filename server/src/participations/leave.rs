//! A creator goes: one click, no reason, until a contract is executed.

use entity::{ids::ParticipationId, participation};

use super::{mails, move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Creator, error::Result, events::Event};

/// Leaves a campaign; the brand hears of it.
pub async fn leave(app: &App, by: &Creator, id: ParticipationId) -> Result<participation::Model> {
    let tx = app.begin().await?;
    let found = queries::of_creator_for_update(&tx, by, id).await?;
    let row = move_in(&tx, found, Move::Leave).await?;
    tx.record(Event::new("participation.left", id).org(row.org_id).creator(by.id()).by(by.user_id())).await?;
    if let Some(letter) = mails::left(&tx, &row, by).await? {
        tx.queue(letter).await?;
    }
    tx.commit().await?;
    Ok(row)
}
