//! Publications in GraphQL, with where each figure comes from.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use connectors::{Measure, Metric, Reading};
use entity::{
    account_metrics,
    ids::{AccountId, PostId},
    post,
};

use super::{
    super::sync::{
        posts::{Figure, Figures, PUBLIC, code},
        queries::{self as readings, Headline, PostFilter, PostOrder},
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
        rows::Row,
        scalars::{Long, MetricSourceName, connection, slice},
    },
    web::urls,
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

/// One figure of a publication or an account, with where it comes from.
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

/// The latest word on each measure that is shown.
pub(super) fn figures(row: &post::Model, shown: impl Fn(&str) -> bool) -> Vec<PostFigure> {
    Figures::of(row).0.iter().filter(|(measure, _)| shown(measure)).filter_map(|(measure, found)| figure(measure, found)).collect()
}

/// What an account's figures said over a window.
#[derive(SimpleObject)]
pub struct AccountInsights {
    /// How many days: 1 or 28.
    days: i32,
    /// From when; null if the network does not say.
    since: Option<DateTime<Utc>>,
    /// Until when, this instant not included; null if the network does not say.
    until: Option<DateTime<Utc>>,
    /// What was told, for the whole window.
    figures: Vec<PostFigure>,
}

/// Of a row.
pub(crate) fn account_insights(row: &account_metrics::Model) -> AccountInsights {
    let told: Vec<Reading> = row.readings.read().unwrap_or_default();
    let whole = told.into_iter().filter(|reading| reading.is_whole());
    AccountInsights {
        days: row.window_days,
        since: row.window_from,
        until: row.window_to,
        figures: whole
            .filter_map(|reading| {
                let one = Figure { metric: reading.metric, source: row.source, endpoint: row.endpoint.clone(), as_of: row.captured_at };
                figure(&code(reading.measure), &one)
            })
            .collect(),
    }
}

/// Something that a linked account published.
pub struct Post {
    headline: Row<Headline>,
    /// All of it, where it was read at once.
    whole: Option<Row<post::Model>>,
}

impl From<Row<post::Model>> for Post {
    fn from(row: Row<post::Model>) -> Self {
        Self { headline: Headline::from(&*row).into(), whole: Some(row) }
    }
}

impl From<Row<Headline>> for Post {
    fn from(headline: Row<Headline>) -> Self {
        Self { headline, whole: None }
    }
}

impl Post {
    /// All of it; read with those of its neighbours.
    async fn whole(&self, ctx: &Context<'_>) -> Result<Row<post::Model>> {
        match &self.whole {
            Some(row) => Ok(row.clone()),
            None => ctx.rows()?.load_one(self.headline.id).await?.ok_or(Error::NotFound),
        }
    }
}

/// Something that a linked account published.
#[Object]
impl Post {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.headline.id.to_string().into()
    }
    /// On which network.
    async fn network(&self) -> NetworkName {
        self.headline.network.into()
    }
    /// The account that published it; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.headline.account_id).await?.map(NetworkAccount))
    }
    /// Its form: `image`, `carousel`, `video`, `short`, `live`, `recording`, `clip`, `text`, `link`, `event`, `poll`, `repost`, or a word
    /// of the network's.
    async fn format(&self) -> &str {
        &self.headline.format
    }
    /// Its words; may be empty.
    async fn caption(&self) -> &str {
        &self.headline.caption
    }
    /// The hashtags in its words, without the sign.
    async fn hashtags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.whole(ctx).await?.hashtags.0.clone())
    }
    /// The handles in its words, without the sign.
    async fn mentions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.whole(ctx).await?.mentions.0.clone())
    }
    /// Its page at the network; null if the network does not say.
    async fn url(&self) -> Option<&str> {
        Some(self.headline.url.as_str()).filter(|url| !url.is_empty())
    }
    /// When it was published; null if the network does not say.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.headline.published_at
    }
    /// How long it plays; null if it does not, or the network does not say.
    async fn duration_seconds(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.whole(ctx).await?.duration_seconds)
    }
    /// Whether the network shows it as a paid partnership; null if it does not say.
    async fn paid_partnership(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        Ok(self.whole(ctx).await?.paid_partnership)
    }
    /// Likes and comments together; null unless both are known.
    async fn engagement(&self) -> Option<Long> {
        self.headline.engagement.map(Long)
    }
    /// The latest word on each measure. Brands see what is public; the rest if the creator shows insights to brands.
    async fn figures(&self, ctx: &Context<'_>) -> Result<Vec<PostFigure>> {
        let shares = ctx.cx()?.actor.is(self.headline.creator_id)
            || ctx.rows()?.load_one(SharesOf(self.headline.creator_id)).await?.unwrap_or_default();
        Ok(figures(&*self.whole(ctx).await?, |measure| shares || PUBLIC.contains(&measure)))
    }
    /// Its small picture, passed through by us for the session of its creator, or of a member who sees them; null where the network gives
    /// none.
    async fn picture_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let address = match &ctx.cx()?.actor {
            actor if actor.is(self.headline.creator_id) => urls::post(self.headline.id),
            Actor::Member(by) => urls::org(by.org(), format!("posts/{}", self.headline.id)),
            _ => return Ok(None),
        };
        let row = self.whole(ctx).await?;
        let shown = !row.thumbnail_url.is_empty() && row.gone_at.is_none();
        Ok(if shown { Some(ctx.app()?.link(&format!("{address}/picture"))) } else { None })
    }
    /// Whether the network has more comments than were read; null before they were read. At most the newest are.
    async fn more_comments(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        Ok(self.whole(ctx).await?.more_comments)
    }
    /// When the network no longer showed it; null while it does.
    async fn gone_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.whole(ctx).await?.gone_at)
    }
}

/// A publication for `node`: by its creator, and by whoever sees the creator. Stories are not among them.
pub(crate) async fn post_node(ctx: &Context<'_>, id: PostId) -> Result<Option<Post>> {
    let row = ctx.rows()?.find::<Post, _, _>(post::Column::Id, readings::shown(), id).await?;
    if !ctx.cx()?.actor.is(row.creator_id) {
        seen(ctx, row.creator_id).await?;
    }
    Ok(Some(row.into()))
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
    /// Published at or after this moment; what has no date is left out then.
    since: Option<DateTime<Utc>>,
}

/// Queries of publications.
#[derive(Default)]
pub struct PostsQuery;

/// Queries of publications.
#[Object]
impl PostsQuery {
    /// What a creator's accounts published, the highest first; what is not known comes last. Stories are not in it. Creators read their own;
    /// members those of a creator whom they see, as far as the network still shows them, and in the order of REACH only where the creator
    /// shows insights to brands, otherwise FORBIDDEN.
    #[expect(clippy::too_many_arguments, reason = "Relay's four, whose, the filter and the order")]
    async fn posts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which creator; the one who calls if absent.")] creator_id: Option<ID>,
        #[graphql(desc = "Only these.")] filter: Option<PostFilterInput>,
        #[graphql(desc = "By what; by publication if absent.")] order_by: Option<PostOrder>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Post>> {
        let (asked, order) = (filter.unwrap_or_default(), order_by.unwrap_or_default());
        let slice = slice(after, before, first, last)?;
        let creator = match creator_id {
            Some(asked) => id(&asked)?,
            None => ctx.creator()?.id(),
        };
        let own = ctx.cx()?.actor.is(creator);
        if !own {
            ctx.member()?;
            let row = seen(ctx, creator).await?;
            if !order.is_public() && ctx.rows()?.load_one(SharesOf(row.id)).await? != Some(true) {
                return Err(Error::Forbidden("networks.forbidden.not_shared"));
            }
        }
        let filter = PostFilter {
            network: asked.network.map(Into::into),
            account: asked.account_id.as_ref().map(id::<AccountId>).transpose()?,
            format: asked.format.unwrap_or_default(),
            since: asked.since,
            there: !own,
        };
        Ok(connection(readings::posts(ctx.app()?.db(), creator, &filter, order, slice).await?, Post::from))
    }
}
