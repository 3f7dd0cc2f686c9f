//! A paused campaign goes on.

use entity::{campaign, ids::CampaignId};

use super::{move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Brings a campaign back to where it was paused.
pub async fn resume(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Resume).await?;
    tx.commit().await?;
    Ok(row)
}
