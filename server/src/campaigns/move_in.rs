//! One step of the state machine inside an operation's transaction.

use entity::campaign;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::rules::{self, Move};
use crate::{auth::actors::Manager, error::Result, events::Event, tx::Tx};

/// Moves a locked row and writes the fact down.
pub(super) async fn move_in(tx: &Tx, by: &Manager<'_>, found: campaign::Model, step: Move) -> Result<campaign::Model> {
    let next = rules::step(&found, step)?;
    let was = found.state;
    let mut row = found.into_active_model();
    row.state = Set(next);
    row.paused_from = Set((step == Move::Pause).then_some(was));
    row.updated_at = Set(tx.now);
    let row = row.update(tx.db()).await?;
    let data = serde_json::json!({ "from": was, "to": next });
    tx.record(Event::new(step.event(), row.id).org(row.org_id).by(by.user_id()).with(data)).await?;
    Ok(row)
}
