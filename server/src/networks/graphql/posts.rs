//! Publications in GraphQL, with where each figure comes from; figures that are handed in (K23).

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use connectors::{Measure, Metric};
use entity::{
    enums::ManualInsightState,
    ids::{AccountId, ManualInsightId, PostId},
    manual_insight, post,
};

use super::{
    super::{
        handed::{self, HandIn},
        sync::{
            posts::{Figure, Figures},
            queries::{self as readings, PostFilter, PostOrder},
        },
    },
    rows::SharesOf,
};
use crate::{
    base::paging::Cursor,
    creators::graphql::{NetworkAccount, seen},
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        names::NetworkName,
        outcome::answer,
        scalars::{Date, Long, MetricSourceName, connection, slice},
    },
    organisations::graphql::Organisation,
    participations::graphql::fault,
    payload,
};

/// What is counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Measure", name = "Measure")]
pub enum MeasureName {
    /// Accounts that follow
    Followers,
    /// Accounts that are followed
    Following,
    /// Publications
    Posts,
    /// Times shown or played, repeated ones included
    Views,
    /// Different people or accounts that saw it
    Reach,
    /// Times shown on a screen, where the network tells this apart from views
    Impressions,
    /// Likes
    Likes,
    /// Likes, hearts and all other feelings
    Reactions,
    /// Comments
    Comments,
    /// Passed on, to whomever
    Shares,
    /// Passed on to one's own followers
    Reposts,
    /// Quoted
    Quotes,
    /// Replies
    Replies,
    /// Kept for later
    Saves,
    /// All that the network calls an interaction
    Interactions,
    /// Different accounts that interacted
    EngagedAccounts,
    /// Votes up minus votes down
    Score,
    /// Visits of the profile
    ProfileVisits,
    /// Taps on what the profile offers
    ProfileTaps,
    /// Clicks on links
    LinkClicks,
    /// Clicks on the publication itself
    Clicks,
    /// Followers won
    Follows,
    /// Followers lost
    Unfollows,
    /// Moves inside a story
    Navigation,
    /// Seconds watched by all together
    WatchSeconds,
    /// Milliseconds watched at one time, on average
    AverageWatchMillis,
    /// People watching now
    LiveViewers,
}

/// Whether a figure is known, and if not, why.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum FigureState {
    /// The network's own figure, or the creator's word
    Known,
    /// The network itself calls it rounded or estimated
    Estimated,
    /// Kept back below `minimum`
    Suppressed,
    /// Not available on this network
    NotOffered,
    /// The creator did not allow it
    NotGranted,
    /// Offered, but not there yet
    NotReady,
    /// It could not be read
    Failed,
}

impl FigureState {
    /// Of a figure.
    pub fn of(metric: Metric) -> Self {
        match metric {
            Metric::Value(_) => Self::Known,
            Metric::Estimated(_) => Self::Estimated,
            Metric::Suppressed { .. } => Self::Suppressed,
            Metric::NotOffered => Self::NotOffered,
            Metric::NotGranted => Self::NotGranted,
            Metric::NotReady => Self::NotReady,
            Metric::Failed => Self::Failed,
        }
    }
}

/// One figure of a publication, with where it comes from.
#[derive(SimpleObject)]
pub struct PostFigure {
    /// What is counted.
    measure: MeasureName,
    /// The figure; null unless KNOWN or ESTIMATED. Never zero because nobody told it.
    value: Option<Long>,
    /// Whether it is known.
    state: FigureState,
    /// From where on the network shows it; null unless SUPPRESSED.
    minimum: Option<i32>,
    /// Who said so.
    source: MetricSourceName,
    /// Where it was read at the network; empty if the creator typed it.
    endpoint: String,
    /// The instant for which it holds.
    as_of: DateTime<Utc>,
}

fn figure(measure: &str, figure: &Figure) -> Option<PostFigure> {
    let measure: Measure = serde_json::from_value(measure.into()).ok()?;
    Some(PostFigure {
        measure: measure.into(),
        value: figure.metric.value().map(Long),
        state: FigureState::of(figure.metric),
        minimum: match figure.metric {
            Metric::Suppressed { min } => i32::try_from(min).ok(),
            _ => None,
        },
        source: figure.source.into(),
        endpoint: figure.endpoint.clone(),
        as_of: figure.as_of,
    })
}

/// What everybody can see at the network; the rest is the creator's to show.
const PUBLIC: &[&str] = &["views", "likes", "reactions", "comments", "replies", "shares", "reposts", "quotes", "score"];

/// Something that a linked account published.
pub struct Post(pub post::Model);

/// Something that a linked account published.
#[Object]
impl Post {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// On which network.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// The account that published it; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account_id).await.map_err(fault)?.map(NetworkAccount))
    }
    /// Its form: `image`, `carousel`, `video`, `short`, `live`, `recording`, `clip`, `text`, `link`, `event`, `poll`, `repost`, or a word
    /// of the network's.
    async fn format(&self) -> &str {
        &self.0.format
    }
    /// Its words; may be empty.
    async fn caption(&self) -> &str {
        &self.0.caption
    }
    /// The hashtags in its words, without the sign.
    async fn hashtags(&self) -> &[String] {
        &self.0.hashtags.0
    }
    /// The handles in its words, without the sign.
    async fn mentions(&self) -> &[String] {
        &self.0.mentions.0
    }
    /// Its page at the network; null if the network does not say.
    async fn url(&self) -> Option<&str> {
        Some(self.0.url.as_str()).filter(|url| !url.is_empty())
    }
    /// When it was published; null if the network does not say.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }
    /// How long it plays; null if it does not, or the network does not say.
    async fn duration_seconds(&self) -> Option<i32> {
        self.0.duration_seconds
    }
    /// Whether the network shows it as a paid partnership; null if it does not say.
    async fn paid_partnership(&self) -> Option<bool> {
        self.0.paid_partnership
    }
    /// Likes and comments together; null unless both are known.
    async fn engagement(&self) -> Option<Long> {
        self.0.engagement.map(Long)
    }
    /// The latest word on each measure. Brands see what is public; the rest if the creator shows insights to brands.
    async fn figures(&self, ctx: &Context<'_>) -> Result<Vec<PostFigure>> {
        let all = Figures::of(&self.0);
        let own = matches!(&ctx.cx()?.actor, Actor::Creator(by) if by.id() == self.0.creator_id);
        let shares = own || ctx.rows()?.load_one(SharesOf(self.0.creator_id)).await.map_err(fault)?.unwrap_or_default();
        let shown = all.0.iter().filter(|(measure, _)| shares || PUBLIC.contains(&measure.as_str()));
        Ok(shown.filter_map(|(measure, found)| figure(measure, found)).collect())
    }
    /// When the network no longer showed it; null while it does.
    async fn gone_at(&self) -> Option<DateTime<Utc>> {
        self.0.gone_at
    }
}

/// A publication for `node`: by its creator, and by whoever sees the creator. Stories are not among them.
pub(crate) async fn post_node(ctx: &Context<'_>, id: PostId) -> Result<Option<Post>> {
    let row = ctx.rows()?.find::<Post, _, _>(post::Column::Id, readings::shown(), id).await?;
    match &ctx.cx()?.actor {
        Actor::Creator(by) if by.id() == row.creator_id => {}
        _ => drop(seen(ctx, row.creator_id).await?),
    }
    Ok(Some(Post(row)))
}

/// The way of figures that a creator hands in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ManualInsightState", name = "ManualInsightState")]
pub enum ManualInsightStateName {
    /// A brand has asked for them
    Asked,
    /// The creator has handed them in
    HandedIn,
    /// The creator will not
    Declined,
}

/// What a creator may do with a request for figures.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ManualInsightAction {
    /// `insightsHandIn`
    HandIn,
    /// `insightsDecline`
    Decline,
}

/// A figure that was typed.
#[derive(SimpleObject)]
pub struct HandedFigure {
    /// What is counted.
    measure: MeasureName,
    /// How much, by the creator's word.
    value: Long,
}

/// Figures that a creator hands in, asked for by a brand or of their own accord. The creator and who asked see it.
pub struct ManualInsight(pub manual_insight::Model);

/// Figures that a creator hands in, asked for by a brand or of their own accord. The creator and who asked see it.
#[Object]
impl ManualInsight {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> ManualInsightStateName {
        self.0.state.into()
    }
    /// Who asked; null if nobody did.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        let Some(id) = self.0.org_id else { return Ok(None) };
        Ok(ctx.rows()?.load_one(id).await.map_err(fault)?.map(Organisation))
    }
    /// About which account; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account_id).await.map_err(fault)?.map(NetworkAccount))
    }
    /// The id of the publication that it is about; null if it is about the account.
    async fn post_id(&self) -> Option<ID> {
        self.0.post_id.map(|id| id.to_string().into())
    }
    /// What the brand wrote; may be empty.
    async fn question(&self) -> &str {
        &self.0.question
    }
    /// What was handed in; empty until then.
    async fn figures(&self) -> Vec<HandedFigure> {
        let all: std::collections::BTreeMap<String, i64> = serde_json::from_value(self.0.figures.clone()).unwrap_or_default();
        let named = |(measure, n): (String, i64)| {
            let measure: Measure = serde_json::from_value(measure.into()).ok()?;
            Some(HandedFigure { measure: measure.into(), value: Long(n) })
        };
        all.into_iter().filter_map(named).collect()
    }
    /// The day that the figures are of; null until they are handed in.
    async fn as_of(&self) -> Option<Date> {
        self.0.as_of.map(Date)
    }
    /// The creator's words beside them; may be empty.
    async fn note(&self) -> &str {
        &self.0.note
    }
    /// What the caller may do with it now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ManualInsightAction>> {
        let own = matches!(&ctx.cx()?.actor, Actor::Creator(by) if by.id() == self.0.creator_id);
        let open = own && self.0.state == ManualInsightState::Asked;
        Ok(if open { vec![ManualInsightAction::HandIn, ManualInsightAction::Decline] } else { Vec::new() })
    }
    /// When it was asked for or handed in.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Figures that were handed in, for `node`.
pub(crate) async fn insight_node(ctx: &Context<'_>, id: ManualInsightId) -> Result<Option<ManualInsight>> {
    ctx.person()?;
    let scope = match &ctx.cx()?.actor {
        Actor::Member(by) => handed::seen_by_org(by),
        _ => handed::seen_by_creator(ctx.creator()?),
    };
    Ok(Some(ManualInsight(ctx.rows()?.find::<ManualInsight, _, _>(manual_insight::Column::Id, scope, id).await?)))
}

/// Which publications.
#[derive(InputObject, Default)]
pub struct PostFilterInput {
    /// On this network.
    network: Option<NetworkName>,
    /// Of this account.
    account_id: Option<ID>,
    /// Of this form, in the word of `Post.format`.
    format: Option<String>,
}

/// Queries of publications.
#[derive(Default)]
pub struct PostsQuery;

/// Queries of publications.
#[Object]
impl PostsQuery {
    /// What the accounts of the creator who calls published, the highest first; what is not known comes last. Stories are not in it.
    #[expect(clippy::too_many_arguments, reason = "Relay's four, the filter and the order")]
    async fn posts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<PostFilterInput>,
        #[graphql(desc = "By what; by publication if absent.")] order_by: Option<PostOrder>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Post>> {
        let asked = filter.unwrap_or_default();
        let filter = PostFilter {
            network: asked.network.map(Into::into),
            account: asked.account_id.as_ref().map(id::<AccountId>).transpose()?,
            format: asked.format.unwrap_or_default(),
        };
        let by = ctx.creator()?;
        let page =
            readings::posts(ctx.app()?.db(), by.id(), &filter, order_by.unwrap_or_default(), slice(after, before, first, last)?).await?;
        Ok(connection(page, Post))
    }

    /// Figures that brands ask the creator who calls for, the oldest first, at most 50; or, for a member, what the organisation has asked a
    /// creator, the newest first, at most 20.
    async fn insight_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For members: which creator.")] creator_id: Option<ID>,
    ) -> Result<Vec<ManualInsight>> {
        ctx.person()?;
        let db = ctx.app()?.db();
        Ok(match &ctx.cx()?.actor {
            Actor::Member(by) => {
                let creator = creator_id.as_ref().map(id).transpose()?.ok_or(Error::NotFound)?;
                handed::asked_by(db, by, creator).await?.into_iter().map(ManualInsight).collect()
            }
            _ => handed::waiting(db, ctx.creator()?).await?.into_iter().map(|(row, _)| ManualInsight(row)).collect(),
        })
    }
}

/// A figure as it was typed.
#[derive(InputObject)]
pub struct HandedFigureInput {
    /// What is counted: reach, impressions, views, likes, comments, shares, saves, profile visits, link clicks or follows.
    measure: MeasureName,
    /// How much; not negative.
    value: Long,
}

/// Figures that are handed in.
#[derive(InputObject)]
pub struct InsightsHandInInput {
    /// The request that this answers.
    request_id: Option<ID>,
    /// Without a request: the publication that they are about.
    post_id: Option<ID>,
    /// The figures; at least one.
    figures: Vec<HandedFigureInput>,
    /// The day that they are of.
    as_of: Date,
    /// Further words; at most 500 characters.
    note: Option<String>,
}

/// Which request is declined.
#[derive(InputObject)]
pub struct InsightsDeclineInput {
    /// Its id.
    id: ID,
}

/// What is asked for.
#[derive(InputObject)]
pub struct InsightsAskInput {
    /// About which account, of a creator who has joined one of the organisation's campaigns.
    account_id: ID,
    /// About which of its publications; null = about the account.
    post_id: Option<ID>,
    /// What the creator reads; at most 500 characters.
    question: Option<String>,
}

payload! {
    /// The answer to `insightsHandIn`.
    InsightsHandInPayload {
        /// What was handed in.
        insight: ManualInsight,
    }
    /// The answer to `insightsDecline`.
    InsightsDeclinePayload {
        /// The request, now DECLINED.
        insight: ManualInsight,
    }
    /// The answer to `insightsAsk`.
    InsightsAskPayload {
        /// The request.
        insight: ManualInsight,
    }
}

/// Mutations of figures that are handed in.
#[derive(Default)]
pub struct InsightsMutation;

/// Mutations of figures that are handed in.
#[Object]
impl InsightsMutation {
    /// Hands figures in, as an answer or of one's own accord. They stand beside the network's own, marked as the creator's word.
    async fn insights_hand_in(&self, ctx: &Context<'_>, input: InsightsHandInInput) -> Result<InsightsHandInPayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async {
            let figures = input.figures.iter().map(|one| {
                let measure = super::super::sync::posts::code(one.measure.into());
                (measure, one.value.0.to_string())
            });
            let given = HandIn {
                request: input.request_id.as_ref().map(id).transpose()?,
                post: input.post_id.as_ref().map(id).transpose()?,
                figures: figures.collect(),
                as_of: input.as_of.to_string(),
                note: input.note.clone().unwrap_or_default(),
            };
            handed::hand_in(app, by, &given).await
        };
        answer(ctx, done.await.map(|row| InsightsHandInPayload { insight: Some(ManualInsight(row)), ..Default::default() }))
    }

    /// Says no to a request for figures.
    async fn insights_decline(&self, ctx: &Context<'_>, input: InsightsDeclineInput) -> Result<InsightsDeclinePayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async { handed::decline(app, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| InsightsDeclinePayload { insight: Some(ManualInsight(row)), ..Default::default() }))
    }

    /// Asks a creator for figures that the network does not give; for managers.
    async fn insights_ask(&self, ctx: &Context<'_>, input: InsightsAskInput) -> Result<InsightsAskPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?.manager()?);
        let done = async {
            let post = input.post_id.as_ref().map(id).transpose()?;
            handed::ask(app, &by, input.account_id.as_str(), post, input.question.as_deref().unwrap_or_default()).await
        };
        answer(ctx, done.await.map(|row| InsightsAskPayload { insight: Some(ManualInsight(row)), ..Default::default() }))
    }
}
