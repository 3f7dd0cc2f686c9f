//! All is done. The rows stay, since history names them.

use entity::{campaign, ids::CampaignId};

use super::{move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Completes a campaign that was measured.
pub async fn complete(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Complete).await?;
    tx.commit().await?;
    Ok(row)
}
