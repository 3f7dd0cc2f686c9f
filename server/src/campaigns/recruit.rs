//! Creators may be asked from now on: only with everything that they decide by.

use entity::{campaign, ids::CampaignId};

use super::{
    move_in::move_in,
    queries,
    rules::{self, Move},
};
use crate::{app::App, auth::actors::Manager, error::Result};

/// Starts recruiting, or says what is missing beside each part.
pub async fn recruit(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    // A state that does not allow it comes first: a cancelled campaign needs no list of what it lacks.
    rules::step(&found, Move::Recruit)?;
    let published = queries::published_brief(tx.db(), id).await?;
    rules::ready(&rules::missing_to_recruit(&found, published.as_ref(), queries::today(by, tx.now)))?;
    let row = move_in(&tx, by, found, Move::Recruit).await?;
    tx.commit().await?;
    Ok(row)
}
