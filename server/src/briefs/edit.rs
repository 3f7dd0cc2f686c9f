//! The draft of a brief is written. There is one open draft per campaign; it begins as the version before.

use entity::{brief, enums::BriefState, ids::CampaignId};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{
    app::App,
    auth::actors::Manager,
    campaigns,
    error::{Code, Problem, Result},
    events::Event,
    tx::taken,
};

/// Writes texts into the draft, opening it if there is none.
pub async fn edit(app: &App, by: &Manager<'_>, campaign: CampaignId, input: Vec<Typed>) -> Result<brief::Model> {
    let tx = app.begin().await?;
    // The campaign's row is the lock: two who begin a draft at once share it.
    let campaign = campaigns::queries::one_for_update(&tx, by, campaign).await?;
    rules::may_edit(&campaign)?;
    let row = match queries::draft_for_update(&tx, campaign.id).await? {
        Some(draft) => {
            let (teaser, full) = rules::read(&input, draft.teaser.clone(), draft.full.clone())?;
            let mut row = draft.into_active_model();
            row.teaser = Set(teaser);
            row.full = Set(full);
            row.updated_at = Set(tx.now);
            row.update(tx.db()).await?
        }
        None => {
            let newest = queries::published(tx.db(), campaign.id).await?.pop();
            let version = newest.as_ref().map_or(1, |b| b.version + 1);
            let (teaser, full) = newest.map(|b| (b.teaser, b.full)).unwrap_or_default();
            let (teaser, full) = rules::read(&input, teaser, full)?;
            let draft = brief::Model {
                id: tx.id(),
                org_id: by.org(),
                campaign_id: campaign.id,
                version,
                state: BriefState::Draft,
                teaser,
                full,
                worsens: false,
                starts_on: None,
                ends_on: None,
                published_at: None,
                created_at: tx.now,
                updated_at: tx.now,
            };
            let inserted = draft.into_active_model().reset_all().insert(tx.db()).await;
            taken(inserted, || Problem::whole(Code::Taken, "briefs.problem.draft_taken").into())?
        }
    };
    let data = serde_json::json!({ "campaign": campaign.id, "version": row.version });
    tx.record(Event::new("brief.edited", row.id).org(row.org_id).by(by.user_id()).with(data)).await?;
    tx.commit().await?;
    Ok(row)
}
