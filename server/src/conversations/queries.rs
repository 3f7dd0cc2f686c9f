//! Reads of conversations, each through its actor. Counts and last messages are read for a whole page at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    campaign, creator,
    enums::Side,
    ids::{CampaignId, CreatorId, MessageId, ThreadId, UserId},
    message, thread, thread_read, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Func, LockType, Query, SimpleExpr},
};

use super::rules;
use crate::{
    auth::actors::{Creator, Member},
    base::{
        joined::Also,
        paging::{Cursor, Page, Slice, beyond},
    },
    error::{Error, Result},
    tx::Tx,
};

/// Which conversations are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those with something unread.
    pub unread: bool,
    /// Of one campaign.
    pub campaign: Option<CampaignId>,
}

pub(super) fn by_creator(by: &Creator) -> Select<thread::Entity> {
    thread::Entity::find().filter(thread::Column::CreatorId.eq(by.id()))
}

pub(super) fn by_member(by: &Member) -> Select<thread::Entity> {
    thread::Entity::find().filter(thread::Column::OrgId.eq(by.org()))
}

/// One of the creator's own.
pub async fn of_creator(db: &impl ConnectionTrait, by: &Creator, id: ThreadId) -> Result<thread::Model> {
    by_creator(by).filter(thread::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// A conversation with what stands above it.
#[derive(Clone, Debug)]
pub struct Headed {
    /// The conversation.
    pub thread: thread::Model,
    /// Its creator, if the profile is still there.
    pub creator: Option<creator::Model>,
    /// What it is about.
    pub campaign: Option<campaign::Model>,
}

/// As [`of_creator`], with what stands above it; one statement.
pub(super) async fn headed_of_creator(db: &impl ConnectionTrait, by: &Creator, id: ThreadId) -> Result<Headed> {
    headed(db, by_creator(by), id).await
}

/// As [`of_member`], with what stands above it; one statement.
pub(super) async fn headed_of_member(db: &impl ConnectionTrait, by: &Member, id: ThreadId) -> Result<Headed> {
    headed(db, by_member(by), id).await
}

async fn headed(db: &impl ConnectionTrait, query: Select<thread::Entity>, id: ThreadId) -> Result<Headed> {
    let creators = thread::Entity::belongs_to(creator::Entity).from(thread::Column::CreatorId).to(creator::Column::Id);
    let campaigns = thread::Entity::belongs_to(campaign::Entity).from(thread::Column::CampaignId).to(campaign::Column::Id);
    let query = query
        .filter(thread::Column::Id.eq(id))
        .join(JoinType::LeftJoin, creators.into())
        .join(JoinType::LeftJoin, campaigns.into())
        .also::<creator::Entity>("creator_")
        .also::<campaign::Entity>("campaign_");
    let found = db.query_one(&query.into_query()).await?.ok_or(Error::NotFound)?;
    Ok(Headed {
        thread: FromQueryResult::from_query_result(&found, "")?,
        creator: FromQueryResult::from_query_result(&found, "creator_")?,
        campaign: FromQueryResult::from_query_result(&found, "campaign_")?,
    })
}

/// One of the organisation's.
pub async fn of_member(db: &impl ConnectionTrait, by: &Member, id: ThreadId) -> Result<thread::Model> {
    by_member(by).filter(thread::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's latest conversation with each of these creators, of one campaign or of any. One statement.
pub async fn with(
    db: &impl ConnectionTrait,
    by: &Member,
    creators: impl IntoIterator<Item = CreatorId>,
    campaign: Option<CampaignId>,
) -> Result<HashMap<CreatorId, ThreadId>> {
    let about = campaign.map_or_else(Condition::all, |id| Condition::all().add(thread::Column::CampaignId.eq(id)));
    let rows: Vec<(CreatorId, ThreadId)> = by_member(by)
        .select_only()
        .columns([thread::Column::CreatorId, thread::Column::Id])
        .filter(thread::Column::CreatorId.is_in(creators))
        .filter(about)
        .order_by_asc(thread::Column::LastMessageAt)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn hold_of_creator(tx: &Tx, by: &Creator, id: ThreadId) -> Result<thread::Model> {
    by_creator(by).filter(thread::Column::Id.eq(id)).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

pub(super) async fn hold_of_member(tx: &Tx, by: &Member, id: ThreadId) -> Result<thread::Model> {
    by_member(by).filter(thread::Column::Id.eq(id)).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The creator's conversations, the latest first.
pub async fn list_of_creator(db: &impl ConnectionTrait, by: &Creator, filter: Filter, slice: Slice) -> Result<Page<thread::Model>> {
    list(db, by_creator(by), by.user_id(), Side::Creator, filter, slice).await
}

/// The organisation's conversations, the latest first. Unread is what this member has not seen.
pub async fn list_of_member(db: &impl ConnectionTrait, by: &Member, filter: Filter, slice: Slice) -> Result<Page<thread::Model>> {
    list(db, by_member(by), by.user_id(), Side::Brand, filter, slice).await
}

async fn list(
    db: &impl ConnectionTrait,
    mut query: Select<thread::Entity>,
    reader: UserId,
    side: Side,
    filter: Filter,
    slice: Slice,
) -> Result<Page<thread::Model>> {
    if let Some(campaign) = filter.campaign {
        query = query.filter(thread::Column::CampaignId.eq(campaign));
    }
    if filter.unread {
        query = unread(query, reader, side);
    }
    let down = slice.descends(true);
    if let Some((at, id)) = slice.key::<(DateTime<Utc>, ThreadId)>()? {
        query = query.filter(beyond(thread::Column::LastMessageAt, thread::Column::Id, at, id, down));
    }
    let order = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let rows = query
        .order_by(thread::Column::LastMessageAt, order.clone())
        .order_by(thread::Column::Id, order)
        .limit(slice.limit())
        .all(db)
        .await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&(row.last_message_at, row.id))))
}

/// With what a reader has seen of each.
fn seen_by(query: Select<thread::Entity>, reader: UserId) -> Select<thread::Entity> {
    let own = thread::Entity::belongs_to(thread_read::Entity)
        .from(thread::Column::Id)
        .to(thread_read::Column::ThreadId)
        .on_condition(move |_, reads| Condition::all().add(Expr::col((reads, thread_read::Column::UserId)).eq(reader)));
    query.join(JoinType::LeftJoin, own.into())
}

/// Until when it was seen, in a query of [`seen_by`]; before all time, if it never was.
fn seen() -> SimpleExpr {
    Func::coalesce([Expr::col((thread_read::Entity, thread_read::Column::ReadAt)), Expr::val(DateTime::<Utc>::UNIX_EPOCH)]).into()
}

/// Messages of the other side that were not seen, in a query of [`seen_by`].
fn unseen(side: Side) -> Condition {
    Condition::all()
        .add(Expr::col((message::Entity, message::Column::ThreadId)).equals((thread::Entity, thread::Column::Id)))
        .add(message::Column::Side.eq(rules::other(side)))
        .add(Expr::col((message::Entity, message::Column::CreatedAt)).gt(seen()))
}

/// Those with something of the other side that a reader has not seen.
fn unread(query: Select<thread::Entity>, reader: UserId, side: Side) -> Select<thread::Entity> {
    let messages = Query::select().expr(Expr::val(1)).from(message::Entity).cond_where(unseen(side)).to_owned();
    seen_by(query, reader)
        // Most were seen to their end, and that is told by the conversation itself.
        .filter(Expr::col((thread::Entity, thread::Column::LastMessageAt)).gt(seen()))
        .filter(Expr::exists(messages))
}

/// How many conversations hold something that the creator has not seen.
pub async fn unread_threads_of_creator(db: &impl ConnectionTrait, by: &Creator) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(unread(by_creator(by), by.user_id(), Side::Creator).count(db).await?)
}

/// How many conversations hold something that this member has not seen.
pub async fn unread_threads_of_member(db: &impl ConnectionTrait, by: &Member) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(unread(by_member(by), by.user_id(), Side::Brand).count(db).await?)
}

/// How many messages of each thread a reader has not seen; threads without any are absent. One statement.
pub async fn unread_counts(db: &impl ConnectionTrait, threads: &[ThreadId], reader: UserId, side: Side) -> Result<HashMap<ThreadId, i64>> {
    let messages = thread::Entity::belongs_to(message::Entity)
        .from(thread::Column::Id)
        .to(message::Column::ThreadId)
        .on_condition(move |_, _| unseen(side));
    let rows: Vec<(ThreadId, i64)> = seen_by(thread::Entity::find(), reader)
        .select_only()
        .column(thread::Column::Id)
        .column_as(message::Column::Id.count(), "n")
        .join(JoinType::InnerJoin, messages.into())
        .filter(thread::Column::Id.is_in(threads.iter().copied()))
        .group_by(thread::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The newest message of each thread. One statement.
pub async fn last_messages(db: &impl ConnectionTrait, threads: &[ThreadId]) -> Result<HashMap<ThreadId, message::Model>> {
    // Within a thread instants are unique, and the thread knows its last.
    let rows = message::Entity::find()
        .join(
            JoinType::InnerJoin,
            message::Entity::belongs_to(thread::Entity).from(message::Column::ThreadId).to(thread::Column::Id).into(),
        )
        .filter(message::Column::ThreadId.is_in(threads.iter().copied()))
        .filter(Expr::col((message::Entity, message::Column::CreatedAt)).equals((thread::Entity, thread::Column::LastMessageAt)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.thread_id, row)).collect())
}

/// The messages of a thread that was found through an actor, the oldest first.
pub async fn messages(db: &impl ConnectionTrait, thread: ThreadId, slice: Slice) -> Result<Page<message::Model>> {
    let rows = messages_of(thread, &slice)?.all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.created_at)))
}

/// A creator signs with the name that they chose for brands, a member with their own.
fn signed(side: Side, own: String, chosen: Option<String>) -> String {
    if side == Side::Creator { chosen.unwrap_or(own) } else { own }
}

/// As [`messages`], with the names of who wrote them; one statement.
pub(super) async fn signed_messages(db: &impl ConnectionTrait, thread: ThreadId, slice: Slice) -> Result<Page<(message::Model, String)>> {
    let authors = message::Entity::belongs_to(user::Entity).from(message::Column::AuthorId).to(user::Column::Id);
    let chosen = message::Entity::belongs_to(creator::Entity).from(message::Column::CreatorId).to(creator::Column::Id);
    let query = messages_of(thread, &slice)?
        .join(JoinType::LeftJoin, authors.into())
        .join(JoinType::LeftJoin, chosen.into())
        .column_as(user::Column::Name, "author_name")
        .column_as(creator::Column::DisplayName, "creator_name");
    let mut rows = Vec::new();
    for row in db.query_all(&query.into_query()).await? {
        let (own, chosen): (Option<String>, Option<String>) = (row.try_get("", "author_name")?, row.try_get("", "creator_name")?);
        let said = message::Model::from_query_result(&row, "")?;
        let name = signed(said.side, own.unwrap_or_default(), chosen);
        rows.push((said, name));
    }
    Ok(slice.into_page(rows, |(row, _)| Cursor::of(&row.created_at)))
}

fn messages_of(thread: ThreadId, slice: &Slice) -> Result<Select<message::Entity>> {
    let mut query = message::Entity::find().filter(message::Column::ThreadId.eq(thread));
    let down = slice.descends(false);
    if let Some(at) = slice.key::<DateTime<Utc>>()? {
        let created = message::Column::CreatedAt;
        query = query.filter(if down { created.lt(at) } else { created.gt(at) });
    }
    let order = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    Ok(query.order_by(message::Column::CreatedAt, order).limit(slice.limit()))
}

/// What was said in the creator's conversations.
pub(super) fn said_to_creator(by: &Creator) -> Select<message::Entity> {
    message::Entity::find().filter(message::Column::CreatorId.eq(by.id()))
}

/// What was said in the organisation's conversations.
pub(super) fn said_to_member(by: &Member) -> Select<message::Entity> {
    message::Entity::find().filter(message::Column::OrgId.eq(by.org()))
}

/// A message in one of the creator's conversations.
pub async fn message_of_creator(db: &impl ConnectionTrait, by: &Creator, id: MessageId) -> Result<message::Model> {
    said_to_creator(by).filter(message::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// A message in one of the organisation's conversations.
pub async fn message_of_member(db: &impl ConnectionTrait, by: &Member, id: MessageId) -> Result<message::Model> {
    said_to_member(by).filter(message::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The oldest message of the other side that a reader has not seen.
pub(super) async fn oldest_unread(
    db: &impl ConnectionTrait,
    thread: ThreadId,
    reader: UserId,
    side: Side,
) -> Result<Option<DateTime<Utc>>> {
    let query = thread_read::Entity::find().filter(thread_read::Column::ThreadId.eq(thread));
    let seen = query.filter(thread_read::Column::UserId.eq(reader)).one(db).await?.map(|row| row.read_at);
    let mut query =
        message::Entity::find().filter(message::Column::ThreadId.eq(thread)).filter(message::Column::Side.eq(rules::other(side)));
    if let Some(seen) = seen {
        query = query.filter(message::Column::CreatedAt.gt(seen));
    }
    Ok(query.order_by_asc(message::Column::CreatedAt).one(db).await?.map(|row| row.created_at))
}

/// Names of who wrote, by person and side: who is both a creator and a member is called otherwise here and there. One statement.
pub async fn names(db: &impl ConnectionTrait, users: impl IntoIterator<Item = UserId>) -> Result<HashMap<(UserId, Side), String>> {
    let chosen = user::Entity::belongs_to(creator::Entity).from(user::Column::Id).to(creator::Column::UserId);
    let rows: Vec<(UserId, String, Option<String>)> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::Name)
        .column(creator::Column::DisplayName)
        .join(JoinType::LeftJoin, chosen.into())
        .filter(user::Column::Id.is_in(users))
        .into_tuple()
        .all(db)
        .await?;
    let both = |(id, own, chosen): (UserId, String, Option<String>)| {
        [Side::Creator, Side::Brand].map(|side| ((id, side), signed(side, own.clone(), chosen.clone())))
    };
    Ok(rows.into_iter().flat_map(both).collect())
}

/// The campaigns that the organisation has conversations about, by name: to filter by.
pub async fn campaigns_of_member(db: &impl ConnectionTrait, by: &Member) -> Result<Vec<campaign::Model>> {
    let talked = by_member(by).select_only().column(thread::Column::CampaignId).into_query();
    Ok(campaign::Entity::find()
        .filter(campaign::Column::OrgId.eq(by.org()))
        .filter(campaign::Column::Id.in_subquery(talked))
        .order_by_asc(campaign::Column::Name)
        .limit(200)
        .all(db)
        .await?)
}
