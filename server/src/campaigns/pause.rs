//! Nobody is asked for a while; what was agreed goes on.

use entity::{campaign, ids::CampaignId};

use super::{move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Pauses a campaign that recruits or is active.
pub async fn pause(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Pause).await?;
    tx.commit().await?;
    Ok(row)
}
