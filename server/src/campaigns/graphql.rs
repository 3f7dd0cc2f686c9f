//! Campaigns in GraphQL: for members of the organisation only. Creators read a `Job`.

use std::{
    collections::HashMap,
    sync::Arc,
};

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject, connection::Connection, dataloader::Loader};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    brand, brief, campaign,
    enums::{BriefState, CampaignState, Goal, Kpi, ParticipationState, RecruitMode},
    ids::{BrandId, CampaignId},
    participation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    queries,
    queries::{Filter, Order},
    rules::{self, Gap, Move, Typed, TypedFormat, TypedKpi, TypedTarget},
};
use crate::{
    base::{lang::Lang, paging::Cursor},
    briefs::{self, graphql::Brief},
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        names::{Work, WorkInput},
        outcome::answer,
        rows::Rows,
        scalars::{Long, Money, MoneyInput, connection, slice},
    },
    load_by_id,
    organisations::graphql::Organisation,
    participations::graphql::{Participation, ParticipationStateName, PublishedOf, fault},
    payload,
};

/// The life of a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CampaignState", name = "CampaignState")]
pub enum CampaignStateName {
    /// Being prepared; no creator knows of it.
    Draft,
    /// Creators are being asked.
    Recruiting,
    /// The work is on; creators may still be asked.
    Active,
    /// Nobody is asked for a while.
    Paused,
    /// The posts are out; figures come in.
    Measuring,
    /// All is done.
    Completed,
    /// Completed and out of sight.
    Archived,
    /// Ended before its time.
    Cancelled,
}

/// What a campaign is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Goal", name = "CampaignGoal")]
pub enum GoalName {
    /// To be known: measured by reach, impressions, shares
    Awareness,
    /// To be liked: measured by new followers, UGC, comments, mail subscribers
    Loyalty,
    /// To be bought: measured by web traffic, purchases
    Sales,
}

/// What a goal is measured by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Kpi", name = "Kpi")]
pub enum KpiName {
    /// People who saw a post (awareness)
    Reach,
    /// How often posts were shown (awareness)
    Impressions,
    /// How often posts were shared (awareness)
    Shares,
    /// New followers of the brand (loyalty)
    NewFollowers,
    /// Posts that others made of their own will (loyalty)
    Ugc,
    /// Comments (loyalty)
    Comments,
    /// New subscribers of the brand's mails (loyalty)
    MailSubscribers,
    /// Visits to the brand's site (sales)
    WebTraffic,
    /// Purchases (sales)
    Purchases,
}

/// Who may come into a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RecruitMode", name = "RecruitMode")]
pub enum RecruitModeName {
    /// Whom the brand invites
    Invite,
    /// Whoever applies
    Open,
    /// Both
    Both,
}

/// What may be done with a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CampaignAction {
    /// Change its figures: `campaignEdit`.
    Edit,
    /// Ask creators from now on: `campaignRecruit`. Only with nothing in `missingToRecruit`.
    Recruit,
    /// The work begins: `campaignActivate`.
    Activate,
    /// Ask nobody for a while: `campaignPause`.
    Pause,
    /// Go on: `campaignResume`.
    Resume,
    /// The posts are out: `campaignMeasure`.
    Measure,
    /// All is done: `campaignComplete`.
    Complete,
    /// Put it out of sight: `campaignArchive`.
    Archive,
    /// End it before its time, for good: `campaignCancel`.
    Cancel,
    /// Open a new draft like it: `campaignCopy`.
    Copy,
}

impl From<Move> for CampaignAction {
    fn from(step: Move) -> Self {
        match step {
            Move::Recruit => Self::Recruit,
            Move::Activate => Self::Activate,
            Move::Pause => Self::Pause,
            Move::Resume => Self::Resume,
            Move::Measure => Self::Measure,
            Move::Complete => Self::Complete,
            Move::Archive => Self::Archive,
            Move::Cancel => Self::Cancel,
        }
    }
}

/// A thing that recruiting needs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Gap", name = "CampaignGapKind")]
pub enum GapName {
    /// A published brief
    Brief,
    /// The advertising disclosure in the brief's English text
    DisclosureEn,
    /// The advertising disclosure in the brief's Japanese text
    DisclosureJa,
    /// A goal
    Goal,
    /// A figure to reach
    Kpis,
    /// A budget
    Budget,
    /// The first and the last day
    Dates,
    /// A last day that is not over
    Over,
}

/// Something that is missing before creators may be asked.
#[derive(SimpleObject)]
pub struct CampaignGap {
    /// What is missing.
    kind: GapName,
    /// The input field that mends it, such as `["budget"]`, or of `briefEdit`, such as `["full", "disclosure", "ja"]`.
    field: Vec<String>,
    /// A sentence in the caller's language.
    message: String,
}

impl CampaignGap {
    fn of(gap: Gap, locale: entity::enums::Locale) -> Self {
        let field = match gap {
            Gap::Dates => vec!["startsOn".to_owned()],
            Gap::Over => vec!["endsOn".to_owned()],
            other => other.field().split('.').map(str::to_owned).collect(),
        };
        Self { kind: gap.into(), field, message: locale.t(gap.key()).into() }
    }
}

/// A figure that a campaign wants to reach.
#[derive(SimpleObject)]
pub struct CampaignKpi {
    /// What is counted.
    kpi: KpiName,
    /// How many.
    target: Long,
}

/// Whom a campaign wants to reach. Every part may be open.
#[derive(SimpleObject)]
pub struct AudienceTargetInfo {
    /// `female` or `male`; null for everybody.
    gender: Option<String>,
    /// Age bands such as `18-24`; none = all.
    age_bands: Vec<String>,
    /// Countries by ISO 3166-1 alpha-2; none = all.
    countries: Vec<String>,
    /// Interests, in the brand's words.
    interests: Vec<String>,
    /// Life style, values, online behaviour, in the brand's words; null while open.
    persona: Option<String>,
}

/// How many creators are in one state.
#[derive(SimpleObject)]
pub struct CampaignFunnelStep {
    /// The state.
    state: ParticipationStateName,
    /// How many creators.
    count: Long,
}

/// A campaign, with all that its brand knows.
pub struct Campaign(pub campaign::Model);

/// A campaign, with all that its brand knows.
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
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        Ok(ctx.rows()?.load_one(self.0.org_id).await.map_err(fault)?.map(Organisation))
    }
    /// The id of the brand label.
    async fn brand_id(&self) -> ID {
        self.0.brand_id.to_string().into()
    }
    /// The name of the brand label under which it runs; null if the label is gone.
    async fn brand_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.rows()?.load_one(LabelOf(self.0.brand_id)).await.map_err(fault)?.map(|b| b.name))
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
    async fn starts_on(&self) -> Option<NaiveDate> {
        self.0.starts_on
    }
    /// The last day; null while open.
    async fn ends_on(&self) -> Option<NaiveDate> {
        self.0.ends_on
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
        Ok(ctx.rows()?.load_one(PublishedOf(self.0.id)).await.map_err(fault)?.map(Brief))
    }
    /// The open draft of the brief; null if there is none.
    async fn draft_brief(&self, ctx: &Context<'_>) -> Result<Option<Brief>> {
        Ok(ctx.rows()?.load_one(DraftOf(self.0.id)).await.map_err(fault)?.map(Brief))
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
        let counts = ctx.rows()?.load_one(FunnelOf(self.0.id)).await.map_err(fault)?.unwrap_or_default();
        Ok(counts.into_iter().map(|(state, n)| CampaignFunnelStep { state: state.into(), count: Long(n) }).collect())
    }
    /// Its creators, the newest first.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in these states.")] states: Option<Vec<ParticipationStateName>>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Participation>> {
        let slice = slice(after, before, first, last)?;
        let states: Vec<ParticipationState> = states.unwrap_or_default().into_iter().map(Into::into).collect();
        let page = crate::participations::queries::of_campaign(ctx.app()?.db(), ctx.member()?, self.0.id, &states, slice).await?;
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
        let published = ctx.rows()?.load_one(PublishedOf(self.0.id)).await.map_err(fault)?;
        Ok(rules::missing_to_recruit(&self.0, published.as_ref(), queries::today(ctx.member()?, ctx.app()?.clock.now())))
    }
}

load_by_id!(CampaignId, campaign);

/// A brand label, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LabelOf(BrandId);

impl Loader<LabelOf> for Rows {
    type Value = brand::Model;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[LabelOf]) -> Result<HashMap<LabelOf, brand::Model>, Self::Error> {
        let rows = brand::Entity::find()
            .filter(brand::Column::Id.is_in(keys.iter().map(|k| k.0)))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(rows.into_iter().map(|row| (LabelOf(row.id), row)).collect())
    }
}

/// The open draft of a campaign's brief, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DraftOf(CampaignId);

impl Loader<DraftOf> for Rows {
    type Value = brief::Model;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[DraftOf]) -> Result<HashMap<DraftOf, brief::Model>, Self::Error> {
        let rows = brief::Entity::find()
            .filter(brief::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .filter(brief::Column::State.eq(BriefState::Draft))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(rows.into_iter().map(|row| (DraftOf(row.campaign_id), row)).collect())
    }
}

/// How many creators of a campaign are in each state, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct FunnelOf(CampaignId);

impl Loader<FunnelOf> for Rows {
    type Value = Vec<(ParticipationState, i64)>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[FunnelOf]) -> Result<HashMap<FunnelOf, Self::Value>, Self::Error> {
        let rows: Vec<(CampaignId, ParticipationState, i64)> = participation::Entity::find()
            .select_only()
            .column(participation::Column::CampaignId)
            .column(participation::Column::State)
            .column_as(participation::Column::Id.count(), "n")
            .filter(participation::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .group_by(participation::Column::CampaignId)
            .group_by(participation::Column::State)
            .into_tuple()
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        let mut out: HashMap<FunnelOf, Self::Value> = HashMap::new();
        for (campaign, state, n) in rows {
            out.entry(FunnelOf(campaign)).or_default().push((state, n));
        }
        for counts in out.values_mut() {
            counts.sort_unstable_by_key(|(state, _)| *state);
        }
        Ok(out)
    }
}

/// A campaign for `node`: the organisation's own.
pub(crate) async fn campaign_node(ctx: &Context<'_>, id: CampaignId) -> Result<Option<Campaign>> {
    queries::one(ctx.app()?.db(), ctx.member()?, id).await.map(|row| Some(Campaign(row)))
}

/// Which campaigns are asked for.
#[derive(InputObject, Default)]
pub struct CampaignFilter {
    /// In one of these states.
    states: Option<Vec<CampaignStateName>>,
    /// A part of the name, in any width, case and kana.
    search: Option<String>,
}

/// By what campaigns are ordered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Order", name = "CampaignOrderField")]
pub enum CampaignOrderField {
    /// When it was opened
    Created,
    /// When it was last changed
    Updated,
    /// Its name
    Name,
    /// Its first day; open ones come last
    Starts,
}

/// The order of a list of campaigns.
#[derive(InputObject)]
pub struct CampaignOrder {
    /// By what.
    field: CampaignOrderField,
    /// Downwards: the newest, the last of the alphabet first.
    #[graphql(default)]
    descending: bool,
}

/// Queries of campaigns.
#[derive(Default)]
pub struct CampaignsQuery;

/// Queries of campaigns.
#[Object]
impl CampaignsQuery {
    /// One campaign of the organisation; null if there is none by this id.
    async fn campaign(&self, ctx: &Context<'_>, #[graphql(desc = "The campaign's id.")] id: ID) -> Result<Option<Campaign>> {
        let Ok(id) = id.parse::<CampaignId>() else { return Ok(None) };
        match queries::one(ctx.app()?.db(), ctx.member()?, id).await {
            Ok(row) => Ok(Some(Campaign(row))),
            Err(Error::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The organisation's campaigns; the newest first unless asked otherwise.
    #[expect(clippy::too_many_arguments, reason = "Relay's four beside filter and order")]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<CampaignFilter>,
        #[graphql(desc = "In this order; null = the newest first.")] order_by: Option<CampaignOrder>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Campaign>> {
        let slice = slice(after, before, first, last)?;
        let asked = filter.unwrap_or_default();
        let filter = Filter {
            states: asked.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            search: asked.search.unwrap_or_default(),
        };
        let (order, descending) = order_by.map_or((Order::Created, true), |o| (o.field.into(), o.descending));
        Ok(connection(queries::list(ctx.app()?.db(), ctx.member()?, &filter, order, descending, slice).await?, Campaign))
    }
}

/// A figure to reach.
#[derive(InputObject)]
pub struct CampaignKpiInput {
    /// What is counted; it must belong to the goal.
    kpi: KpiName,
    /// How many, from 1.
    target: Long,
}

/// Whom a campaign wants to reach; the whole of it, replacing what was there.
#[derive(InputObject)]
pub struct AudienceTargetInput {
    /// `female` or `male`; null for everybody.
    gender: Option<String>,
    /// Of `13-17`, `18-24`, `25-34`, `35-44`, `45-54`, `55-64`, `65+`; none = all.
    #[graphql(default)]
    age_bands: Vec<String>,
    /// ISO 3166-1 alpha-2; none = all.
    #[graphql(default)]
    countries: Vec<String>,
    /// Up to 20 words.
    #[graphql(default)]
    interests: Vec<String>,
    /// Life style, values, online behaviour; at most 1,000 characters.
    persona: Option<String>,
}

macro_rules! campaign_inputs {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(InputObject)]
        pub struct $name {
            $($(#[$fdoc])* $field: $ty,)*
            /// The brand label; may be left out at creation if the organisation has only one.
            brand_id: Option<ID>,
            /// What it is for; null = still open.
            goal: MaybeUndefined<GoalName>,
            /// All figures to reach, each of the goal.
            kpis: Option<Vec<CampaignKpiInput>>,
            /// What may be spent; null = still open.
            budget: MaybeUndefined<MoneyInput>,
            /// The first day; null = still open.
            starts_on: MaybeUndefined<NaiveDate>,
            /// The last day, after the first; null = still open.
            ends_on: MaybeUndefined<NaiveDate>,
            /// Whom it wants to reach.
            target: Option<AudienceTargetInput>,
            /// All kinds of posts that it asks for.
            formats: Option<Vec<WorkInput>>,
            /// Who may come in.
            recruit_mode: Option<RecruitModeName>,
        }
        impl $name {
            fn typed(self, name: Option<String>) -> Typed {
                let (budget, currency) = match self.budget {
                    MaybeUndefined::Undefined => (None, None),
                    MaybeUndefined::Null => (Some(String::new()), None),
                    MaybeUndefined::Value(money) => {
                        let (amount, currency) = money.into_form();
                        (Some(amount), Some(currency))
                    }
                };
                Typed {
                    name,
                    brand: self.brand_id.map(|id| id.to_string()),
                    goal: weak(self.goal.map_value(|g| Goal::from(g).to_string())),
                    kpis: self.kpis.map(|all| {
                        all.into_iter().map(|k| TypedKpi { kpi: Kpi::from(k.kpi).to_string(), target: k.target.0.to_string() }).collect()
                    }),
                    budget,
                    currency,
                    starts_on: weak(self.starts_on.map_value(|d| d.to_string())),
                    ends_on: weak(self.ends_on.map_value(|d| d.to_string())),
                    target: self.target.map(|t| TypedTarget {
                        gender: t.gender.unwrap_or_default(),
                        age_bands: t.age_bands,
                        countries: t.countries,
                        interests: t.interests.join("\n"),
                        persona: t.persona.unwrap_or_default(),
                    }),
                    formats: self.formats.map(|all| {
                        let text = |work: WorkInput| TypedFormat {
                            network: entity::enums::Network::from(work.network).to_string(),
                            format: entity::enums::Format::from(work.format).to_string(),
                        };
                        all.into_iter().map(text).collect()
                    }),
                    recruit_mode: self.recruit_mode.map(|m| RecruitMode::from(m).to_string()),
                }
            }
        }
    )*};
}

/// Absent stays as it is, null opens it again.
fn weak(value: MaybeUndefined<String>) -> Option<String> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(String::new()),
        MaybeUndefined::Value(text) => Some(text),
    }
}

campaign_inputs! {
    /// A new campaign. A name is enough; the rest may come later.
    CampaignCreateInput {
        /// Its name, at most 80 characters; creators see it.
        name: String,
    }
    /// What changes in a campaign; what is left out stays.
    CampaignEditInput {
        /// The campaign's id.
        id: ID,
        /// Its name, at most 80 characters; creators see it.
        name: Option<String>,
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $input:ident => $(#[$pdoc:meta])* $payload:ident;)*) => {
        $($(#[$doc])*
        #[derive(InputObject)]
        pub struct $input {
            /// The campaign's id.
            id: ID,
        })*
        payload! {$(
            $(#[$pdoc])*
            $payload {
                /// The campaign as it is now.
                campaign: Campaign,
            }
        )*}
    };
}

steps! {
    /// Which campaign begins to ask creators.
    CampaignRecruitInput =>
    /// The answer to `campaignRecruit`.
    CampaignRecruitPayload;
    /// Which campaign's work begins.
    CampaignActivateInput =>
    /// The answer to `campaignActivate`.
    CampaignActivatePayload;
    /// Which campaign pauses.
    CampaignPauseInput =>
    /// The answer to `campaignPause`.
    CampaignPausePayload;
    /// Which campaign goes on.
    CampaignResumeInput =>
    /// The answer to `campaignResume`.
    CampaignResumePayload;
    /// Which campaign is measured from now on.
    CampaignMeasureInput =>
    /// The answer to `campaignMeasure`.
    CampaignMeasurePayload;
    /// Which campaign is done.
    CampaignCompleteInput =>
    /// The answer to `campaignComplete`.
    CampaignCompletePayload;
    /// Which campaign goes out of sight.
    CampaignArchiveInput =>
    /// The answer to `campaignArchive`.
    CampaignArchivePayload;
    /// Which campaign ends before its time.
    CampaignCancelInput =>
    /// The answer to `campaignCancel`.
    CampaignCancelPayload;
    /// Which campaign a new draft is made from.
    CampaignCopyInput =>
    /// The answer to `campaignCopy`: the new draft.
    CampaignCopyPayload;
}

payload! {
    /// The answer to `campaignCreate`.
    CampaignCreatePayload {
        /// The new draft.
        campaign: Campaign,
    }
    /// The answer to `campaignEdit`.
    CampaignEditPayload {
        /// The campaign as it is now.
        campaign: Campaign,
    }
}

/// Mutations of campaigns.
#[derive(Default)]
pub struct CampaignsMutation;

macro_rules! run {
    ($ctx:ident, $input:ident, $verb:ident => $payload:ident) => {{
        let by = $ctx.member()?.manager()?;
        let done = async { super::$verb($ctx.app()?, &by, id(&$input.id)?).await };
        answer($ctx, done.await.map(|row| $payload { campaign: Some(Campaign(row)), ..Default::default() }))
    }};
}

/// Mutations of campaigns.
#[Object]
impl CampaignsMutation {
    /// Opens a draft. Managers and owners.
    async fn campaign_create(&self, ctx: &Context<'_>, mut input: CampaignCreateInput) -> Result<CampaignCreatePayload> {
        let by = ctx.member()?.manager()?;
        let name = std::mem::take(&mut input.name);
        let done = super::create(ctx.app()?, &by, input.typed(Some(name))).await;
        answer(ctx, done.map(|row| CampaignCreatePayload { campaign: Some(Campaign(row)), ..Default::default() }))
    }

    /// Changes a campaign. What creators were asked with cannot be taken away again. Managers and owners.
    async fn campaign_edit(&self, ctx: &Context<'_>, mut input: CampaignEditInput) -> Result<CampaignEditPayload> {
        let by = ctx.member()?.manager()?;
        let name = input.name.take();
        let done = async { super::edit(ctx.app()?, &by, id(&input.id)?, input.typed(name)).await };
        answer(ctx, done.await.map(|row| CampaignEditPayload { campaign: Some(Campaign(row)), ..Default::default() }))
    }

    /// Begins to ask creators; what is missing comes back beside its part. Managers and owners.
    async fn campaign_recruit(&self, ctx: &Context<'_>, input: CampaignRecruitInput) -> Result<CampaignRecruitPayload> {
        run!(ctx, input, recruit => CampaignRecruitPayload)
    }

    /// The work begins; creators may still be asked. Managers and owners.
    async fn campaign_activate(&self, ctx: &Context<'_>, input: CampaignActivateInput) -> Result<CampaignActivatePayload> {
        run!(ctx, input, activate => CampaignActivatePayload)
    }

    /// Asks nobody for a while. Managers and owners.
    async fn campaign_pause(&self, ctx: &Context<'_>, input: CampaignPauseInput) -> Result<CampaignPausePayload> {
        run!(ctx, input, pause => CampaignPausePayload)
    }

    /// Goes on where it was paused. Managers and owners.
    async fn campaign_resume(&self, ctx: &Context<'_>, input: CampaignResumeInput) -> Result<CampaignResumePayload> {
        run!(ctx, input, resume => CampaignResumePayload)
    }

    /// The posts are out; only figures come in from now on. Managers and owners.
    async fn campaign_measure(&self, ctx: &Context<'_>, input: CampaignMeasureInput) -> Result<CampaignMeasurePayload> {
        run!(ctx, input, measure => CampaignMeasurePayload)
    }

    /// All is done. Managers and owners.
    async fn campaign_complete(&self, ctx: &Context<'_>, input: CampaignCompleteInput) -> Result<CampaignCompletePayload> {
        run!(ctx, input, complete => CampaignCompletePayload)
    }

    /// Puts a completed campaign out of sight. Managers and owners.
    async fn campaign_archive(&self, ctx: &Context<'_>, input: CampaignArchiveInput) -> Result<CampaignArchivePayload> {
        run!(ctx, input, archive => CampaignArchivePayload)
    }

    /// Ends a campaign before its time, for good; creators who are in it are told by mail. Managers and owners.
    async fn campaign_cancel(&self, ctx: &Context<'_>, input: CampaignCancelInput) -> Result<CampaignCancelPayload> {
        run!(ctx, input, cancel => CampaignCancelPayload)
    }

    /// Opens a new draft with the figures and the newest brief of a campaign, without dates and creators. Managers and owners.
    async fn campaign_copy(&self, ctx: &Context<'_>, input: CampaignCopyInput) -> Result<CampaignCopyPayload> {
        run!(ctx, input, copy => CampaignCopyPayload)
    }
}
