//! Stories that are kept beyond their day, in GraphQL.

use async_graphql::{Context, Enum, ID, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    enums::StoryEnd,
    ids::{CreatorId, StoryArchiveId},
    post, story_archive,
};
use sea_orm::EntityTrait;

use super::{
    super::stories::{self, Eyes, Kept},
    posts::{PostFigure, figures},
    rows::StoriesWith,
};
use crate::{
    base::{lang::Lang, paging::Cursor},
    creators::graphql::NetworkAccount,
    error::Result,
    graph::{
        context::{Actor, Ask, id},
        rows::Row,
        scalars::{Long, connection, slice},
    },
    web::urls,
};

/// How the figures of a story ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "StoryEnd", name = "StoryEnding")]
pub enum StoryEndingName {
    /// It is still up
    Open,
    /// They were read shortly before its end, or told by the network after it
    Final,
    /// They were read while it was up, but not at its end
    LastSeen,
    /// They were never read
    Missed,
}

/// A story of a creator's, with its figures, and with a copy while the creator and a brand agree to that.
pub struct KeptStory(Row<Kept>);

/// A story of a creator's, with its figures, and with a copy while the creator and a brand agree to that.
#[Object]
impl KeptStory {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.0.id.to_string().into()
    }
    /// The account that showed it; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.0.account_id).await?.map(NetworkAccount))
    }
    /// The network's own id.
    async fn external_id(&self) -> &str {
        &self.0.1.external_id
    }
    /// When it went up; null if the network does not say.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.1.published_at
    }
    /// When it is, or was, over.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.0.expires_at
    }
    /// How its figures ended.
    async fn ending(&self) -> StoryEndingName {
        self.0.0.ending.into()
    }
    /// The copy, for the session of who calls; null while there is none.
    async fn url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let (row, app) = (&self.0.0, ctx.app()?);
        let path = match &ctx.cx()?.actor {
            Actor::Member(by) => urls::org(by.org(), format!("creators/{}/stories/{}", row.creator_id, row.id)),
            _ => format!("{}/{}", urls::STORIES, row.id),
        };
        Ok(row.file.as_ref().map(|_| app.link(&path)))
    }
    /// What the copy is, as `image/jpeg`; null while there is none.
    async fn content_type(&self) -> Option<&str> {
        Some(&*self.0.0.content_type).filter(|word| !word.is_empty())
    }
    /// How large the copy is, in bytes; null while there is none.
    async fn bytes(&self) -> Option<Long> {
        self.0.0.file.as_ref().map(|_| Long(self.0.0.bytes))
    }
    /// Why there is no copy, in the caller's language; null if nothing is wrong.
    async fn problem(&self, ctx: &Context<'_>) -> Option<String> {
        Some(&*self.0.0.problem).filter(|word| !word.is_empty()).map(|word| ctx.locale().t(&format!("networks.story.{word}")).into())
    }
    /// The latest word on each measure.
    async fn figures(&self) -> Vec<PostFigure> {
        figures(&self.0.1, |_| true)
    }
}

/// The publication that a story is, as a mark for loading.
struct Shown;

/// A story for `node`: for its creator, and for members whose organisation has agreed to it with the creator.
pub(crate) async fn story_node(ctx: &Context<'_>, id: StoryArchiveId) -> Result<Option<KeptStory>> {
    let row = ctx.rows()?.find::<KeptStory, _, _>(story_archive::Column::Id, story_archive::Entity::find(), id).await?;
    let seen = match &ctx.cx()?.actor {
        Actor::Creator(by) => by.id() == row.creator_id,
        Actor::Member(by) => {
            let agreed = ctx.rows()?.load_one(StoriesWith(row.creator_id)).await?.unwrap_or_default();
            agreed.contains(&by.org()) && stories::is_kept(&row)
        }
        _ => false,
    };
    if !seen {
        return Ok(None);
    }
    let post = ctx.rows()?.find::<Shown, _, _>(post::Column::Id, post::Entity::find(), row.post_id).await?;
    Ok(Some(KeptStory(Row::from(((*row).clone(), (*post).clone())))))
}

/// Queries of stories.
#[derive(Default)]
pub struct StoriesQuery;

/// Queries of stories.
#[Object]
impl StoriesQuery {
    /// A creator's stories, the newest first. Creators read all of their own; members those that are kept of a creator who has agreed to it with
    /// their organisation, as it has, otherwise NOT_FOUND.
    async fn stories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which creator; the one who calls if absent.")] creator_id: Option<ID>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, KeptStory>> {
        let slice = slice(after, before, first, last)?;
        let creator: Option<CreatorId> = creator_id.as_ref().map(id).transpose()?;
        let eyes = match (&ctx.cx()?.actor, creator) {
            (Actor::Creator(by), None) => Eyes::from(by),
            (Actor::Creator(by), Some(asked)) if by.id() == asked => Eyes::from(by),
            (_, Some(asked)) => Eyes::of_member(ctx.member()?, asked),
            (_, None) => Eyes::from(ctx.creator()?),
        };
        Ok(connection(stories::list(ctx.app()?.db(), eyes, slice).await?, KeptStory))
    }
}
