//! Briefs in GraphQL. The full text answers null to everybody but members of the organisation and creators who have joined (K15).

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    brief, brief_ack,
    enums::{BriefState, Locale},
    ids::{BriefId, CampaignId, CreatorId, ParticipationId},
    json::{Bilingual, FullBrief},
    participation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Acknowledge, queries,
    rules::{self, Change, Due, Part, Typed},
};
use crate::{
    base::lang::Lang,
    campaigns::graphql::Campaign,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        names::{BilingualInput, BilingualText},
        outcome::answer,
        rows::Rows,
        scalars::LocaleName,
    },
    participations::{
        graphql::{Participation, PublishedOf, fault},
        rules::joined,
    },
    payload,
};

/// The life of a version of a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "BriefState", name = "BriefState")]
pub enum BriefStateName {
    /// Being written; only the organisation sees it.
    Draft,
    /// The version that holds.
    Published,
    /// A newer version holds.
    Superseded,
}

/// A part of a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Part", name = "BriefPart")]
pub enum PartName {
    /// What it is about (teaser)
    Summary,
    /// What the creator gets (teaser)
    Reward,
    /// Which posts are wished (teaser)
    Formats,
    /// What the brand may do with the posts (teaser)
    UsageRights,
    /// For whom the creator may not work meanwhile (teaser)
    Exclusivity,
    /// What is to be reached
    Objective,
    /// What the posts should say
    KeyMessages,
    /// What to do
    Dos,
    /// What not to do
    Donts,
    /// What is handed in, how many
    Deliverables,
    /// Hashtags, mentions and links
    Tags,
    /// Before when nothing may be shown
    Embargo,
    /// How the posts say that they are advertising
    Disclosure,
    /// Who approves what, and in how many days
    Approval,
    /// The dates of product, draft, approval and post
    Schedule,
}

/// What may be done with a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BriefAction {
    /// Write into the draft: `briefEdit`.
    Edit,
    /// Publish the draft: `briefPublish`.
    Publish,
    /// Say that it was read: `briefAcknowledge`.
    Acknowledge,
}

/// What whoever holds an invitation reads before joining.
pub struct BriefTeaser(entity::json::Teaser);

/// What whoever holds an invitation reads before joining.
#[Object]
impl BriefTeaser {
    /// What it is about.
    async fn summary(&self) -> BilingualText {
        BilingualText(self.0.summary.clone())
    }
    /// What the creator gets.
    async fn reward(&self) -> BilingualText {
        BilingualText(self.0.reward.clone())
    }
    /// Which posts are wished.
    async fn formats(&self) -> BilingualText {
        BilingualText(self.0.formats.clone())
    }
    /// What the brand may do with the posts.
    async fn usage_rights(&self) -> BilingualText {
        BilingualText(self.0.usage_rights.clone())
    }
    /// For whom the creator may not work meanwhile.
    async fn exclusivity(&self) -> BilingualText {
        BilingualText(self.0.exclusivity.clone())
    }
}

/// What only members of the organisation and creators who have joined read.
pub struct BriefFull(FullBrief);

/// What only members of the organisation and creators who have joined read.
#[Object]
impl BriefFull {
    /// What is to be reached.
    async fn objective(&self) -> BilingualText {
        BilingualText(self.0.objective.clone())
    }
    /// What the posts should say; not word for word (I13).
    async fn key_messages(&self) -> BilingualText {
        BilingualText(self.0.key_messages.clone())
    }
    /// What to do.
    async fn dos(&self) -> BilingualText {
        BilingualText(self.0.dos.clone())
    }
    /// What not to do.
    async fn donts(&self) -> BilingualText {
        BilingualText(self.0.donts.clone())
    }
    /// What is handed in, how many.
    async fn deliverables(&self) -> BilingualText {
        BilingualText(self.0.deliverables.clone())
    }
    /// Hashtags, mentions and links.
    async fn tags(&self) -> BilingualText {
        BilingualText(self.0.tags.clone())
    }
    /// Before when nothing may be shown.
    async fn embargo(&self) -> BilingualText {
        BilingualText(self.0.embargo.clone())
    }
    /// How the posts say that they are advertising.
    async fn disclosure(&self) -> BilingualText {
        BilingualText(self.0.disclosure.clone())
    }
    /// Who approves what, and in how many days.
    async fn approval(&self) -> BilingualText {
        BilingualText(self.0.approval.clone())
    }
    /// The dates of product, draft, approval and post.
    async fn schedule(&self) -> BilingualText {
        BilingualText(self.0.schedule.clone())
    }
}

/// The first and the last day of a campaign.
#[derive(SimpleObject)]
pub struct BriefDates {
    /// The first day; null while open.
    starts_on: Option<NaiveDate>,
    /// The last day; null while open.
    ends_on: Option<NaiveDate>,
}

/// One thing that a version changed against the one before.
pub struct BriefChange(Change);

/// One thing that a version changed against the one before.
#[Object]
impl BriefChange {
    /// The part whose text changed; null for the dates.
    async fn part(&self) -> Option<PartName> {
        match &self.0 {
            Change::Text { part, .. } => Some((*part).into()),
            Change::Dates { .. } => None,
        }
    }
    /// The text as it was; null for the dates.
    async fn before(&self) -> Option<BilingualText> {
        match &self.0 {
            Change::Text { before, .. } => Some(BilingualText(before.clone())),
            Change::Dates { .. } => None,
        }
    }
    /// The text as it is; null for the dates.
    async fn after(&self) -> Option<BilingualText> {
        match &self.0 {
            Change::Text { after, .. } => Some(BilingualText(after.clone())),
            Change::Dates { .. } => None,
        }
    }
    /// The dates as they were; null for a text.
    async fn dates_before(&self) -> Option<BriefDates> {
        match &self.0 {
            Change::Text { .. } => None,
            Change::Dates { before, .. } => Some(BriefDates { starts_on: before.0, ends_on: before.1 }),
        }
    }
    /// The dates as they are; null for a text.
    async fn dates_after(&self) -> Option<BriefDates> {
        match &self.0 {
            Change::Text { .. } => None,
            Change::Dates { after, .. } => Some(BriefDates { starts_on: after.0, ends_on: after.1 }),
        }
    }
    /// Whether it may be worse for creators who have joined: then their consent is asked.
    async fn worsens(&self) -> bool {
        self.0.worsens()
    }
}

/// A version of a campaign's brief. A published version never changes.
pub struct Brief(pub brief::Model);

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
        let versions = ctx.rows()?.load_one(VersionsOf(self.0.campaign_id)).await.map_err(fault)?.unwrap_or_default();
        let Some(before) = versions.iter().rev().find(|b| b.version < self.0.version) else { return Ok(None) };
        let dates = match self.0.state {
            BriefState::Draft => {
                let campaign = ctx.rows()?.load_one(self.0.campaign_id).await.map_err(fault)?;
                campaign.map_or((None, None), |c| (c.starts_on, c.ends_on))
            }
            BriefState::Published | BriefState::Superseded => (self.0.starts_on, self.0.ends_on),
        };
        Ok(Some(rules::changes(before, &self.0, dates).into_iter().map(BriefChange).collect()))
    }
    /// When the calling creator acknowledged this version; null for others, and before.
    async fn acknowledged_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let Some(place) = self.place(ctx).await? else { return Ok(None) };
        let acks = ctx.rows()?.load_one(AcksOf(place.id)).await.map_err(fault)?.unwrap_or_default();
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
                let Some(campaign) = ctx.rows()?.load_one(self.0.campaign_id).await.map_err(fault)? else { return Ok(out) };
                if rules::may_edit(&campaign).is_ok() {
                    out.push(BriefAction::Edit);
                    let before = ctx.rows()?.load_one(PublishedOf(self.0.campaign_id)).await.map_err(fault)?;
                    if rules::publishable(&self.0, before.as_ref(), &campaign).is_ok() {
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
            Actor::Member(member) if member.org() == self.0.org_id => {
                Ok(ctx.rows()?.load_one(self.0.campaign_id).await.map_err(fault)?.map(Campaign))
            }
            _ => Ok(None),
        }
    }
}

impl Brief {
    /// The calling creator's place in the campaign.
    async fn place(&self, ctx: &Context<'_>) -> Result<Option<participation::Model>> {
        let Actor::Creator(by) = &ctx.cx()?.actor else { return Ok(None) };
        ctx.rows()?.load_one(PlaceOf(self.0.campaign_id, by.id())).await.map_err(fault)
    }

    async fn reads_full(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(match &ctx.cx()?.actor {
            Actor::Member(member) => member.org() == self.0.org_id,
            Actor::Creator(_) => {
                self.0.state != BriefState::Draft && self.place(ctx).await?.is_some_and(|place| joined(place.state))
            }
            Actor::Nobody | Actor::Undecided(..) | Actor::Admin(_) => false,
        })
    }

    async fn due(&self, ctx: &Context<'_>) -> Result<Option<Due>> {
        if self.0.state != BriefState::Published {
            return Ok(None);
        }
        let Some(place) = self.place(ctx).await? else { return Ok(None) };
        let versions = ctx.rows()?.load_one(VersionsOf(self.0.campaign_id)).await.map_err(fault)?.unwrap_or_default();
        let acks = ctx.rows()?.load_one(AcksOf(place.id)).await.map_err(fault)?.unwrap_or_default();
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
    let db = ctx.app()?.db();
    match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::one_of_creator(db, by, id).await.map(|row| Some(Brief(row))),
        Actor::Member(by) => queries::one(db, by, id).await.map(|row| Some(Brief(row))),
        Actor::Nobody | Actor::Undecided(..) | Actor::Admin(_) => Ok(None),
    }
}

/// Queries of briefs.
#[derive(Default)]
pub struct BriefsQuery;

/// Queries of briefs.
#[Object]
impl BriefsQuery {
    /// A text for `disclosure` to begin with, in both languages: how posts say that they are advertising. To be checked by whoever uses it.
    async fn brief_disclosure_proposal(&self) -> BilingualText {
        BilingualText(proposed_disclosure())
    }
}

/// The text that forms and the API propose for the advertising disclosure; nothing is filled in without being seen.
pub(crate) fn proposed_disclosure() -> Bilingual {
    let text = |locale: Locale| String::from(locale.t("briefs.proposal.disclosure"));
    Bilingual { en: text(Locale::En), ja: text(Locale::Ja) }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident = $part:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(InputObject, Default)]
        pub struct $name {
            $($(#[$fdoc])* $field: Option<BilingualInput>,)*
        }
        impl $name {
            fn typed(self, out: &mut Vec<Typed>) {
                $(if let Some(both) = self.$field {
                    let texts = [(Locale::En, both.en), (Locale::Ja, both.ja)];
                    out.extend(texts.into_iter().filter_map(|(locale, text)| Some(Typed { part: Part::$part, locale, text: text? })));
                })*
            }
        }
    )*};
}

texts! {
    /// The teaser's texts. One language must be whole before it is published.
    BriefTeaserInput {
        /// What it is about; at most 600 characters a language.
        summary = Summary,
        /// What the creator gets; at most 300.
        reward = Reward,
        /// Which posts are wished; at most 300.
        formats = Formats,
        /// What the brand may do with the posts; at most 300.
        usage_rights = UsageRights,
        /// For whom the creator may not work meanwhile, or that it is free; at most 300.
        exclusivity = Exclusivity,
    }
    /// The full text; at most 3,000 characters a part and language.
    BriefFullInput {
        /// What is to be reached.
        objective = Objective,
        /// What the posts should say.
        key_messages = KeyMessages,
        /// What to do.
        dos = Dos,
        /// What not to do.
        donts = Donts,
        /// What is handed in, how many.
        deliverables = Deliverables,
        /// Hashtags, mentions and links.
        tags = Tags,
        /// Before when nothing may be shown.
        embargo = Embargo,
        /// How the posts say that they are advertising; needed in each language of the teaser before recruiting.
        disclosure = Disclosure,
        /// Who approves what, and in how many days.
        approval = Approval,
        /// The dates of product, draft, approval and post.
        schedule = Schedule,
    }
}

/// What changes in the draft of a brief; what is left out stays.
#[derive(InputObject)]
pub struct BriefEditInput {
    /// The campaign.
    campaign_id: ID,
    /// The teaser's texts.
    teaser: Option<BriefTeaserInput>,
    /// The full texts.
    full: Option<BriefFullInput>,
}

/// Which campaign's draft is published.
#[derive(InputObject)]
pub struct BriefPublishInput {
    /// The campaign.
    campaign_id: ID,
}

/// Which version a creator has read.
#[derive(InputObject)]
pub struct BriefAcknowledgeInput {
    /// The creator's place in the campaign.
    participation_id: ID,
    /// The number of the version that was read; it must be the one that holds.
    version: i32,
    /// Whether changed terms are consented to; must be true where `Brief.asksConsent` is.
    #[graphql(default)]
    consent: bool,
}

payload! {
    /// The answer to `briefEdit`.
    BriefEditPayload {
        /// The draft as it is now.
        brief: Brief,
    }
    /// The answer to `briefPublish`.
    BriefPublishPayload {
        /// The version that holds now.
        brief: Brief,
    }
    /// The answer to `briefAcknowledge`.
    BriefAcknowledgePayload {
        /// The creator's place in the campaign.
        participation: Participation,
        /// When the version was first acknowledged.
        acknowledged_at: DateTime<Utc>,
    }
}

/// Mutations of briefs.
#[derive(Default)]
pub struct BriefsMutation;

/// Mutations of briefs.
#[Object]
impl BriefsMutation {
    /// Writes into the open draft of a campaign's brief; a new one begins as the version before. Managers and owners.
    async fn brief_edit(&self, ctx: &Context<'_>, input: BriefEditInput) -> Result<BriefEditPayload> {
        let by = ctx.member()?.manager()?;
        let mut typed = Vec::new();
        input.teaser.unwrap_or_default().typed(&mut typed);
        input.full.unwrap_or_default().typed(&mut typed);
        let done = async { super::edit(ctx.app()?, &by, id(&input.campaign_id)?, typed).await };
        answer(ctx, done.await.map(|row| BriefEditPayload { brief: Some(Brief(row)), ..Default::default() }))
    }

    /// Publishes the draft. Creators who have joined get a mail that asks them to read it. Managers and owners.
    async fn brief_publish(&self, ctx: &Context<'_>, input: BriefPublishInput) -> Result<BriefPublishPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { super::publish(ctx.app()?, &by, id(&input.campaign_id)?).await };
        answer(ctx, done.await.map(|row| BriefPublishPayload { brief: Some(Brief(row)), ..Default::default() }))
    }

    /// The creator says that the version was read, and consents where terms may be worse. A second time changes nothing.
    async fn brief_acknowledge(&self, ctx: &Context<'_>, input: BriefAcknowledgeInput) -> Result<BriefAcknowledgePayload> {
        let by = ctx.creator()?;
        let read = Acknowledge { version: input.version.to_string(), consent: input.consent };
        let done = async {
            let app = ctx.app()?;
            let ack = super::acknowledge(app, by, id(&input.participation_id)?, read).await?;
            let place = crate::participations::queries::of_creator(app.db(), by, ack.participation_id).await?;
            Ok(BriefAcknowledgePayload { participation: Some(Participation(place)), acknowledged_at: Some(ack.at), ..Default::default() })
        };
        answer(ctx, done.await)
    }
}
