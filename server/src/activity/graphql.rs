//! Activity in GraphQL.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Subscription, connection::Connection, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    enums::Digest,
    event,
    ids::{ActivityItemId, EventId},
};
use futures_util::{Stream, StreamExt};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    pages::{by, sentence},
    queries::{self, About, Eyes, Filter},
};
use crate::{
    app::App,
    base::paging::Cursor,
    error::{Code, Error, Result, Wrong},
    events::{self, Place},
    graph::{
        context::{Actor, Ask},
        outcome::answer,
        rows::{Row, Rows},
        scalars::{bad_argument, connection, slice},
    },
    payload,
};

/// How often a mail sums up what was not seen.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Digest", name = "ActivityDigest")]
pub enum DigestName {
    /// Never
    Never,
    /// Each morning at eight, if there is something
    Daily,
    /// Each Monday morning at eight, if there is something
    Weekly,
}

/// Something that happened and concerns the caller's actor.
pub struct ActivityItem {
    row: Row<event::Model>,
    about: About,
}

/// Something that happened and concerns the caller's actor.
#[Object]
impl ActivityItem {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        ActivityItemId(self.row.id.0).to_string().into()
    }
    /// What happened: `invitation.accepted`. New kinds may come with a release.
    async fn kind(&self) -> &str {
        &self.row.kind
    }
    /// What happened, in the caller's language.
    async fn description(&self, ctx: &Context<'_>) -> String {
        sentence(ctx.locale(), &self.row, &self.about)
    }
    /// Who did it, as far as the caller may know: "You", a colleague, a creator, for creators the organisation; null = nobody in
    /// particular, or somebody who is not named to the caller.
    async fn by(&self, ctx: &Context<'_>) -> Option<String> {
        by(ctx.locale(), &self.about)
    }
    /// The id of what it happened to; for `node`.
    async fn subject(&self) -> &str {
        &self.row.subject
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }
    /// Whether it calls for attention: somebody else did it, or the system.
    async fn is_notification(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(eyes(&ctx.cx()?.actor)?.notices(&self.row))
    }
}

fn eyes(actor: &Actor) -> Result<Eyes> {
    match actor {
        Actor::Creator(by) => Ok(by.into()),
        Actor::Member(by) => Ok(by.into()),
        Actor::Admin(by) => Ok(by.into()),
        Actor::Undecided(_, choices) if choices.len() > 1 => Err(Error::Forbidden("auth.forbidden.choose_actor")),
        Actor::Undecided(..) => Err(Error::Forbidden("auth.forbidden.member")),
        Actor::Nobody => Err(Error::SignIn),
    }
}

/// Which of it is asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct ActivityFilter {
    /// The first word of the kind, such as `invitation`; a word that is none finds nothing.
    area: Option<String>,
    /// Only what calls for attention.
    #[graphql(default)]
    notifications: bool,
}

async fn item(db: &impl ConnectionTrait, eyes: Eyes, row: Row<event::Model>) -> Result<ActivityItem> {
    let about = queries::about(db, eyes, &[&row]).await?.remove(&row.id).unwrap_or_default();
    Ok(ActivityItem { row, about })
}

/// An item for `node`.
pub(crate) async fn item_node(ctx: &Context<'_>, id: ActivityItemId) -> Result<Option<ActivityItem>> {
    let eyes = eyes(&ctx.cx()?.actor)?;
    let scope = queries::seen_by(&eyes);
    let row = ctx.rows()?.find::<ActivityItem, _, _>(event::Column::Id, scope, id).await?;
    let about = ctx.rows()?.load_one(AboutOf(row.id, eyes)).await?.unwrap_or_default();
    Ok(Some(ActivityItem { row, about }))
}

/// What an item is about, as a loader's key; the item was found through the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AboutOf(EventId, Eyes);

impl Loader<AboutOf> for Rows {
    type Value = About;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[AboutOf]) -> Result<HashMap<AboutOf, About>, Self::Error> {
        let db = self.app.db();
        let query = event::Entity::find().filter(event::Column::Id.is_in(keys.iter().map(|key| key.0)));
        let rows = query.all(db).await.map_err(|error| Arc::new(error.into()))?;
        // One request has one pair of eyes.
        let Some(AboutOf(_, eyes)) = keys.first().copied() else { return Ok(HashMap::new()) };
        let found = queries::about(db, eyes, &rows.iter().collect::<Vec<_>>()).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, about)| (AboutOf(id, eyes), about)).collect())
    }
}

/// Queries of activity.
#[derive(Default)]
pub struct ActivityQuery;

/// Queries of activity.
#[Object]
impl ActivityQuery {
    /// What happened that concerns the caller's actor, the newest first.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<ActivityFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, ActivityItem>> {
        ctx.person()?;
        let eyes = eyes(&ctx.cx()?.actor)?;
        let asked = filter.unwrap_or_default();
        let filter = Filter { area: asked.area.unwrap_or_default(), notifications: asked.notifications };
        let db = ctx.app()?.db();
        let page = queries::list(db, eyes, &filter, slice(after, before, first, last)?).await?;
        let rows: Vec<&event::Model> = page.items().collect();
        let about = queries::about(db, eyes, &rows).await?;
        Ok(connection(page, |row| {
            let about = about.get(&row.id).cloned().unwrap_or_default();
            ActivityItem { row, about }
        }))
    }

    /// How many things call for the attention of the caller's actor and were not seen; 100 stands for "100 or more".
    async fn activity_unseen(&self, ctx: &Context<'_>) -> Result<i32> {
        ctx.person()?;
        let count = queries::count_unseen(ctx.app()?.db(), eyes(&ctx.cx()?.actor)?).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// Nothing but that everything was seen.
#[derive(InputObject)]
pub struct ActivitySeenInput {
    /// Must be true.
    all: bool,
}

payload! {
    /// The answer to `activitySeen`.
    ActivitySeenPayload {
        /// How many things call for attention now.
        unseen: i32,
    }
}

/// Mutations of activity.
#[derive(Default)]
pub struct ActivityMutation;

/// Mutations of activity.
#[Object]
impl ActivityMutation {
    /// Notes that the caller's actor has seen what happened so far.
    async fn activity_seen(&self, ctx: &Context<'_>, input: ActivitySeenInput) -> Result<ActivitySeenPayload> {
        ctx.person()?;
        let eyes = eyes(&ctx.cx()?.actor)?;
        let app = ctx.app()?;
        let done = async {
            if input.all {
                super::seen(app, eyes).await?;
            }
            queries::count_unseen(app.db(), eyes).await
        };
        answer(ctx, done.await.map(|n| ActivitySeenPayload { unseen: i32::try_from(n).ok(), ..Default::default() }))
    }
}

/// Something that has just happened.
#[derive(SimpleObject)]
pub struct ActivityAdded {
    /// Where to resume after a lost connection: as `after`.
    cursor: String,
    /// What happened.
    node: ActivityItem,
}

/// Subscriptions of activity.
#[derive(Default)]
pub struct ActivitySubscription;

#[Subscription]
impl ActivitySubscription {
    /// What happens that concerns the caller's actor. With `after`, first what came since, without loss or repeat. Ends with an error once
    /// the session or the place in the organisation is gone.
    async fn activity_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A `cursor` of before; null = from now on.")] after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<ActivityAdded>> + use<>> {
        ctx.person()?;
        let app: App = ctx.app()?.clone();
        let actor = ctx.cx()?.actor.clone();
        let place = match after {
            Some(text) => Place::parse(&text).ok_or_else(|| bad_argument("after", Wrong::new(Code::Invalid, "base.problem.cursor")))?,
            None => events::newest(app.db()).await?,
        };
        let eyes = eyes(&actor)?;
        let heard = events::follow(app.clone(), place, eyes.feed());
        Ok(async_stream::stream! {
            let mut heard = std::pin::pin!(heard);
            while let Some(row) = heard.next().await {
                // Nothing goes out after a right is lost.
                if let Err(error) = actor.recheck(&app).await {
                    yield Err(async_graphql::Error::new_with_source(error));
                    return;
                }
                let cursor = Place::of(&row).to_cursor();
                match item(app.db(), eyes, row.into()).await {
                    Ok(node) => yield Ok(ActivityAdded { cursor, node }),
                    Err(error) => {
                        yield Err(async_graphql::Error::new_with_source(error));
                        return;
                    }
                }
            }
        })
    }
}
