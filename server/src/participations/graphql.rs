//! Participations in GraphQL: for the brand a row of its campaign, for the creator a job.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    brief, campaign,
    enums::{ParticipationSource, ParticipationState},
    ids::{CampaignId, ParticipationId},
    organization, participation,
};

use super::{
    queries,
    rules::{self, Move},
};
use crate::{
    base::paging::Cursor,
    briefs::{graphql::Brief, rules::pick},
    campaigns::graphql::Campaign,
    conversations::{self, graphql::Thread},
    creators::{self, graphql::Creator},
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::answer,
        rows::Row,
        scalars::{Date, LocaleName, connection, slice},
    },
    load_by_id, payload,
};

/// The life of a creator in a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ParticipationState", name = "ParticipationState")]
pub enum ParticipationStateName {
    /// The brand thinks of asking; the creator does not know.
    Shortlisted,
    /// An invitation waits for an answer.
    Invited,
    /// The creator asked to be taken.
    Applied,
    /// The brand wants them; silent until the job starts.
    Selected,
    /// The brand took others.
    NotSelected,
    /// The creator is in: reads the full brief and chats.
    Joined,
    /// Terms are being agreed.
    Negotiating,
    /// A contract binds.
    Contracted,
    /// Content is being made.
    Working,
    /// All is published.
    Delivered,
    /// All is paid.
    Settled,
    /// The creator said no.
    Declined,
    /// The creator left.
    Withdrawn,
    /// The brand ended it, with a reason.
    Removed,
}

/// How a creator came into a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ParticipationSource", name = "ParticipationSource")]
pub enum ParticipationSourceName {
    /// By an invitation
    Invited,
    /// By applying
    Applied,
    /// By an import
    Imported,
}

/// What may be done with a participation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ParticipationAction {
    /// The creator leaves: `participationLeave`.
    Leave,
    /// The brand ends it: `participationRemove`.
    Remove,
    /// The brand takes the creator off the shortlist: `participationUnlist`.
    Unlist,
}

/// A creator in a campaign; there is one per pair.
pub struct Participation(pub Row<participation::Model>);

/// A creator in a campaign; there is one per pair.
#[Object]
impl Participation {
    /// The participation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<ParticipationStateName> {
        let creator = matches!(ctx.cx()?.actor, Actor::Creator(_));
        Ok(if creator { rules::seen_by_creator(self.0.state) } else { self.0.state }.into())
    }
    /// The stage of the job that the creator is at; null for whoever is not on the way, and once everything is done.
    async fn stage(&self) -> Option<rules::Stage> {
        rules::stages_done(rules::seen_by_creator(self.0.state)).and_then(|done| rules::Stage::ALL.get(done)).copied()
    }
    /// How the creator came in.
    async fn source(&self) -> ParticipationSourceName {
        self.0.source.into()
    }
    /// When the creator joined; null before.
    async fn joined_at(&self) -> Option<DateTime<Utc>> {
        self.0.joined_at
    }
    /// Why the brand ended it; null unless it did.
    async fn reason(&self) -> Option<&str> {
        Some(self.0.reason.as_str()).filter(|r| !r.is_empty())
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ParticipationAction>> {
        let may = |step| rules::after(self.0.state, step).is_some();
        Ok(match &ctx.cx()?.actor {
            Actor::Creator(_) if may(Move::Leave) => vec![ParticipationAction::Leave],
            Actor::Member(member) if member.manager().is_ok() => {
                let asked = ctx.rows()?.load_one(AskedOf(self.0.id)).await?.is_some();
                let action = |step| match step {
                    Move::Remove => Some(ParticipationAction::Remove),
                    Move::Unlist => Some(ParticipationAction::Unlist),
                    _ => None,
                };
                rules::brand_moves(self.0.state, asked).into_iter().filter_map(action).collect()
            }
            _ => Vec::new(),
        })
    }
    /// The creator; null if the profile is gone.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        Ok(ctx.rows()?.load_one(self.0.creator_id).await?.map(Creator))
    }
    /// The campaign, with all that its brand knows; null for creators, who read `job`.
    async fn campaign(&self, ctx: &Context<'_>) -> Result<Option<Campaign>> {
        match &ctx.cx()?.actor {
            Actor::Member(_) => Ok(ctx.rows()?.load_one(self.0.campaign_id).await?.map(Campaign)),
            _ => Ok(None),
        }
    }
    /// What the creator may know of the campaign.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::load(ctx, self.0.campaign_id, None).await
    }
    /// The brief: its teaser, and for the brand and a joined creator its full text; null before one is published.
    async fn brief(&self, ctx: &Context<'_>) -> Result<Option<Brief>> {
        Ok(ctx.rows()?.load_one(PublishedOf(self.0.campaign_id)).await?.map(Brief))
    }
    /// The conversation; null until the creator has joined.
    async fn thread(&self, ctx: &Context<'_>) -> Result<Option<Thread>> {
        let key = conversations::graphql::ThreadOf { org: self.0.org_id, creator: self.0.creator_id, campaign: self.0.campaign_id };
        Ok(ctx.rows()?.load_one(key).await?.map(Thread))
    }
}

/// What a creator, or whoever holds an invitation, may know of a campaign before joining.
pub struct Job {
    campaign: Row<campaign::Model>,
    org: Option<Row<organization::Model>>,
    brief: Option<Row<brief::Model>>,
}

impl Job {
    /// Loads the three rows through the batch loaders; `brief` if it is already known.
    pub(crate) async fn load(ctx: &Context<'_>, campaign: CampaignId, brief: Option<Row<brief::Model>>) -> Result<Option<Self>> {
        let rows = ctx.rows()?;
        let Some(campaign) = rows.load_one(campaign).await? else { return Ok(None) };
        let org = rows.load_one(campaign.org_id).await?;
        let brief = match brief {
            Some(brief) => Some(brief),
            None => rows.load_one(PublishedOf(campaign.id)).await?,
        };
        Ok(Some(Self { campaign, org, brief }))
    }

    fn text(&self, of: impl Fn(&entity::json::Teaser) -> &entity::json::Bilingual, locale: LocaleName) -> Option<String> {
        let teaser = &self.brief.as_ref()?.teaser;
        let (text, _) = pick(of(teaser), locale.into());
        Some(text.to_owned()).filter(|t| !t.is_empty())
    }
}

/// What a creator, or whoever holds an invitation, may know of a campaign before joining.
#[Object]
impl Job {
    /// The organisation that asks.
    async fn brand_name(&self) -> &str {
        self.org.as_ref().map_or("", |o| o.name.as_str())
    }
    /// The campaign's name.
    async fn name(&self) -> &str {
        &self.campaign.name
    }
    /// The first day; null while open.
    async fn starts_on(&self) -> Option<Date> {
        self.campaign.starts_on.map(Date)
    }
    /// The last day; null while open.
    async fn ends_on(&self) -> Option<Date> {
        self.campaign.ends_on.map(Date)
    }
    /// What it is about, in the language asked for, else in the other; null while no brief is published.
    async fn summary(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<String> {
        self.text(|t| &t.summary, locale)
    }
    /// What the creator gets.
    async fn reward(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<String> {
        self.text(|t| &t.reward, locale)
    }
    /// Which posts are wished.
    async fn formats(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<String> {
        self.text(|t| &t.formats, locale)
    }
    /// What the brand may do with the posts.
    async fn usage_rights(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<String> {
        self.text(|t| &t.usage_rights, locale)
    }
    /// For whom the creator may not work meanwhile.
    async fn exclusivity(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<String> {
        self.text(|t| &t.exclusivity, locale)
    }
}

/// The published brief of a campaign, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PublishedOf(pub CampaignId);

/// Whether somebody was ever asked, by their participation: none while they were not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AskedOf(ParticipationId);

impl async_graphql::dataloader::Loader<AskedOf> for crate::graph::rows::Rows {
    type Value = ();
    type Error = Arc<Error>;

    async fn load(&self, keys: &[AskedOf]) -> Result<HashMap<AskedOf, ()>, Self::Error> {
        let asked = queries::asked(self.app.db(), keys.iter().map(|key| key.0)).await.map_err(Arc::new)?;
        Ok(asked.into_iter().map(|id| (AskedOf(id), ())).collect())
    }
}

impl async_graphql::dataloader::Loader<PublishedOf> for crate::graph::rows::Rows {
    type Value = Row<brief::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[PublishedOf]) -> Result<HashMap<PublishedOf, Self::Value>, Self::Error> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        let rows = brief::Entity::find()
            .filter(brief::Column::CampaignId.is_in(keys.iter().map(|k| k.0)))
            .filter(brief::Column::State.eq(entity::enums::BriefState::Published))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(Row::each(rows).map(|row| (PublishedOf(row.campaign_id), row)).collect())
    }
}

load_by_id!(ParticipationId, participation);

/// A participation for `node`: the brand's or the creator's own.
pub(crate) async fn participation_node(ctx: &Context<'_>, id: ParticipationId) -> Result<Option<Participation>> {
    let scope = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::known_to(by),
        Actor::Member(by) => queries::own(by),
        _ => return Ok(None),
    };
    Ok(Some(Participation(ctx.rows()?.find::<Participation, _, _>(participation::Column::Id, scope, id).await?)))
}

/// Queries of participations.
#[derive(Default)]
pub struct ParticipationsQuery;

/// Queries of participations.
#[Object]
impl ParticipationsQuery {
    /// For a creator: the campaigns that they are or were in. For a member: the creators of one campaign. The newest first.
    #[expect(clippy::too_many_arguments, reason = "Relay's four and two of our own")]
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The campaign; needed for members, not used for creators.")] campaign_id: Option<ID>,
        #[graphql(desc = "Only in these states; members only.")] states: Option<Vec<ParticipationStateName>>,
        #[graphql(desc = "Only whose name holds this; members only.")] name: Option<String>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Participation>> {
        let slice = slice(after, before, first, last)?;
        let db = ctx.app()?.db();
        let page = match &ctx.cx()?.actor {
            Actor::Creator(by) => queries::jobs(db, by, slice).await?,
            _ => {
                let by = ctx.member()?;
                let campaign = campaign_id.as_ref().map(id).transpose()?.ok_or(Error::NotFound)?;
                let states = states.unwrap_or_default().into_iter().map(Into::into).collect();
                queries::of_campaign(db, by, campaign, &queries::Which { states, name: name.unwrap_or_default() }, slice).await?
            }
        };
        Ok(connection(page, Participation))
    }
}

/// Which participation the creator leaves.
#[derive(InputObject)]
pub struct ParticipationLeaveInput {
    /// Its id.
    id: ID,
}

/// Which participation the brand ends.
#[derive(InputObject)]
pub struct ParticipationRemoveInput {
    /// Its id.
    id: ID,
    /// Why; the creator reads it. At most 500 characters.
    reason: String,
}

/// Whom a brand may ask for a campaign.
#[derive(InputObject)]
pub struct ParticipationShortlistInput {
    /// The campaign's id; it may still be a draft.
    campaign_id: ID,
    /// The creators' ids, 1 to 500. Ids that the caller's organisation does not see are passed over.
    creator_ids: Vec<ID>,
}

/// Whom it will not ask.
#[derive(InputObject)]
pub struct ParticipationUnlistInput {
    /// The participation's id.
    id: ID,
}

payload! {
    /// The answer to `participationShortlist`.
    ParticipationShortlistPayload {
        /// All of them as they are now, also those who were in the campaign already.
        participations: Vec<Participation>,
    }
    /// The answer to `participationUnlist`.
    ParticipationUnlistPayload {
        /// The creator, who is no longer in the campaign.
        creator: Creator,
    }
    /// The answer to `participationLeave`.
    ParticipationLeavePayload {
        /// The participation as it is now.
        participation: Participation,
    }
    /// The answer to `participationRemove`.
    ParticipationRemovePayload {
        /// The participation as it is now.
        participation: Participation,
    }
}

/// Mutations of participations.
#[derive(Default)]
pub struct ParticipationsMutation;

/// Mutations of participations.
#[Object]
impl ParticipationsMutation {
    /// The creator leaves a campaign, without a reason, until a contract is executed.
    async fn participation_leave(&self, ctx: &Context<'_>, input: ParticipationLeaveInput) -> Result<ParticipationLeavePayload> {
        let by = ctx.creator()?;
        let done = async { super::leave(ctx.app()?, by, id(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| ParticipationLeavePayload { participation: Some(Participation(row.into())), ..Default::default() }),
        )
    }

    /// Puts creators on a campaign's shortlist. They do not hear of it. Managers and owners.
    async fn participation_shortlist(
        &self,
        ctx: &Context<'_>,
        input: ParticipationShortlistInput,
    ) -> Result<ParticipationShortlistPayload> {
        let by = ctx.member()?.manager()?;
        let ids: Vec<String> = input.creator_ids.iter().map(|id| id.to_string()).collect();
        let done = async { super::shortlist(ctx.app()?, &by, id(&input.campaign_id)?, &ids).await };
        let rows = |rows: Vec<participation::Model>| Some(Row::each(rows).map(Participation).collect());
        answer(ctx, done.await.map(|noted| ParticipationShortlistPayload { participations: rows(noted.rows), ..Default::default() }))
    }

    /// Takes a creator off the shortlist who has not been invited. Managers and owners.
    async fn participation_unlist(&self, ctx: &Context<'_>, input: ParticipationUnlistInput) -> Result<ParticipationUnlistPayload> {
        let by = ctx.member()?.manager()?;
        let done = async {
            let row = super::unlist(ctx.app()?, &by, id(&input.id)?).await?;
            creators::queries::one(ctx.app()?.db(), (&*by).into(), row.creator_id).await
        };
        answer(ctx, done.await.map(|row| ParticipationUnlistPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// The brand ends a participation and says why. Managers and owners.
    async fn participation_remove(&self, ctx: &Context<'_>, input: ParticipationRemoveInput) -> Result<ParticipationRemovePayload> {
        let by = ctx.member()?.manager()?;
        let done = async { super::remove(ctx.app()?, &by, id(&input.id)?, &input.reason).await };
        answer(
            ctx,
            done.await.map(|row| ParticipationRemovePayload { participation: Some(Participation(row.into())), ..Default::default() }),
        )
    }
}
