//! A campaign ends before its time. Whoever has joined hears of it; what was earned stays due.

use entity::{campaign, ids::CampaignId};

use super::{mails, move_in::move_in, queries, rules::Move};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Cancels a campaign for good.
pub async fn cancel(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    let row = move_in(&tx, by, found, Move::Cancel).await?;
    tx.queue_all(mails::cancelled(&tx, by, &row).await?).await?;
    tx.commit().await?;
    Ok(row)
}
