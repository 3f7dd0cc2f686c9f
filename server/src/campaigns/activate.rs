//! The work begins; creators may still be asked.

use entity::{campaign, ids::CampaignId};

use super::{move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Moves a campaign from recruiting to active.
pub async fn activate(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Activate).await?;
    tx.commit().await?;
    Ok(row)
}
