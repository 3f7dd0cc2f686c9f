//! Reads of what was read: publications, audience, figures over time, and how the readings stand.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use entity::{
    account_metrics, audience_snapshot, comment,
    enums::{Crowd, Dimension, Network, SyncKind},
    ids::{AccountId, CreatorId, PostId},
    limit_bucket, mention, network_account, network_health, post, post_metrics, sync_task,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, JoinType, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Expr, ExprTrait, Func, NullOrdering, Query},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    auth::actors::{Admin, Creator, Member},
    base::paging::{Cursor, Page, Slice},
    creators,
    error::{Error, Result},
    networks::rules,
};

/// By what publications are ordered; the highest first, what is not known last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "PostOrder")]
pub enum PostOrder {
    /// Likes and comments together
    Engagement,
    /// The newest first
    #[default]
    Published,
    /// Times shown or played
    Views,
    /// Different people who saw it
    Reach,
    /// Likes
    Likes,
    /// Comments
    Comments,
}

impl PostOrder {
    /// Every order, as pages offer them.
    pub const ALL: [Self; 6] = [Self::Published, Self::Engagement, Self::Views, Self::Reach, Self::Likes, Self::Comments];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engagement => "engagement",
            Self::Published => "published",
            Self::Views => "views",
            Self::Reach => "reach",
            Self::Likes => "likes",
            Self::Comments => "comments",
        }
    }

    /// Whether everybody can see at the network by what it sorts.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Reach)
    }

    const fn column(self) -> post::Column {
        match self {
            Self::Engagement => post::Column::Engagement,
            Self::Published => post::Column::PublishedAt,
            Self::Views => post::Column::Views,
            Self::Reach => post::Column::Reach,
            Self::Likes => post::Column::Likes,
            Self::Comments => post::Column::Comments,
        }
    }

    /// The sort key of a row: a moment as microseconds.
    fn key(self, row: &post::Model) -> Option<i64> {
        match self {
            Self::Engagement => row.engagement,
            Self::Published => row.published_at.map(|at| at.timestamp_micros()),
            Self::Views => row.views,
            Self::Reach => row.reach,
            Self::Likes => row.likes,
            Self::Comments => row.comments,
        }
    }
}

impl std::str::FromStr for PostOrder {
    type Err = ();
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        Self::ALL.into_iter().find(|order| order.as_str() == text).ok_or(())
    }
}

/// Which publications.
#[derive(Clone, Debug, Default)]
pub struct PostFilter {
    /// On this network.
    pub network: Option<Network>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this format, in the connectors' word; empty = all.
    pub format: String,
    /// Not before this; what has no date is left out then.
    pub since: Option<DateTime<Utc>>,
    /// Only what the network still shows.
    pub there: bool,
}

/// What these creators' accounts published; stories are shown elsewhere.
pub(crate) fn posts_of(creator: CreatorId) -> Select<post::Entity> {
    post::Entity::find().filter(post::Column::CreatorId.eq(creator)).filter(post::Column::ExpiresAt.is_null())
}

/// Publications that are shown at all: stories are shown elsewhere.
pub(crate) fn shown() -> Select<post::Entity> {
    post::Entity::find().filter(post::Column::ExpiresAt.is_null())
}

/// How many publications of an account stand beside it in lists.
const NEWEST: u64 = 3;

/// What lists of accounts show of a publication. There are many in a page, so that the rest of each is read only by whom it is asked for.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Headline {
    pub(crate) id: PostId,
    pub(crate) account_id: AccountId,
    pub(crate) creator_id: CreatorId,
    pub(crate) network: Network,
    pub(crate) format: String,
    pub(crate) caption: String,
    pub(crate) url: String,
    pub(crate) published_at: Option<DateTime<Utc>>,
    pub(crate) engagement: Option<i64>,
}

impl Headline {
    const COLUMNS: [post::Column; 9] = [
        post::Column::Id,
        post::Column::AccountId,
        post::Column::CreatorId,
        post::Column::Network,
        post::Column::Format,
        post::Column::Caption,
        post::Column::Url,
        post::Column::PublishedAt,
        post::Column::Engagement,
    ];
}

impl From<&post::Model> for Headline {
    fn from(row: &post::Model) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            creator_id: row.creator_id,
            network: row.network,
            format: row.format.clone(),
            caption: row.caption.clone(),
            url: row.url.clone(),
            published_at: row.published_at,
            engagement: row.engagement,
        }
    }
}

/// The newest publications of each account, as far as their date is known.
pub async fn newest(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<Headline>>> {
    let backend = db.get_database_backend();
    let column = |column: post::Column| (post::Entity, column);
    let mut of_one = Query::select()
        .from(post::Entity)
        .and_where(Expr::col(column(post::Column::AccountId)).equals((network_account::Entity, network_account::Column::Id)))
        .and_where(Expr::col(column(post::Column::PublishedAt)).is_not_null())
        .and_where(Expr::col(column(post::Column::ExpiresAt)).is_null())
        .and_where(Expr::col(column(post::Column::GoneAt)).is_null())
        .order_by(column(post::Column::PublishedAt), Order::Desc)
        .order_by(column(post::Column::Id), Order::Desc)
        .limit(NEWEST)
        .take();
    let mut query = Query::select();
    query
        .columns(Headline::COLUMNS.map(column))
        .from(network_account::Entity)
        .and_where(Expr::col((network_account::Entity, network_account::Column::Id)).is_in(accounts.iter().copied()))
        .order_by(column(post::Column::PublishedAt), Order::Desc)
        .order_by(column(post::Column::Id), Order::Desc);
    // Each database has its own way of asking a few of each.
    if backend == DatabaseBackend::Postgres {
        let of_one = of_one.columns(Headline::COLUMNS.map(column)).take();
        query.join_lateral(JoinType::InnerJoin, of_one, post::Entity, Expr::val(true));
    } else {
        let of_one = of_one.column(column(post::Column::Id)).take();
        query.inner_join(post::Entity, Expr::col(column(post::Column::Id)).in_subquery(of_one));
    }
    let mut out: HashMap<AccountId, Vec<Headline>> = HashMap::new();
    for row in Headline::find_by_statement(backend.build(&query)).all(db).await? {
        out.entry(row.account_id).or_default().push(row);
    }
    Ok(out)
}

/// A page of a creator's publications.
pub async fn posts(
    db: &impl ConnectionTrait,
    creator: CreatorId,
    filter: &PostFilter,
    order: PostOrder,
    slice: Slice,
) -> Result<Page<post::Model>> {
    let mut query = posts_of(creator);
    if let Some(network) = filter.network {
        query = query.filter(post::Column::Network.eq(network));
    }
    if let Some(account) = filter.account {
        query = query.filter(post::Column::AccountId.eq(account));
    }
    if !filter.format.is_empty() {
        query = query.filter(post::Column::Format.eq(&*filter.format));
    }
    if let Some(since) = filter.since {
        query = query.filter(post::Column::PublishedAt.gte(since));
    }
    if filter.there {
        query = query.filter(post::Column::GoneAt.is_null());
    }
    let down = slice.descends(true);
    let column = order.column();
    if let Some((key, id)) = slice.key::<(Option<i64>, PostId)>()? {
        query = query.filter(beyond(order, key, id, down));
    }
    let (direction, nulls) = if down { (Order::Desc, NullOrdering::Last) } else { (Order::Asc, NullOrdering::First) };
    let rows = query
        .order_by_with_nulls(column, direction.clone(), nulls)
        .order_by(post::Column::Id, direction)
        .limit(slice.limit())
        .all(db)
        .await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&(order.key(row), row.id))))
}

/// What comes after a row: first by what is known, downwards; what is not known stands at the end.
fn beyond(order: PostOrder, key: Option<i64>, id: PostId, down: bool) -> Condition {
    let column = order.column();
    let value = |key: i64| match order {
        PostOrder::Published => Expr::val(DateTime::<Utc>::from_timestamp_micros(key).unwrap_or_default()),
        _ => Expr::val(key),
    };
    let tied = |known: Condition| {
        let further = if down { post::Column::Id.lt(id) } else { post::Column::Id.gt(id) };
        known.add(further)
    };
    match (key, down) {
        (Some(key), true) => Condition::any()
            .add(Expr::col(column).lt(value(key)))
            .add(column.is_null())
            .add(tied(Condition::all().add(Expr::col(column).eq(value(key))))),
        (Some(key), false) => {
            Condition::any().add(Expr::col(column).gt(value(key))).add(tied(Condition::all().add(Expr::col(column).eq(value(key)))))
        }
        (None, true) => tied(Condition::all().add(column.is_null())),
        (None, false) => Condition::any().add(column.is_not_null()).add(tied(Condition::all().add(column.is_null()))),
    }
}

/// A publication of the creator's own.
pub async fn own_post(db: &impl ConnectionTrait, by: &Creator, id: PostId) -> Result<post::Model> {
    post::Entity::find_by_id(id).filter(post::Column::CreatorId.eq(by.id())).one(db).await?.ok_or(Error::NotFound)
}

/// A publication that the network shows, seen by a member who sees its creator.
pub async fn seen_post(db: &impl ConnectionTrait, by: &Member, id: PostId) -> Result<post::Model> {
    let row = shown().filter(post::Column::Id.eq(id)).filter(post::Column::GoneAt.is_null()).one(db).await?.ok_or(Error::NotFound)?;
    creators::queries::one(db, by.into(), row.creator_id).await?;
    Ok(row)
}

/// How many publications of an account are known, those that are gone left out.
pub async fn count_posts(db: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let query = post::Entity::find()
        .filter(post::Column::AccountId.eq(account))
        .filter(post::Column::ExpiresAt.is_null())
        .filter(post::Column::GoneAt.is_null());
    Ok(query.count(db).await?)
}

/// How a publication's figures went, the oldest first; at most the last 400 readings.
pub async fn post_history(db: &impl ConnectionTrait, post: PostId) -> Result<Vec<post_metrics::Model>> {
    let mut rows = post_metrics::Entity::find()
        .filter(post_metrics::Column::PostId.eq(post))
        .order_by_desc(post_metrics::Column::CapturedAt)
        .order_by_desc(post_metrics::Column::Id)
        .limit(400)
        .all(db)
        .await?;
    rows.reverse();
    Ok(rows)
}

/// What was written under a publication, the latest first.
pub async fn comments(db: &impl ConnectionTrait, post: PostId, slice: Slice) -> Result<Page<comment::Model>> {
    let query = comment::Entity::find().filter(comment::Column::PostId.eq(post));
    let (said, seen, id) = (comment::Column::PublishedAt, comment::Column::FirstSeenAt, comment::Column::Id);
    latest(db, query, (said, seen, id), slice, |row: &comment::Model| (row.published_at, row.first_seen_at, row.id)).await
}

/// How many comments under a publication were read.
pub async fn count_comments(db: &impl ConnectionTrait, post: PostId) -> Result<i64> {
    let n = comment::Entity::find().filter(comment::Column::PostId.eq(post)).count(db).await?;
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The creator's accounts of which the network has more mentions than were read.
pub async fn more_mentions(db: &impl ConnectionTrait, creator: CreatorId) -> Result<Vec<network_account::Model>> {
    let tasks = sync_task::Entity::find()
        .select_only()
        .column(sync_task::Column::AccountId)
        .filter(sync_task::Column::CreatorId.eq(creator))
        .filter(sync_task::Column::Kind.eq(SyncKind::Mentions))
        .filter(sync_task::Column::More.eq(true));
    let accounts = network_account::Entity::find()
        .filter(network_account::Column::Id.in_subquery(tasks.into_query()))
        .order_by_asc(network_account::Column::Id);
    Ok(accounts.all(db).await?)
}

/// Where others name a creator's accounts, the latest first.
pub async fn mentions(db: &impl ConnectionTrait, creator: CreatorId, slice: Slice) -> Result<Page<mention::Model>> {
    let query = mention::Entity::find().filter(mention::Column::CreatorId.eq(creator));
    let (said, seen, id) = (mention::Column::PublishedAt, mention::Column::FirstSeenAt, mention::Column::Id);
    latest(db, query, (said, seen, id), slice, |row: &mention::Model| (row.published_at, row.first_seen_at, row.id)).await
}

/// What others said, the latest first; where the network does not tell when, when it was first read. `columns`: when it was said, when it
/// was read, the id; `of` gives the same of a row.
async fn latest<E, Id>(
    db: &impl ConnectionTrait,
    query: Select<E>,
    (said, seen, id): (E::Column, E::Column, E::Column),
    slice: Slice,
    of: impl Fn(&E::Model) -> (Option<DateTime<Utc>>, DateTime<Utc>, Id),
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    Id: Copy + Into<Value> + Serialize + DeserializeOwned,
{
    let when = || Expr::expr(Func::coalesce([Expr::col(said), Expr::col(seen)]));
    let down = slice.descends(true);
    let mut query = query;
    if let Some((key, last)) = slice.key::<(i64, Id)>()? {
        let at = || Expr::val(DateTime::<Utc>::from_timestamp_micros(key).unwrap_or_default());
        let (beyond, further) = match down {
            true => (when().lt(at()), id.lt(last)),
            false => (when().gt(at()), id.gt(last)),
        };
        query = query.filter(Condition::any().add(beyond).add(Condition::all().add(when().eq(at())).add(further)));
    }
    let way = if down { Order::Desc } else { Order::Asc };
    let rows = query.order_by(when(), way.clone()).order_by(id, way).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| {
        let (said, seen, id) = of(row);
        Cursor::of(&(said.unwrap_or(seen).timestamp_micros(), id))
    }))
}

/// Another row of the same table, in a subquery.
const NEWER: &str = "newer";

/// Whether a row is the latest among those that are alike in these columns.
fn is_latest<E: EntityTrait>(alike: impl IntoIterator<Item = E::Column>, when: E::Column) -> Expr {
    let here = |column: E::Column| (E::default(), column);
    let mut newer = Query::select();
    newer.expr(Expr::val(1)).from_as(E::default(), NEWER).and_where(Expr::col((NEWER, when)).gt(Expr::col(here(when))));
    for column in alike {
        newer.and_where(Expr::col((NEWER, column)).equals(here(column)));
    }
    Expr::exists(newer).not()
}

/// The latest word on each part of accounts' audiences. One statement for any number of accounts.
pub async fn audience(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<audience_snapshot::Model>>> {
    use audience_snapshot::Column;
    let rows = audience_snapshot::Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(is_latest::<audience_snapshot::Entity>([Column::AccountId, Column::Crowd, Column::Dimension], Column::CapturedAt))
        .all(db)
        .await?;
    let mut out: HashMap<AccountId, BTreeMap<(Crowd, Dimension), audience_snapshot::Model>> = HashMap::new();
    for row in rows {
        out.entry(row.account_id).or_default().insert((row.crowd, row.dimension), row);
    }
    Ok(out.into_iter().map(|(id, rows)| (id, rows.into_values().collect())).collect())
}

/// The latest figures of accounts over each window, the shortest first. One statement.
pub async fn insights(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<account_metrics::Model>>> {
    use account_metrics::Column;
    let rows = account_metrics::Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(is_latest::<account_metrics::Entity>([Column::AccountId, Column::WindowDays], Column::CapturedAt))
        .all(db)
        .await?;
    let mut out: HashMap<AccountId, BTreeMap<i32, account_metrics::Model>> = HashMap::new();
    for row in rows {
        out.entry(row.account_id).or_default().insert(row.window_days, row);
    }
    Ok(out.into_iter().map(|(id, rows)| (id, rows.into_values().collect())).collect())
}

/// The readings of accounts, in the order of kinds. One statement.
pub async fn tasks(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<sync_task::Model>>> {
    let rows = sync_task::Entity::find().filter(sync_task::Column::AccountId.is_in(accounts.iter().copied())).all(db).await?;
    let mut out: HashMap<AccountId, Vec<sync_task::Model>> = HashMap::new();
    for row in rows {
        out.entry(row.account_id).or_default().push(row);
    }
    for rows in out.values_mut() {
        rows.sort_by_key(|row| row.kind);
    }
    Ok(out)
}

/// A reading that fails, and its account.
pub type Failing = (sync_task::Model, Option<network_account::Model>);

/// How the networks fare.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Those that were asked.
    pub health: Vec<network_health::Model>,
    /// What is left of their limits.
    pub limits: Vec<limit_bucket::Model>,
    /// How many accounts are read of each.
    pub accounts: BTreeMap<Network, i64>,
    /// What fails, the longest first; at most 50.
    pub failing: Vec<Failing>,
}

impl Overview {
    /// The networks that are set up here, and those of which something is known, in the order of pages.
    pub fn networks(&self, registry: &connectors::Registry) -> Vec<Network> {
        let known = |network: &Network| {
            self.health.iter().any(|row| row.network == *network) || self.failing.iter().any(|(task, _)| task.network == *network)
        };
        rules::networks().filter(|network| registry.get(rules::outside(*network)).is_some() || known(network)).collect()
    }
}

/// How long after an alarm it is over, if nothing rang again: what is ours to mend is asked again daily.
const ALARM: Duration = Duration::days(2);

/// What a network refuses us that we or the operator have to mend, while it does.
pub fn alarm(row: &network_health::Model, now: DateTime<Utc>) -> Option<(DateTime<Utc>, &str)> {
    let at = row.alarm_at.filter(|at| !row.alarm.is_empty() && now - *at < ALARM)?;
    Some((at, &row.alarm))
}

/// For admins.
pub async fn overview(db: &impl ConnectionTrait, _: &Admin) -> Result<Overview> {
    let rows = sync_task::Entity::find()
        .filter(sync_task::Column::Failures.gt(0))
        .order_by_desc(sync_task::Column::Failures)
        .order_by_asc(sync_task::Column::Id)
        .limit(50)
        .all(db)
        .await?;
    let accounts =
        network_account::Entity::find().filter(network_account::Column::Id.is_in(rows.iter().map(|row| row.account_id))).all(db).await?;
    let counts: Vec<(Network, i64)> = sync_task::Entity::find()
        .select_only()
        .column(sync_task::Column::Network)
        .expr(Expr::col(sync_task::Column::Id).count())
        .filter(sync_task::Column::Kind.eq(SyncKind::Profile))
        .filter(sync_task::Column::NextRunAt.is_not_null())
        .group_by(sync_task::Column::Network)
        .into_tuple()
        .all(db)
        .await?;
    Ok(Overview {
        health: network_health::Entity::find()
            .order_by_asc(network_health::Column::Network)
            .order_by_asc(network_health::Column::Host)
            .all(db)
            .await?,
        limits: limit_bucket::Entity::find().order_by_asc(limit_bucket::Column::Key).limit(500).all(db).await?,
        accounts: counts.into_iter().collect(),
        failing: rows
            .into_iter()
            .map(|row| {
                let account = accounts.iter().find(|account| account.id == row.account_id).cloned();
                (row, account)
            })
            .collect(),
    })
}
