//! What can be done with campaigns.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::enums::{Goal, Kpi, RecruitMode};

use super::{Campaign, GoalName, KpiName, RecruitModeName};
use crate::{
    campaigns::{
        self,
        rules::{Typed, TypedFormat, TypedKpi, TypedTarget},
    },
    error::Result,
    graph::{
        context::{Ask, id},
        names::WorkInput,
        outcome::answer,
        scalars::{Date, Long, MoneyInput},
    },
    payload,
};

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
            starts_on: MaybeUndefined<Date>,
            /// The last day, after the first; null = still open.
            ends_on: MaybeUndefined<Date>,
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
        let done = async { campaigns::$verb($ctx.app()?, &by, id(&$input.id)?).await };
        answer($ctx, done.await.map(|row| $payload { campaign: Some(Campaign(row.into())), ..Default::default() }))
    }};
}

/// Mutations of campaigns.
#[Object]
impl CampaignsMutation {
    /// Opens a draft. Managers and owners.
    async fn campaign_create(&self, ctx: &Context<'_>, mut input: CampaignCreateInput) -> Result<CampaignCreatePayload> {
        let by = ctx.member()?.manager()?;
        let name = std::mem::take(&mut input.name);
        let done = campaigns::create(ctx.app()?, &by, input.typed(Some(name))).await;
        answer(ctx, done.map(|row| CampaignCreatePayload { campaign: Some(Campaign(row.into())), ..Default::default() }))
    }

    /// Changes a campaign. What creators were asked with cannot be taken away again. Managers and owners.
    async fn campaign_edit(&self, ctx: &Context<'_>, mut input: CampaignEditInput) -> Result<CampaignEditPayload> {
        let by = ctx.member()?.manager()?;
        let name = input.name.take();
        let done = async { campaigns::edit(ctx.app()?, &by, id(&input.id)?, input.typed(name)).await };
        answer(ctx, done.await.map(|row| CampaignEditPayload { campaign: Some(Campaign(row.into())), ..Default::default() }))
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
