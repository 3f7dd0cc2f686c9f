//! Briefs in GraphQL. The full text answers null to everybody but members of the organisation and creators who have joined (K15).

pub mod inputs;
mod texts;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    brief, brief_ack,
    enums::BriefState,
    ids::{BriefId, CampaignId, CreatorId, ParticipationId},
    participation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

pub(crate) use inputs::proposed_disclosure;
pub use inputs::{BriefsMutation, BriefsQuery};
pub use texts::*;

use super::{
    queries,
    rules::{self, Due},
};
use crate::{
    campaigns::graphql::Campaign,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask},
        rows::{Row, Rows},
        scalars::LocaleName,
    },
    participations::{graphql::PublishedOf, rules::joined},
};

/// A version of a campaign's brief. A published version never changes.
pub struct Brief(pub Row<brief::Model>);

/// A version of a campaign's brief. A published version never changes.
/// A version of a campaign's brief. A published version never changes.
#[Object]
impl Brief {
    /// The version's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its number, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }
    /// Where it stands.
    async fn state(&self) -> BriefStateName {
        self.0.state.into()
    }
    /// When it was published; null for a draft.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }
    /// The languages in which all of the teaser is written.
    async fn languages(&self) -> Vec<LocaleName> {
        crate::campaigns::rules::languages(&self.0.teaser).into_iter().map(Into::into).collect()
    }
    /// What whoever holds an invitation reads.
    async fn teaser(&self) -> BriefTeaser {
        BriefTeaser(self.0.teaser.clone())
    }
    /// The full text; null unless the caller is a member of the organisation or a creator who has joined.
    async fn full(&self, ctx: &Context<'_>) -> Result<Option<BriefFull>> {
        Ok(self.reads_full(ctx).await?.then(|| BriefFull(self.0.full.clone())))
    }
    /// Whether terms may be worse for creators than in the version before, so that consent is asked.
    async fn worsens(&self) -> bool {
        self.0.worsens
    }
    /// What it changed against the version before; null for the first, and for those who may not read the full text.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Option<Vec<BriefChange>>> {
        if !self.reads_full(ctx).await? {
            return Ok(None);
        }
        let versions = ctx.rows()?.load_one(VersionsOf(self.0.campaign_id)).await?.unwrap_or_default();
        let Some(before) = versions.iter().rev().find(|b| b.version < self.0.version) else { return Ok(None) };
        let dates = match self.0.state {
            BriefState::Draft => {
                let campaign = ctx.rows()?.load_one(self.0.campaign_id).await?;
                campaign.map_or((None, None), |c| (c.starts_on, c.ends_on))
            }
            BriefState::Published | BriefState::Superseded => (self.0.starts_on, self.0.ends_on),
        };
        Ok(Some(rules::changes(before, &self.0, dates).into_iter().map(BriefChange).collect()))
    }
    /// When the calling creator acknowledged this version; null for others, and before.
    async fn acknowledged_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let Some(place) = self.place(ctx).await? else { return Ok(None) };
        let acks = ctx.rows()?.load_one(AcksOf(place.id)).await?.unwrap_or_default();
        Ok(acks.iter().find(|a| a.brief_id == self.0.id).map(|a| a.at))
    }
    /// Whether the calling creator has joined and has not yet acknowledged this version; null for others.
    async fn must_acknowledge(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !matches!(ctx.cx()?.actor, Actor::Creator(_)) {
            return Ok(None);
        }
        Ok(Some(self.due(ctx).await?.is_some()))
    }
    /// Whether acknowledging this version also means consent to terms that may be worse; null for all but the creator.
    async fn asks_consent(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !matches!(ctx.cx()?.actor, Actor::Creator(_)) {
            return Ok(None);
        }
        Ok(Some(self.due(ctx).await? == Some(Due::Consent)))
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<BriefAction>> {
        let mut out = Vec::new();
        match &ctx.cx()?.actor {
            Actor::Creator(_) if self.due(ctx).await?.is_some() => out.push(BriefAction::Acknowledge),
            Actor::Member(member) if self.0.state == BriefState::Draft && member.org() == self.0.org_id && member.manager().is_ok() => {
                let Some(campaign) = ctx.rows()?.load_one(self.0.campaign_id).await? else { return Ok(out) };
                if rules::may_edit(&campaign).is_ok() {
                    out.push(BriefAction::Edit);
                    let before = ctx.rows()?.load_one(PublishedOf(self.0.campaign_id)).await?;
                    if rules::publishable(&self.0, before.as_deref(), &campaign, member.organization().locale).is_ok() {
                        out.push(BriefAction::Publish);
                    }
                }
            }
            _ => {}
        }
        Ok(out)
    }
    /// The campaign; null for creators, who read `Participation.job`.
    async fn campaign(&self, ctx: &Context<'_>) -> Result<Option<Campaign>> {
        match &ctx.cx()?.actor {
            Actor::Member(member) if member.org() == self.0.org_id => Ok(ctx.rows()?.load_one(self.0.campaign_id).await?.map(Campaign)),
            _ => Ok(None),
        }
    }
}

impl Brief {
    /// The calling creator's place in the campaign.
    async fn place(&self, ctx: &Context<'_>) -> Result<Option<participation::Model>> {
        let Actor::Creator(by) = &ctx.cx()?.actor else { return Ok(None) };
        ctx.rows()?.load_one(PlaceOf(self.0.campaign_id, by.id())).await
    }

    async fn reads_full(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(match &ctx.cx()?.actor {
            Actor::Member(member) => member.org() == self.0.org_id,
            Actor::Creator(_) => self.0.state != BriefState::Draft && self.place(ctx).await?.is_some_and(|place| joined(place.state)),
            Actor::Nobody | Actor::Undecided(..) | Actor::Admin(_) => false,
        })
    }

    async fn due(&self, ctx: &Context<'_>) -> Result<Option<Due>> {
        if self.0.state != BriefState::Published {
            return Ok(None);
        }
        let Some(place) = self.place(ctx).await? else { return Ok(None) };
        let versions = ctx.rows()?.load_one(VersionsOf(self.0.campaign_id)).await?.unwrap_or_default();
        let acks = ctx.rows()?.load_one(AcksOf(place.id)).await?.unwrap_or_default();
        Ok(rules::due(&place, &versions, acks.iter().max_by_key(|a| a.version)))
    }
}

/// A creator's place in a campaign, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PlaceOf(CampaignId, CreatorId);

impl Loader<PlaceOf> for Rows {
    type Value = participation::Model;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[PlaceOf]) -> Result<HashMap<PlaceOf, participation::Model>, Self::Error> {
        let rows = participation::Entity::find()
            .filter(participation::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .filter(participation::Column::CreatorId.is_in(keys.iter().map(|k| k.1)))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(rows.into_iter().map(|row| (PlaceOf(row.campaign_id, row.creator_id), row)).collect())
    }
}

/// The published versions of a campaign's brief, the oldest first, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct VersionsOf(CampaignId);

impl Loader<VersionsOf> for Rows {
    type Value = Vec<brief::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[VersionsOf]) -> Result<HashMap<VersionsOf, Self::Value>, Self::Error> {
        let rows = brief::Entity::find()
            .filter(brief::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .filter(brief::Column::State.ne(BriefState::Draft))
            .order_by_asc(brief::Column::Version)
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        let mut out: HashMap<VersionsOf, Self::Value> = HashMap::new();
        for row in rows {
            out.entry(VersionsOf(row.campaign_id)).or_default().push(row);
        }
        Ok(out)
    }
}

/// What was acknowledged in a place, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AcksOf(ParticipationId);

impl Loader<AcksOf> for Rows {
    type Value = Vec<brief_ack::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[AcksOf]) -> Result<HashMap<AcksOf, Self::Value>, Self::Error> {
        let rows = brief_ack::Entity::find()
            .filter(brief_ack::Column::ParticipationId.is_in(keys.iter().map(|k| k.0)))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        let mut out: HashMap<AcksOf, Self::Value> = HashMap::new();
        for row in rows {
            out.entry(AcksOf(row.participation_id)).or_default().push(row);
        }
        Ok(out)
    }
}

/// A version for `node`: the organisation's, or one published to the creator.
pub(crate) async fn brief_node(ctx: &Context<'_>, id: BriefId) -> Result<Option<Brief>> {
    let scope = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::open_to(by),
        Actor::Member(by) => queries::own(by),
        Actor::Nobody | Actor::Undecided(..) | Actor::Admin(_) => return Ok(None),
    };
    Ok(Some(Brief(ctx.rows()?.find::<Brief, _, _>(brief::Column::Id, scope, id).await?)))
}
