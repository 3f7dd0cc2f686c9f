//! Campaigns in GraphQL: for members of the organisation only. Creators read a `Job`.

pub mod inputs;
mod names;
pub mod queries;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, connection::Connection, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    brief, campaign,
    enums::{BriefState, CampaignState, ParticipationState},
    ids::CampaignId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

pub use inputs::CampaignsMutation;
pub use names::*;
pub use queries::CampaignsQuery;

use super::{
    queries as reads,
    rules::{self, Gap, Move},
};
use crate::{
    base::paging::Cursor,
    briefs::{self, graphql::Brief},
    error::{Error, Result},
    graph::{
        context::{Actor, Ask},
        names::Work,
        rows::{Row, Rows},
        scalars::{Date, Long, Money, connection, slice},
    },
    load_by_id,
    organisations::graphql::{Brand, Organisation},
    participations::{
        self,
        graphql::{Participation, ParticipationStateName, PublishedOf},
    },
};

/// A campaign, with all that its brand knows.
pub struct Campaign(pub Row<campaign::Model>);

/// A campaign, with all that its brand knows.
/// A campaign of an organisation, with all that its brand knows. Only members of the organisation see it; creators read a `Job`.
#[Object]
impl Campaign {
    /// The campaign's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its name; creators see it too.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Where it stands.
    async fn state(&self) -> CampaignStateName {
        self.0.state.into()
    }
    /// Where a pause returns to; null unless it is paused.
    async fn paused_from(&self) -> Option<CampaignStateName> {
        self.0.paused_from.map(Into::into)
    }
    /// What the caller may do now; empty for analysts.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<CampaignAction>> {
        match &ctx.cx()?.actor {
            Actor::Member(member) if member.org() == self.0.org_id && member.manager().is_ok() => {}
            _ => return Ok(Vec::new()),
        }
        let mut out: Vec<CampaignAction> = Vec::new();
        if rules::may_edit(self.0.state) {
            out.push(CampaignAction::Edit);
        }
        for step in rules::moves(&self.0) {
            if step != Move::Recruit || self.gaps(ctx).await?.is_empty() {
                out.push(step.into());
            }
        }
        out.push(CampaignAction::Copy);
        Ok(out)
    }
    /// What is missing before creators may be asked; empty once recruiting has begun.
    async fn missing_to_recruit(&self, ctx: &Context<'_>) -> Result<Vec<CampaignGap>> {
        let locale = ctx.locale();
        Ok(self.gaps(ctx).await?.into_iter().map(|gap| CampaignGap::of(gap, locale)).collect())
    }
    /// The organisation that runs it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        Ok(ctx.rows()?.load_one(self.0.org_id).await?.map(Organisation))
    }
    /// The brand label under which it runs; null if the label is gone.
    async fn brand(&self, ctx: &Context<'_>) -> Result<Option<Brand>> {
        Ok(ctx.rows()?.load_one(self.0.brand_id).await?.map(Brand))
    }
    /// What it is for; null while open.
    async fn goal(&self) -> Option<GoalName> {
        self.0.goal.map(Into::into)
    }
    /// The figures that it wants to reach.
    async fn kpis(&self) -> Vec<CampaignKpi> {
        self.0.kpis.0.iter().map(|k| CampaignKpi { kpi: k.kpi.into(), target: Long(k.target) }).collect()
    }
    /// What may be spent; null while open. Creators never see it.
    async fn budget(&self) -> Option<Money> {
        self.0.budget_minor.map(|minor| Money::from_row(minor, &self.0.currency))
    }
    /// The first day; null while open.
    async fn starts_on(&self) -> Option<Date> {
        self.0.starts_on.map(Date)
    }
    /// The last day; null while open.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }
    /// Whom it wants to reach.
    async fn target(&self) -> AudienceTargetInfo {
        let target = &self.0.target;
        AudienceTargetInfo {
            gender: Some(target.gender.clone()).filter(|g| !g.is_empty()),
            age_bands: target.age_bands.clone(),
            countries: target.countries.clone(),
            interests: target.interests.clone(),
            persona: Some(target.persona.clone()).filter(|p| !p.is_empty()),
        }
    }
    /// Which kinds of posts it asks for.
    async fn formats(&self) -> Vec<Work> {
        self.0.formats.0.iter().copied().map(Into::into).collect()
    }
    /// Who may come in.
    async fn recruit_mode(&self) -> RecruitModeName {
        self.0.recruit_mode.into()
    }
    /// The published brief; null before there is one.
    async fn brief(&self, ctx: &Context<'_>) -> Result<Option<Brief>> {
        Ok(ctx.rows()?.load_one(PublishedOf(self.0.id)).await?.map(Brief))
    }
    /// The open draft of the brief; null if there is none.
    async fn draft_brief(&self, ctx: &Context<'_>) -> Result<Option<Brief>> {
        Ok(ctx.rows()?.load_one(DraftOf(self.0.id)).await?.map(Brief))
    }
    /// Every version of the brief, the newest first, an open draft among them.
    async fn briefs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Brief>> {
        let slice = slice(after, before, first, last)?;
        Ok(connection(briefs::queries::of_campaign(ctx.app()?.db(), ctx.member()?, self.0.id, slice).await?, Brief))
    }
    /// How many creators are in each state; states without creators are left out.
    async fn funnel(&self, ctx: &Context<'_>) -> Result<Vec<CampaignFunnelStep>> {
        let counts = ctx.rows()?.load_one(FunnelOf(self.0.id)).await?.unwrap_or_default();
        Ok(counts.into_iter().map(|(state, n)| CampaignFunnelStep { state: state.into(), count: Long(n) }).collect())
    }
    /// Its creators, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field")]
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in these states.")] states: Option<Vec<ParticipationStateName>>,
        #[graphql(desc = "Only whose name holds this.")] name: Option<String>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Participation>> {
        let slice = slice(after, before, first, last)?;
        let states = states.unwrap_or_default().into_iter().map(Into::into).collect();
        let which = participations::queries::Which { states, name: name.unwrap_or_default() };
        let (db, by, asked) = (ctx.app()?.db(), ctx.member()?, ctx.look_ahead());
        let page = if asked.field("nodes").field("creator").exists() || asked.field("edges").field("node").field("creator").exists() {
            let rows = ctx.rows()?;
            Box::pin(participations::queries::of_campaign_with_creators(db, by, self.0.id, &which, slice)).await?.map(|(row, creator)| {
                rows.know(row.creator_id, creator.map(Row::from));
                row
            })
        } else {
            Box::pin(participations::queries::of_campaign(db, by, self.0.id, &which, slice)).await?
        };
        Ok(connection(page, Participation))
    }
    /// When it was opened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

impl Campaign {
    async fn gaps(&self, ctx: &Context<'_>) -> Result<Vec<Gap>> {
        if self.0.state != CampaignState::Draft {
            return Ok(Vec::new());
        }
        let published = ctx.rows()?.load_one(PublishedOf(self.0.id)).await?;
        Ok(rules::missing_to_recruit(&self.0, published.as_deref(), reads::today(ctx.member()?, ctx.app()?.clock.now())))
    }
}

load_by_id!(CampaignId, campaign);

/// The open draft of a campaign's brief, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DraftOf(CampaignId);

impl Loader<DraftOf> for Rows {
    type Value = Row<brief::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[DraftOf]) -> Result<HashMap<DraftOf, Self::Value>, Self::Error> {
        let rows = brief::Entity::find()
            .filter(brief::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .filter(brief::Column::State.eq(BriefState::Draft))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(Row::each(rows).map(|row| (DraftOf(row.campaign_id), row)).collect())
    }
}

/// How many creators of a campaign are in each state, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct FunnelOf(CampaignId);

impl Loader<FunnelOf> for Rows {
    type Value = Vec<(ParticipationState, i64)>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[FunnelOf]) -> Result<HashMap<FunnelOf, Self::Value>, Self::Error> {
        let found = reads::funnels(self.app.db(), keys.iter().map(|k| k.0)).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(campaign, counts)| (FunnelOf(campaign), counts)).collect())
    }
}

/// A campaign for `node`: the organisation's own.
pub(crate) async fn campaign_node(ctx: &Context<'_>, id: CampaignId) -> Result<Option<Campaign>> {
    let own = reads::own(ctx.member()?);
    Ok(Some(Campaign(ctx.rows()?.find::<Campaign, _, _>(campaign::Column::Id, own, id).await?)))
}
