//! A brand notes whom it may ask, and takes them off again. The creator does not hear of either.

use std::collections::HashSet;

use entity::{
    creator,
    enums::{CampaignState, ParticipationState},
    ids::{CampaignId, CreatorId, ParticipationId},
    participation,
};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter};

use super::{
    queries,
    rules::{self, Move},
    shortlist_in,
};
use crate::{
    app::App,
    auth::actors::Manager,
    campaigns,
    creators::queries::Eyes,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// How many creators may be put on a shortlist in one go.
pub const MOST: usize = 500;

/// What came of it.
#[derive(Debug)]
pub struct Noted {
    /// All of them as they are now.
    pub rows: Vec<participation::Model>,
    /// How many of them are new on the shortlist; the others were in the campaign already.
    pub added: usize,
}

/// Puts creators on a campaign's shortlist; `ids` are weak strings, and whoever is in the campaign already stays as they are.
pub async fn shortlist(app: &App, by: &Manager<'_>, campaign: CampaignId, ids: &[String]) -> Result<Noted> {
    let mut check = Check::default();
    let mut seen = HashSet::new();
    let read: Vec<CreatorId> = ids.iter().filter_map(|id| id.parse().ok()).filter(|id| seen.insert(*id)).collect();
    check.that("creator_ids", !ids.is_empty(), || Wrong::new(Code::Required, "participations.problem.nobody"));
    check.that("creator_ids", read.len() <= MOST, || Wrong::new(Code::TooLong, "participations.problem.too_many").with("most", MOST));
    check.all(())?;
    let tx = app.begin().await?;
    let campaign = campaigns::queries::one_for_update(&tx, by, campaign).await?;
    if !TAKES_CANDIDATES.contains(&campaign.state) {
        return Err(Problem::whole(Code::WrongState, "participations.problem.over").into());
    }
    let visible = creator::Entity::find().filter(creator::Column::Id.is_in(read.iter().copied())).filter(Eyes::from(&**by).see());
    let known: HashSet<CreatorId> = visible.all(tx.db()).await?.into_iter().map(|row| row.id).collect();
    let found: Vec<CreatorId> = read.into_iter().filter(|id| known.contains(id)).collect();
    if found.is_empty() {
        return Err(Problem::new("creator_ids", Wrong::new(Code::NotFound, "base.problem.not_found")).into());
    }
    let mut rows = shortlist_in(&tx, &campaign, &found).await?;
    let added = rows.values().filter(|row| row.created_at == tx.now && row.state == ParticipationState::Shortlisted).count();
    if added > 0 {
        let event = Event::new("campaign.shortlisted", campaign.id).org(by.org()).by(by.user_id());
        tx.record(event.with(serde_json::json!({ "n": added }))).await?;
    }
    tx.commit().await?;
    Ok(Noted { rows: found.iter().filter_map(|id| rows.remove(id)).collect(), added })
}

/// In these states of a campaign somebody may still be noted for it: also before it recruits.
pub const TAKES_CANDIDATES: &[CampaignState] =
    &[CampaignState::Draft, CampaignState::Recruiting, CampaignState::Active, CampaignState::Paused];

/// Takes a creator off the shortlist. Who was asked before stays in the records.
pub async fn unlist(app: &App, by: &Manager<'_>, id: ParticipationId) -> Result<participation::Model> {
    let tx = app.begin().await?;
    let row = queries::of_member_for_update(&tx, by, id).await?;
    rules::brand_may(row.state, queries::was_asked(tx.db(), id).await?, Move::Unlist)?;
    row.clone().delete(tx.db()).await?;
    let event = Event::new("campaign.unlisted", row.campaign_id).org(by.org()).by(by.user_id());
    tx.record(event.with(serde_json::json!({ "creator": row.creator_id }))).await?;
    tx.commit().await?;
    Ok(row)
}
