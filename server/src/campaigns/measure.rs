//! The posts are out; from now on only figures come in.

use entity::{campaign, ids::CampaignId};

use super::{move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Moves an active campaign to measuring.
pub async fn measure(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Measure).await?;
    tx.commit().await?;
    Ok(row)
}
