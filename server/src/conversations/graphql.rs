//! Conversations in GraphQL, and the subscription that brings new messages.

mod rows;

use async_graphql::{Context, Enum, ID, InputObject, Object, ObjectType, OutputType, SimpleObject, Subscription, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    enums::Side,
    event,
    ids::{MessageId, ThreadId},
    message, thread,
};
use futures_util::{Stream, StreamExt};
use sea_orm::{ColumnTrait, Condition};

use super::{
    queries::{self, Filter},
    send::{Send, Speaker},
};
use crate::{
    app::App,
    auth::actors::Person,
    base::paging::Cursor,
    campaigns::graphql::Campaign,
    creators::graphql::Creator,
    error::{Error, Result, Wrong},
    events::{self, Place},
    graph::{
        context::{Actor, Ask, id},
        outcome::{Alone, alone, answer},
        rows::Row,
        scalars::{bad_argument, connection, slice},
    },
    organisations::graphql::Organisation,
    participations::graphql::Job,
    payload,
};

pub(crate) use rows::ThreadOf;
use rows::{LastOf, NameOf, UnreadOf};

/// Who said something.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Side", name = "MessageSide")]
pub enum SideName {
    /// Somebody of the brand's organisation, or of an agency that acts for it.
    Brand,
    /// The creator.
    Creator,
}

/// What may be done with a conversation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ThreadAction {
    /// Saying something: `messageSend`.
    Send,
}

/// A conversation between a brand and a creator about a campaign. It begins when the creator joins.
pub struct Thread(pub Row<thread::Model>);

/// A conversation between a brand and a creator.
#[Object]
impl Thread {
    /// The conversation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The creator who talks.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        Ok(ctx.rows()?.load_one(self.0.creator_id).await?.map(Creator))
    }
    /// The organisation that talks.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        Ok(ctx.rows()?.load_one(self.0.org_id).await?.map(Organisation))
    }
    /// What the talk is about, as its creator may know it.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::load(ctx, self.0.campaign_id, None).await
    }
    /// The campaign, with all that its brand knows; null for creators, who read `job`.
    async fn campaign(&self, ctx: &Context<'_>) -> Result<Option<Campaign>> {
        match &ctx.cx()?.actor {
            Actor::Member(_) => Ok(ctx.rows()?.load_one(self.0.campaign_id).await?.map(Campaign)),
            _ => Ok(None),
        }
    }
    /// When something was last said; the beginning if nothing was yet.
    async fn last_message_at(&self) -> DateTime<Utc> {
        self.0.last_message_at
    }
    /// What was said last; null while nothing was.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        Ok(ctx.rows()?.load_one(LastOf(self.0.id)).await?.map(Message))
    }
    /// How many messages of the other side the person who asks has not seen.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let (reader, side) = reader(ctx)?;
        let key = UnreadOf { thread: self.0.id, reader: reader.id(), side };
        let count = ctx.rows()?.load_one(key).await?.unwrap_or(0);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ThreadAction>> {
        Ok(match &ctx.cx()?.actor {
            Actor::Creator(_) => vec![ThreadAction::Send],
            Actor::Member(by) if by.manager().is_ok() => vec![ThreadAction::Send],
            _ => Vec::new(),
        })
    }
    /// What was said, the oldest first; `last: 30` gives the newest.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Message, Live>> {
        let slice = slice(after, before, first, last)?;
        let live = Live::before(ctx).await?;
        let (db, asked) = (ctx.app()?.db(), ctx.look_ahead());
        let page = if asked.field("nodes").field("author").exists() || asked.field("edges").field("node").field("author").exists() {
            let rows = ctx.rows()?;
            Box::pin(queries::signed_messages(db, self.0.id, slice)).await?.map(|(row, name)| {
                rows.know(NameOf(row.author_id, row.side), Some(name));
                row
            })
        } else {
            Box::pin(queries::messages(db, self.0.id, slice)).await?
        };
        Ok(live.with(connection(page, Message)))
    }
}

/// Something that was said; it is never changed.
pub struct Message(pub Row<message::Model>);

/// Something that was said; it is never changed.
#[Object]
impl Message {
    /// The message's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The text, at most 4,000 characters; plain, with line breaks.
    async fn body(&self) -> &str {
        &self.0.body
    }
    /// When it was said. Within a conversation no two instants are equal.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// Whether the caller's own side said it.
    async fn is_mine(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(reader(ctx)?.1 == self.0.side)
    }
    /// Who said it.
    async fn author(&self, ctx: &Context<'_>) -> Result<MessageAuthor> {
        let name = ctx.rows()?.load_one(NameOf(self.0.author_id, self.0.side)).await?.unwrap_or_default();
        Ok(MessageAuthor { name, side: self.0.side.into() })
    }
}

/// Who said something.
#[derive(SimpleObject)]
pub struct MessageAuthor {
    /// The name: a creator's is the one that they chose for brands.
    name: String,
    /// For which side.
    side: SideName,
}

/// Where the live part of a list begins.
#[derive(SimpleObject)]
pub struct Live {
    /// Give it to `messageAdded` as `after`: nothing is missed of what comes after this answer. What came while it was made may come again,
    /// with the same id.
    live_cursor: String,
}

impl Live {
    /// Taken before the list is read, in the one order that misses nothing; fields beside each other are resolved at once.
    async fn before(ctx: &Context<'_>) -> Result<Self> {
        if !ctx.look_ahead().field("liveCursor").exists() {
            return Ok(Self { live_cursor: String::new() });
        }
        Ok(Self { live_cursor: events::newest(ctx.app()?.db()).await?.to_cursor() })
    }

    fn with<T: OutputType + ObjectType>(self, list: Connection<Cursor, T>) -> Connection<Cursor, T, Self> {
        let mut live = Connection::with_additional_fields(list.has_previous_page, list.has_next_page, self);
        live.edges = list.edges;
        live
    }
}

/// Whose eyes read, and on which side they are.
fn reader<'a>(ctx: &'a Context<'_>) -> Result<(&'a Person, Side)> {
    let side = match &ctx.cx()?.actor {
        Actor::Creator(_) => Side::Creator,
        _ => ctx.member().map(|_| Side::Brand)?,
    };
    Ok((ctx.person()?, side))
}

/// A conversation of the caller's.
async fn thread_of(ctx: &Context<'_>, id: ThreadId) -> Result<thread::Model> {
    let db = ctx.app()?.db();
    match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::of_creator(db, by, id).await,
        _ => queries::of_member(db, ctx.member()?, id).await,
    }
}

/// As [`thread_of`]; if what stands above it is asked for too, with it.
async fn headed(ctx: &Context<'_>, id: ThreadId) -> Result<thread::Model> {
    let asked = ctx.look_ahead();
    if !asked.field("creator").exists() && !asked.field("campaign").exists() && !asked.field("job").exists() {
        return thread_of(ctx, id).await;
    }
    let db = ctx.app()?.db();
    let found = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::headed_of_creator(db, by, id).await?,
        _ => queries::headed_of_member(db, ctx.member()?, id).await?,
    };
    let rows = ctx.rows()?;
    rows.know(found.thread.creator_id, found.creator.map(Row::from));
    rows.know(found.thread.campaign_id, found.campaign.map(Row::from));
    Ok(found.thread)
}

/// A conversation for `node`: the brand's or the creator's own.
pub(crate) async fn thread_node(ctx: &Context<'_>, id: ThreadId) -> Result<Option<Thread>> {
    let scope = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::by_creator(by),
        _ => queries::by_member(ctx.member()?),
    };
    Ok(Some(Thread(ctx.rows()?.find::<Thread, _, _>(thread::Column::Id, scope, id).await?)))
}

/// A message for `node`, in a conversation of the caller's.
pub(crate) async fn message_node(ctx: &Context<'_>, id: MessageId) -> Result<Option<Message>> {
    let scope = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::said_to_creator(by),
        _ => queries::said_to_member(ctx.member()?),
    };
    Ok(Some(Message(ctx.rows()?.find::<Message, _, _>(message::Column::Id, scope, id).await?)))
}

/// Which conversations are asked for.
#[derive(InputObject, Default)]
pub struct ThreadFilter {
    /// Only those with something that the caller has not seen.
    #[graphql(default)]
    unread: bool,
    /// Of one campaign.
    campaign_id: Option<ID>,
}

/// Queries of conversations.
#[derive(Default)]
pub struct ConversationsQuery;

/// Queries of conversations.
#[Object]
impl ConversationsQuery {
    /// The caller's conversations, as creator or as member; the latest first.
    async fn threads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<ThreadFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Thread, Live>> {
        let slice = slice(after, before, first, last)?;
        let live = Live::before(ctx).await?;
        let asked = filter.unwrap_or_default();
        let filter = Filter { unread: asked.unread, campaign: asked.campaign_id.as_ref().map(id).transpose()? };
        let db = ctx.app()?.db();
        let page = match &ctx.cx()?.actor {
            Actor::Creator(by) => queries::list_of_creator(db, by, filter, slice).await?,
            _ => queries::list_of_member(db, ctx.member()?, filter, slice).await?,
        };
        Ok(live.with(connection(page, Thread)))
    }

    /// One conversation of the caller's; null if there is none by this id.
    async fn thread(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.", name = "id")] given: ID) -> Alone<Thread> {
        alone(async {
            ctx.person()?;
            match given.parse() {
                Ok(id) => match headed(ctx, id).await {
                    Ok(row) => Ok(Some(Thread(row.into()))),
                    Err(Error::NotFound) => Ok(None),
                    Err(other) => Err(other),
                },
                Err(_) => Ok(None),
            }
        })
        .await
    }
}

/// Something to say.
#[derive(InputObject)]
pub struct MessageSendInput {
    /// The conversation.
    thread_id: ID,
    /// The text, 1 to 4,000 characters.
    body: String,
    /// The same key gives the same message and says nothing twice.
    idempotency_key: Option<String>,
}

/// Which conversation was seen.
#[derive(InputObject)]
pub struct ThreadMarkReadInput {
    /// The conversation.
    thread_id: ID,
}

payload! {
    /// The answer to `messageSend`.
    MessageSendPayload {
        /// The message.
        message: Message,
    }
    /// The answer to `threadMarkRead`.
    ThreadMarkReadPayload {
        /// The conversation as it is now.
        thread: Thread,
    }
}

/// Mutations of conversations.
#[derive(Default)]
pub struct ConversationsMutation;

/// Mutations of conversations.
#[Object]
impl ConversationsMutation {
    /// Says something in a conversation: its creator, or a manager or owner of its organisation.
    async fn message_send(&self, ctx: &Context<'_>, input: MessageSendInput) -> Result<MessageSendPayload> {
        ctx.person()?;
        let text = Send { body: input.body, idempotency_key: input.idempotency_key };
        let done = async {
            let app = ctx.app()?;
            match &ctx.cx()?.actor {
                Actor::Creator(by) => super::send(app, Speaker::Creator(by), id(&input.thread_id)?, text).await,
                _ => super::send(app, Speaker::Manager(&ctx.member()?.manager()?), id(&input.thread_id)?, text).await,
            }
        };
        answer(ctx, done.await.map(|row| MessageSendPayload { message: Some(Message(row.into())), ..Default::default() }))
    }

    /// Notes that the person who asks has seen all of a conversation.
    async fn thread_mark_read(&self, ctx: &Context<'_>, input: ThreadMarkReadInput) -> Result<ThreadMarkReadPayload> {
        let by = ctx.person()?;
        let done = async {
            let thread = thread_of(ctx, id(&input.thread_id)?).await?;
            super::mark_read(ctx.app()?, by, &thread).await?;
            Ok(thread)
        };
        answer(ctx, done.await.map(|row| ThreadMarkReadPayload { thread: Some(Thread(row.into())), ..Default::default() }))
    }
}

/// A message as it comes.
#[derive(SimpleObject)]
pub struct MessageAdded {
    /// Where to resume after a lost connection: as `after`.
    cursor: String,
    /// The conversation that it belongs to.
    thread_id: ID,
    /// The message.
    node: Message,
}

/// Subscriptions of conversations.
#[derive(Default)]
pub struct ConversationsSubscription;

#[Subscription]
impl ConversationsSubscription {
    /// Each new message in one conversation of the caller's or in all. With `after`, first what came since, without loss or repeat. Ends
    /// with an error once the session or the place in the organisation is gone.
    async fn message_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One conversation; null = all of the caller's.")] thread_id: Option<ID>,
        #[graphql(desc = "A `cursor` of before, or a `liveCursor`; null = from now on.")] after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<MessageAdded>> + use<>> {
        let app = ctx.app()?.clone();
        let actor = ctx.cx()?.actor.clone();
        let mine = match &actor {
            Actor::Creator(by) => event::Column::CreatorId.eq(by.id()),
            _ => event::Column::OrgId.eq(ctx.member()?.org()),
        };
        let thread = match &thread_id {
            Some(given) => Some(thread_of(ctx, id(given)?).await?.id),
            None => None,
        };
        let place = match after {
            Some(text) => {
                Place::parse(&text).ok_or_else(|| bad_argument("after", Wrong::new(crate::error::Code::Invalid, "base.problem.cursor")))?
            }
            None => events::newest(app.db()).await?,
        };
        let matching = Condition::all().add(event::Column::Kind.eq("message.sent")).add(mine);
        let heard = events::follow(app.clone(), place, matching);
        Ok(async_stream::stream! {
            let mut heard = std::pin::pin!(heard);
            while let Some(row) = heard.next().await {
                match added(&app, &actor, thread, &row).await {
                    Ok(Some(message)) => yield Ok(message),
                    Ok(None) => {}
                    Err(error) => {
                        yield Err(async_graphql::Error::new_with_source(error));
                        return;
                    }
                }
            }
        })
    }
}

/// The message of an event, if it is of the thread asked for. Whether the actor may still read is asked for each, so that nothing goes out
/// after a right is lost.
async fn added(app: &App, actor: &Actor, thread: Option<ThreadId>, row: &event::Model) -> Result<Option<MessageAdded>> {
    let Ok(id) = row.subject.parse::<MessageId>() else { return Ok(None) };
    let of = row.data["thread"].as_str().and_then(|text| text.parse::<ThreadId>().ok());
    if thread.is_some() && of != thread {
        return Ok(None);
    }
    actor.recheck(app).await?;
    let found = match actor {
        Actor::Creator(by) => queries::message_of_creator(app.db(), by, id).await,
        Actor::Member(by) => queries::message_of_member(app.db(), by, id).await,
        _ => Err(Error::NotFound),
    };
    match found {
        Ok(message) => Ok(Some(MessageAdded {
            cursor: Place::of(row).to_cursor(),
            thread_id: message.thread_id.to_string().into(),
            node: Message(message.into()),
        })),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
