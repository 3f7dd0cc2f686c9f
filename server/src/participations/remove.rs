//! A brand ends a participation and says why; fees that were earned stay due.

use entity::{ids::ParticipationId, participation};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{mails, move_in, queries, rules, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result, events::Event};

/// Removes a creator from a campaign; a registered one hears of it, with the reason.
pub async fn remove(app: &App, by: &Manager<'_>, id: ParticipationId, reason: &str) -> Result<participation::Model> {
    let reason = rules::reason(reason)?;
    let tx = app.begin().await?;
    let found = queries::of_member_for_update(&tx, by, id).await?;
    rules::brand_may(found.state, queries::was_asked(tx.db(), id).await?, Move::Remove)?;
    let was_in = rules::joined(found.state);
    let row = move_in(&tx, found, Move::Remove).await?;
    let mut change = row.into_active_model();
    change.reason = Set(reason);
    let row = change.update(tx.db()).await?;
    tx.record(Event::new("participation.removed", id).org(row.org_id).creator(row.creator_id).by(by.user_id())).await?;
    if was_in && let Some(letter) = mails::removed(&tx, &row, by).await? {
        tx.queue(letter).await?;
    }
    tx.commit().await?;
    Ok(row)
}
