//! A brand notes whom it may ask, and takes them off again. The creator does not hear of either.

use std::collections::HashSet;

use entity::{
    campaign, creator,
    enums::ParticipationState,
    ids::{CampaignId, CreatorId, ParticipationId},
    invitation, participation,
};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, PaginatorTrait, QueryFilter};

use super::{queries, shortlist_in};
use crate::{
    app::App,
    auth::actors::Manager,
    campaigns,
    creators::queries::Eyes,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// How many creators may be put on a short list in one go.
pub const MOST: usize = 500;

/// Puts creators on a campaign's short list; `ids` are weak strings, and whoever is in the campaign already stays as they are. Gives all of them.
pub async fn shortlist(app: &App, by: &Manager<'_>, campaign: CampaignId, ids: &[String]) -> Result<Vec<participation::Model>> {
    let mut check = Check::default();
    let mut seen = HashSet::new();
    let read: Vec<CreatorId> = ids.iter().filter_map(|id| id.parse().ok()).filter(|id| seen.insert(*id)).collect();
    check.that("creator_ids", !ids.is_empty(), || Wrong::new(Code::Required, "participations.problem.nobody"));
    check.that("creator_ids", read.len() <= MOST, || Wrong::new(Code::TooLong, "participations.problem.too_many").with("most", MOST));
    check.all(())?;
    let tx = app.begin().await?;
    let campaign = campaigns::queries::one_for_update(&tx, by, campaign).await?;
    if !takes_candidates(&campaign) {
        return Err(Problem::whole(Code::WrongState, "participations.problem.over").into());
    }
    let visible = creator::Entity::find().filter(creator::Column::Id.is_in(read.iter().copied())).filter(Eyes::from(&**by).see());
    let known: HashSet<CreatorId> = visible.all(tx.db()).await?.into_iter().map(|row| row.id).collect();
    let found: Vec<CreatorId> = read.into_iter().filter(|id| known.contains(id)).collect();
    if found.is_empty() {
        return Err(Problem::new("creator_ids", Wrong::new(Code::NotFound, "base.problem.not_found")).into());
    }
    let mut rows = shortlist_in(&tx, &campaign, &found).await?;
    let fresh = rows.values().filter(|row| row.created_at == tx.now && row.state == ParticipationState::Shortlisted).count();
    if fresh > 0 {
        let event = Event::new("campaign.shortlisted", campaign.id).org(by.org()).by(by.user_id());
        tx.record(event.with(serde_json::json!({ "n": fresh }))).await?;
    }
    tx.commit().await?;
    Ok(found.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Whether somebody may still be noted for a campaign: also before it recruits.
pub fn takes_candidates(campaign: &campaign::Model) -> bool {
    campaigns::rules::may_edit(campaign.state)
}

/// Takes a creator off the short list. Who was asked before stays in the records.
pub async fn unlist(app: &App, by: &Manager<'_>, id: ParticipationId) -> Result<participation::Model> {
    let tx = app.begin().await?;
    let row = queries::of_member_for_update(&tx, by, id).await?;
    let asked = invitation::Entity::find().filter(invitation::Column::ParticipationId.eq(id)).count(tx.db()).await?;
    if row.state != ParticipationState::Shortlisted || asked > 0 {
        return Err(Problem::whole(Code::WrongState, "participations.problem.state").into());
    }
    row.clone().delete(tx.db()).await?;
    let event = Event::new("campaign.unlisted", row.campaign_id).org(by.org()).by(by.user_id());
    tx.record(event.with(serde_json::json!({ "creator": row.creator_id }))).await?;
    tx.commit().await?;
    Ok(row)
}
