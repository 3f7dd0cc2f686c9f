//! A brand takes an invitation back: its links stop working, and the creator is on the shortlist again.

use entity::{ids::InvitationId, invitation, participation};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{queries, rules, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result, events::Event, participations, tx::Tx};

/// Withdraws it. Nobody is written to: an unread mail need not be apologised for.
pub async fn withdraw(app: &App, by: &Manager<'_>, id: InvitationId) -> Result<invitation::Model> {
    let tx = app.begin().await?;
    let found = queries::of_member_for_update(&tx, by, id).await?;
    let next = rules::step(&found, Move::Withdraw, tx.now)?;
    back_to_short_list(&tx, &found).await?;
    let mut row = found.into_active_model();
    row.state = Set(next);
    let row = row.update(tx.db()).await?;
    tx.record(Event::new("invitation.withdrawn", id).org(row.org_id).creator(row.creator_id).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(row)
}

/// The creator may be asked again later.
pub(super) async fn back_to_short_list(tx: &Tx, row: &invitation::Model) -> Result<()> {
    let found = participation::Entity::find_by_id(row.participation_id).one(tx.db()).await?;
    if let Some(found) = found
        && participations::rules::after(found.state, participations::rules::Move::Uninvite).is_some()
    {
        participations::move_in(tx, found, participations::rules::Move::Uninvite).await?;
    }
    Ok(())
}
