//! A version of a brief is published. It never changes afterwards; creators who are in are asked to read it (K19).

use entity::{brief, enums::BriefState, ids::CampaignId};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    mails, queries,
    rules::{self, Change},
};
use crate::{
    app::App,
    auth::actors::Manager,
    campaigns,
    error::{Code, Problem, Result},
    events::Event,
};

/// Publishes the open draft in place of the version before.
pub async fn publish(app: &App, by: &Manager<'_>, campaign: CampaignId) -> Result<brief::Model> {
    let tx = app.begin().await?;
    let campaign = campaigns::queries::one_for_update(&tx, by, campaign).await?;
    rules::may_edit(&campaign)?;
    let before = campaigns::queries::published_brief(tx.db(), campaign.id).await?;
    let draft = match (queries::draft_for_update(&tx, campaign.id).await?, &before) {
        (Some(draft), _) => draft,
        (None, Some(_)) => return Err(Problem::whole(Code::AlreadyDone, "briefs.problem.unchanged").into()),
        (None, None) => return Err(Problem::whole(Code::Required, "briefs.problem.no_draft").into()),
    };
    rules::publishable(&draft, before.as_ref(), &campaign, by.organization().locale)?;
    let dates = (campaign.starts_on, campaign.ends_on);
    let worsens = before.as_ref().is_some_and(|b| rules::changes(b, &draft, dates).iter().any(Change::worsens));
    if let Some(before) = before {
        let mut old = before.into_active_model();
        old.state = Set(BriefState::Superseded);
        old.updated_at = Set(tx.now);
        old.update(tx.db()).await?;
    }
    let mut row = draft.into_active_model();
    row.state = Set(BriefState::Published);
    row.worsens = Set(worsens);
    row.starts_on = Set(campaign.starts_on);
    row.ends_on = Set(campaign.ends_on);
    row.published_at = Set(Some(tx.now));
    row.updated_at = Set(tx.now);
    let row = row.update(tx.db()).await?;
    let data = serde_json::json!({ "campaign": campaign.id, "version": row.version, "worsens": worsens });
    tx.record(Event::new("brief.published", row.id).org(row.org_id).by(by.user_id()).with(data)).await?;
    tx.queue_all(mails::published(&tx, by, &campaign, &row).await?).await?;
    tx.commit().await?;
    Ok(row)
}
