//! Where others name accounts, and publications with a hashtag, in GraphQL.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use connectors::{Measure, Media};
use entity::{
    comment,
    enums::Network,
    ids::{CommentId, CreatorId, MentionId, PostId},
    mention, post,
};
use sea_orm::EntityTrait;

use super::{
    super::{hashtags, sync::queries as readings},
    posts::Post,
    rows::SharesOf,
};
use crate::{
    base::paging::Cursor,
    creators::graphql::{NetworkAccount, seen},
    error::{Error, Result},
    graph::{
        context::{Ask, id},
        names::NetworkName,
        outcome::answer,
        rows::Row,
        scalars::{Long, connection, slice},
    },
    payload,
};

/// A publication or comment of somebody else's that names a linked account.
pub struct Mention(pub Row<mention::Model>);

/// A publication or comment of somebody else's that names a linked account.
#[Object]
impl Mention {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The account that is named; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account_id).await?.map(NetworkAccount))
    }
    /// How: `caption`, `comment`, `tag`, `reply`, `quote`, or a word of the network's.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// Who wrote it; null if the network does not say.
    async fn author_handle(&self) -> Option<&str> {
        Some(&*self.0.author_handle).filter(|handle| !handle.is_empty())
    }
    /// The words; may be empty.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// Its page at the network; null if it gives none.
    async fn url(&self) -> Option<&str> {
        Some(&*self.0.url).filter(|url| !url.is_empty())
    }
    /// When it was published; null if the network does not say.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }
    /// When it was first read.
    async fn first_seen_at(&self) -> DateTime<Utc> {
        self.0.first_seen_at
    }
}

/// Whether the caller may know where others name a creator: one's own, or as a member whom the creator shows insights to.
async fn may_hear(ctx: &Context<'_>, creator: CreatorId) -> Result<()> {
    if ctx.cx()?.actor.is(creator) {
        return Ok(());
    }
    ctx.member()?;
    let row = seen(ctx, creator).await?;
    match ctx.rows()?.load_one(SharesOf(row.id)).await? {
        Some(true) => Ok(()),
        _ => Err(Error::Forbidden("networks.forbidden.not_shared")),
    }
}

/// A mention for `node`: for those who may hear it.
pub(crate) async fn mention_node(ctx: &Context<'_>, id: MentionId) -> Result<Option<Mention>> {
    let row = ctx.rows()?.find::<Mention, _, _>(mention::Column::Id, mention::Entity::find(), id).await?;
    may_hear(ctx, row.creator_id).await?;
    Ok(Some(Mention(row)))
}

/// What somebody wrote under a publication.
pub struct PostComment(Row<comment::Model>);

/// What somebody wrote under a publication.
#[Object]
impl PostComment {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The network's own id.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }
    /// The network's id of the comment that it answers; null if it answers none, or the network does not say.
    async fn parent_external_id(&self) -> Option<&str> {
        self.0.parent_external_id.as_deref()
    }
    /// Who wrote it; null if the network does not say.
    async fn author_handle(&self) -> Option<&str> {
        Some(&*self.0.author_handle).filter(|handle| !handle.is_empty())
    }
    /// The words; may be empty.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// When it was published; null if the network does not say.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }
    /// Likes; null if the network does not say.
    async fn likes(&self) -> Option<Long> {
        self.0.likes.map(Long)
    }
    /// Whether it is hidden from others at the network; null if the network does not say.
    async fn hidden(&self) -> Option<bool> {
        self.0.hidden
    }
    /// When it was first read.
    async fn first_seen_at(&self) -> DateTime<Utc> {
        self.0.first_seen_at
    }
}

/// A comment for `node`: for those who may hear it.
pub(crate) async fn comment_node(ctx: &Context<'_>, id: CommentId) -> Result<Option<PostComment>> {
    let row = ctx.rows()?.find::<PostComment, _, _>(comment::Column::Id, comment::Entity::find(), id).await?;
    let account = ctx.rows()?.load_one(row.account_id).await?.ok_or(Error::NotFound)?;
    may_hear(ctx, account.creator_id).await?;
    Ok(Some(PostComment(row)))
}

/// Queries of what others say.
#[derive(Default)]
pub struct HeardQuery;

/// Queries of what others say.
#[Object]
impl HeardQuery {
    /// Where others name a creator's linked accounts, the latest first. Creators read their own; members those of a creator whom they
    /// see and who shows insights to brands, otherwise FORBIDDEN.
    async fn mentions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which creator; the one who calls if absent.")] creator_id: Option<ID>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Mention>> {
        let slice = slice(after, before, first, last)?;
        let creator = match creator_id {
            Some(asked) => id(&asked)?,
            None => ctx.creator()?.id(),
        };
        may_hear(ctx, creator).await?;
        let page = readings::mentions(ctx.app()?.db(), creator, slice).await?;
        Ok(connection(page, Mention))
    }
    /// What was written under a publication, as far as it was read, the latest first. Creators read what stands under their own; members
    /// what stands under those of a creator whom they see and who shows insights to brands, otherwise FORBIDDEN.
    async fn comments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Under which publication.")] post_id: ID,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, PostComment>> {
        let slice = slice(after, before, first, last)?;
        let post = ctx.rows()?.find::<Post, _, _>(post::Column::Id, readings::shown(), id::<PostId>(&post_id)?).await?;
        may_hear(ctx, post.creator_id).await?;
        let page = readings::comments(ctx.app()?.db(), post.id, slice).await?;
        Ok(connection(page, PostComment))
    }
}

/// A publication that a network shows for a hashtag.
#[derive(SimpleObject)]
pub struct HashtagPost {
    /// The network's own id.
    external_id: String,
    /// Its form, in the word of `Post.format`.
    format: String,
    /// The text; may be empty.
    caption: String,
    /// Its page at the network; null if it gives none.
    url: Option<String>,
    /// Who published it; null if the network does not say. Instagram never does.
    author_handle: Option<String>,
    /// When; null if the network does not say.
    published_at: Option<DateTime<Utc>>,
    /// Likes; null if the network does not say.
    likes: Option<Long>,
    /// Comments or replies; null if the network does not say.
    comments: Option<Long>,
}

/// Counted in public.
fn counted(media: &Media, measures: [Measure; 2]) -> Option<Long> {
    measures.into_iter().find_map(|measure| media.counter(measure).value()).map(Long)
}

impl From<Media> for HashtagPost {
    fn from(media: Media) -> Self {
        Self {
            likes: counted(&media, [Measure::Likes, Measure::Reactions]),
            comments: counted(&media, [Measure::Comments, Measure::Replies]),
            format: media.format.code().to_owned(),
            external_id: media.external_id,
            caption: media.caption,
            url: media.permalink.map(Into::into),
            author_handle: media.author.handle,
            published_at: media.published_at,
        }
    }
}

/// A hashtag.
#[derive(InputObject)]
pub struct HashtagSearchInput {
    /// On which network.
    network: NetworkName,
    /// With or without its sign.
    hashtag: String,
}

payload! {
    /// The answer to `hashtagSearch`.
    HashtagSearchPayload {
        /// What the network shows, in its order; at most a page of the network's.
        posts: Vec<HashtagPost>,
        /// When it was asked; an answer is good for six hours.
        as_of: DateTime<Utc>,
        /// How many different hashtags can still be searched on Instagram within seven days; null for other networks.
        slots_left: i32,
    }
}

/// Mutations of searches.
#[derive(Default)]
pub struct HeardMutation;

/// Mutations of searches.
#[Object]
impl HeardMutation {
    /// What a network shows in public for a hashtag; for members. An answer is kept for six hours. On Instagram it takes one of the places
    /// for hashtags, of which each lending account has thirty in seven days.
    async fn hashtag_search(&self, ctx: &Context<'_>, input: HashtagSearchInput) -> Result<HashtagSearchPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?);
        let network = Network::from(input.network);
        let found = match hashtags::search(app, by, network.as_str(), &input.hashtag).await {
            Ok(found) => found,
            Err(error) => return answer(ctx, Err(error)),
        };
        let slots = if network == Network::Instagram { hashtags::slots(app).await? } else { None };
        Ok(HashtagSearchPayload {
            posts: Some(found.posts.into_iter().map(Into::into).collect()),
            as_of: Some(found.asked_at),
            slots_left: slots.and_then(|(left, _)| i32::try_from(left).ok()),
            ..Default::default()
        })
    }
}
