//! Reads of creators. A creator sees their own profile; members see every public one, and those that their own organisation typed in;
//! admins see all. However long a list, what hangs on its rows is read with one statement a table.

use std::{collections::HashMap, hash::Hash};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::{
    account_snapshot, creator, creator_topic,
    enums::{CreatorSource, LinkState},
    ids::{AccountId, CreatorId, OrgId, PortfolioItemId, UploadId},
    network_account, network_link, offering, participation, portfolio_item, upload,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Func, LockType, SimpleExpr},
};

use super::rules::{Filter, History, Order};
use crate::{
    auth::actors::{Admin, Creator, Member},
    base::{
        paging::{Cursor, Page, Slice},
        text::contains,
    },
    error::{Error, Result},
    tx::Tx,
};

/// Whose eyes see.
#[derive(Clone, Copy, Debug)]
pub enum Eyes {
    /// A member's: profiles that another organisation typed in are not there.
    Org(OrgId),
    /// An admin's.
    Admin,
}

impl From<&Member> for Eyes {
    fn from(by: &Member) -> Self {
        Self::Org(by.org())
    }
}

impl From<&Admin> for Eyes {
    fn from(_: &Admin) -> Self {
        Self::Admin
    }
}

impl Eyes {
    /// Which profiles these eyes see.
    pub(crate) fn see(self) -> Condition {
        match self {
            Self::Admin => Condition::all(),
            Self::Org(org) => Condition::any()
                .add(creator::Column::Source.ne(CreatorSource::Invited))
                .add(creator::Column::UserId.is_not_null())
                .add(creator::Column::Id.in_subquery(taking_part(org).into_query())),
        }
    }

    /// Which of them had to do with the organisation whose eyes these are; an admin's are no organisation's.
    fn know(self, history: Option<History>, database: DbBackend) -> Condition {
        let (Self::Org(org), Some(history)) = (self, history) else { return Condition::all() };
        let mut known = taking_part(org);
        if history == History::Joined {
            known = known.filter(participation::Column::JoinedAt.is_not_null());
        }
        // They are few beside all: PostgreSQL looks up an array of ids, where it would read everybody for a subquery.
        Condition::all().add(match database {
            DbBackend::Postgres => {
                let ids = SimpleExpr::SubQuery(None, Box::new(known.into_query().into()));
                Expr::cust_with_expr(r#""creators"."id" = ANY(ARRAY $1)"#, ids)
            }
            _ => creator::Column::Id.in_subquery(known.into_query()),
        })
    }
}

/// The creators of an organisation's campaigns.
fn taking_part(org: OrgId) -> Select<participation::Entity> {
    participation::Entity::find().select_only().column(participation::Column::CreatorId).filter(participation::Column::OrgId.eq(org))
}

/// A creator, if these eyes see them.
pub async fn one(db: &impl ConnectionTrait, by: Eyes, id: CreatorId) -> Result<creator::Model> {
    seen_by(by).filter(creator::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The names of creators, as far as these eyes see them. One statement.
pub async fn names(db: &impl ConnectionTrait, by: Eyes, ids: &[CreatorId]) -> Result<HashMap<CreatorId, String>> {
    let rows: Vec<(CreatorId, String)> = seen_by(by)
        .select_only()
        .columns([creator::Column::Id, creator::Column::DisplayName])
        .filter(creator::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The creators whom these eyes see.
pub(crate) fn seen_by(by: Eyes) -> Select<creator::Entity> {
    creator::Entity::find().filter(by.see())
}

/// The creator's own profile, held until the operation ends.
pub(super) async fn own_for_update(tx: &Tx, by: &Creator) -> Result<creator::Model> {
    creator::Entity::find_by_id(by.id())
        .filter(creator::Column::UserId.eq(by.user_id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)
}

/// The profile of a person, if they are a creator.
pub(crate) async fn of_user(db: &impl ConnectionTrait, user: entity::ids::UserId) -> Result<Option<creator::Model>> {
    Ok(creator::Entity::find().filter(creator::Column::UserId.eq(user)).one(db).await?)
}

/// The creator's own profile as it is now.
pub async fn own(db: &impl ConnectionTrait, by: &Creator) -> Result<creator::Model> {
    creator::Entity::find_by_id(by.id()).one(db).await?.ok_or(Error::NotFound)
}

/// The creator's own past collaborations, deleted or not.
pub(super) fn own_items(by: &Creator) -> Select<portfolio_item::Entity> {
    portfolio_item::Entity::find().filter(portfolio_item::Column::CreatorId.eq(by.id()))
}

/// A past collaboration of the creator's own, deleted or not.
pub async fn item(db: &impl ConnectionTrait, by: &Creator, id: PortfolioItemId) -> Result<portfolio_item::Model> {
    own_items(by).filter(portfolio_item::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// Live past collaborations of anybody's. Whoever asks must be allowed to see their creator.
pub(super) fn shown_items() -> Select<portfolio_item::Entity> {
    portfolio_item::Entity::find().filter(portfolio_item::Column::DeletedAt.is_null())
}

pub(super) async fn item_for_update(tx: &Tx, by: &Creator, id: PortfolioItemId) -> Result<portfolio_item::Model> {
    portfolio_item::Entity::find_by_id(id)
        .filter(portfolio_item::Column::CreatorId.eq(by.id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)
}

/// A picture; everybody may see it who has its address.
pub async fn picture(db: &impl ConnectionTrait, id: UploadId) -> Result<upload::Model> {
    upload::Entity::find_by_id(id).filter(upload::Column::IsProof.eq(false)).one(db).await?.ok_or(Error::NotFound)
}

/// A row of a list, with the key that the list is sorted by.
#[derive(Clone, Debug, FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    creator: creator::Model,
    audience: i64,
}

/// The largest audience among a creator's accounts, −1 if none is known.
fn followers(filter: &Filter) -> SimpleExpr {
    let Some(network) = filter.network else {
        // Of all networks it is at hand. As its index is written: another constant, or a value beside the statement, would not find it.
        return Expr::cust(r#"COALESCE("creators"."followers", -1)"#);
    };
    let accounts = network_account::Entity::find()
        .select_only()
        .expr(Expr::col(network_account::Column::Followers).max())
        .filter(Expr::col((network_account::Entity, network_account::Column::CreatorId)).equals((creator::Entity, creator::Column::Id)))
        .filter(network_account::Column::Network.eq(network));
    let known = SimpleExpr::SubQuery(None, Box::new(accounts.into_query().into()));
    Func::coalesce([known, Expr::val(-1_i64)]).into()
}

/// What a list is sorted by, of those that are numbers; −1 where it is not known. As the indexes are written.
fn measured(filter: &Filter, order: Order) -> SimpleExpr {
    match order {
        Order::Score => Expr::cust(r#"COALESCE("creators"."score", -1)"#),
        Order::TrueReach => Expr::cust(r#"COALESCE("creators"."true_reach", -1)"#),
        Order::Engagement => Expr::cust(r#"COALESCE("creators"."engagement_rate", -1)"#),
        Order::Followers | Order::Name | Order::Newest => followers(filter),
    }
}

fn matching(filter: &Filter) -> Condition {
    let accounts = || {
        network_account::Entity::find()
            .select_only()
            .column(network_account::Column::CreatorId)
            .filter(filter.network.map_or_else(Condition::all, |n| Condition::all().add(network_account::Column::Network.eq(n))))
    };
    let mut all = Condition::all();
    if !filter.name.is_empty() {
        let handles = accounts().filter(Expr::col(network_account::Column::HandleKey).like(contains(&filter.handle))).into_query();
        // Words in any order: nobody knows whether a name is written with a blank.
        let within = |word: &str| Expr::col((creator::Entity, creator::Column::NameKey)).like(contains(word));
        let words = filter.name.split_whitespace().fold(Condition::all(), |all, word| all.add(within(word)));
        all = all.add(Condition::any().add(words).add(creator::Column::Id.in_subquery(handles)));
    }
    if filter.network.is_some() {
        all = all.add(creator::Column::Id.in_subquery(accounts().into_query()));
    }
    if let Some(min) = filter.min {
        all = all.add(followers(filter).gte(min));
    }
    if let Some(max) = filter.max {
        // Unknown is not small.
        all = all.add(followers(filter).between(0_i64, max));
    }
    for (order, least) in [(Order::Score, filter.score), (Order::TrueReach, filter.reach), (Order::Engagement, filter.engagement)] {
        if let Some(least) = least {
            all = all.add(measured(filter, order).gte(least));
        }
    }
    if let Some(category) = filter.category {
        all = all.add(creator::Column::MainCategory.eq(category.as_str()));
    }
    if !filter.topic.is_empty() {
        let about = creator_topic::Entity::find().select_only().column(creator_topic::Column::CreatorId);
        all = all.add(creator::Column::Id.in_subquery(about.filter(creator_topic::Column::Topic.eq(&*filter.topic)).into_query()));
    }
    if !filter.country.is_empty() {
        all = all.add(creator::Column::Country.eq(&*filter.country));
    }
    if filter.registered {
        all = all.add(creator::Column::UserId.is_not_null());
    }
    if filter.listed {
        all = all.add(creator::Column::Source.ne(CreatorSource::Invited).or(creator::Column::UserId.is_not_null()));
    }
    if filter.verified {
        // As `rules::badge`.
        let proven = network_link::Entity::find().select_only().column(network_link::Column::CreatorId);
        let proven = proven.filter(network_link::Column::State.eq(LinkState::Verified)).into_query();
        let person = creator::Column::UserId.is_not_null().and(creator::Column::Id.in_subquery(proven));
        all = all.add(creator::Column::VettedAt.is_not_null().or(person));
    }
    all
}

/// A page of the creators whom these eyes see.
pub async fn list(db: &impl ConnectionTrait, by: Eyes, filter: &Filter, slice: Slice) -> Result<Page<creator::Model>> {
    let order = filter.order();
    let descending = slice.descends(order != Order::Name);
    let id = || Expr::col((creator::Entity, creator::Column::Id));
    let key: SimpleExpr = match order {
        Order::Followers | Order::Score | Order::TrueReach | Order::Engagement => measured(filter, order),
        Order::Name => Expr::col((creator::Entity, creator::Column::NameKey)),
        Order::Newest => id(),
    };
    let mut query =
        creator::Entity::find().filter(by.see()).filter(by.know(filter.history, db.get_database_backend())).filter(matching(filter));
    let from: Option<SimpleExpr> = match order {
        Order::Followers | Order::Score | Order::TrueReach | Order::Engagement => {
            slice.key::<(i64, CreatorId)>()?.map(|(n, id)| Expr::tuple([Expr::val(n), Expr::val(id)]))
        }
        Order::Name => slice.key::<(String, CreatorId)>()?.map(|(name, id)| Expr::tuple([Expr::val(name), Expr::val(id)])),
        Order::Newest => slice.key::<CreatorId>()?.map(Expr::val),
    };
    if let Some(from) = from {
        let here = if order == Order::Newest { id() } else { Expr::tuple([key.clone(), id()]) };
        query = query.filter(if descending { here.lt(from) } else { here.gt(from) });
    }
    let way = if descending { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    // Only these orders need the figure of each row.
    let figure = if matches!(order, Order::Name | Order::Newest) { Expr::val(-1_i64) } else { measured(filter, order) };
    let rows = query
        .expr_as(figure, "audience")
        .order_by(key, way.clone())
        .order_by(id(), way)
        .limit(slice.limit())
        .into_model::<Listed>()
        .all(db)
        .await?;
    let page = slice.into_page(rows, |row| match order {
        Order::Followers | Order::Score | Order::TrueReach | Order::Engagement => Cursor::of(&(row.audience, row.creator.id)),
        Order::Name => Cursor::of(&(&row.creator.name_key, row.creator.id)),
        Order::Newest => Cursor::of(&row.creator.id),
    });
    Ok(page.map(|row| row.creator))
}

/// What hangs on creators: read for a whole page at once.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// Their accounts, the largest first.
    pub accounts: HashMap<CreatorId, Vec<network_account::Model>>,
    /// The links of those accounts.
    pub links: HashMap<CreatorId, Vec<network_link::Model>>,
    /// Their price lines.
    pub offerings: HashMap<CreatorId, Vec<offering::Model>>,
}

/// Reads it with three statements.
pub async fn attached(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<Attached> {
    Ok(Attached {
        accounts: accounts_of(db, creators).await?,
        links: links_of(db, creators).await?,
        offerings: offerings_of(db, creators).await?,
    })
}

pub(crate) fn grouped<K: Copy + Eq + Hash, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut out: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        out.entry(key(&row)).or_default().push(row);
    }
    out
}

/// Accounts by creator, the largest audience first, unknown ones last.
pub async fn accounts_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<HashMap<CreatorId, Vec<network_account::Model>>> {
    let mut rows = network_account::Entity::find()
        .filter(network_account::Column::CreatorId.is_in(creators.iter().copied()))
        .order_by_asc(network_account::Column::Id)
        .all(db)
        .await?;
    rows.sort_by_key(|account| std::cmp::Reverse(account.followers));
    Ok(grouped(rows, |account| account.creator_id))
}

/// A day's followers of an account; none where they were not told.
pub type Reading = (NaiveDate, Option<i64>);

/// From when readings are shown: a year before now.
pub fn year(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::days(365)
}

/// The followers of accounts through time, each day's last reading, the oldest first. One statement for any number of accounts.
pub async fn readings(db: &impl ConnectionTrait, accounts: &[AccountId], since: DateTime<Utc>) -> Result<HashMap<AccountId, Vec<Reading>>> {
    let rows: Vec<(AccountId, DateTime<Utc>, Option<i64>)> = account_snapshot::Entity::find()
        .select_only()
        .columns([account_snapshot::Column::AccountId, account_snapshot::Column::CapturedAt, account_snapshot::Column::Followers])
        .filter(account_snapshot::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(account_snapshot::Column::CapturedAt.gte(since))
        .order_by_asc(account_snapshot::Column::CapturedAt)
        .into_tuple()
        .all(db)
        .await?;
    let mut out: HashMap<AccountId, Vec<Reading>> = HashMap::new();
    for (account, at, followers) in rows {
        let days = out.entry(account).or_default();
        let day = at.date_naive();
        match days.last_mut() {
            Some(last) if last.0 == day => last.1 = followers.or(last.1),
            _ => days.push((day, followers)),
        }
    }
    Ok(out)
}

/// Links that were not revoked, by creator.
pub async fn links_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<HashMap<CreatorId, Vec<network_link::Model>>> {
    let rows = network_link::Entity::find()
        .filter(network_link::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(network_link::Column::State.ne(LinkState::Revoked))
        .all(db)
        .await?;
    Ok(grouped(rows, |link| link.creator_id))
}

/// Live price lines by creator, the oldest first.
pub async fn offerings_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<HashMap<CreatorId, Vec<offering::Model>>> {
    let rows = offering::Entity::find()
        .filter(offering::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(offering::Column::DeletedAt.is_null())
        .order_by_asc(offering::Column::Id)
        .all(db)
        .await?;
    Ok(grouped(rows, |line| line.creator_id))
}

/// Live past collaborations by creator, the latest first.
pub async fn portfolio_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<HashMap<CreatorId, Vec<portfolio_item::Model>>> {
    let mut rows = portfolio_item::Entity::find()
        .filter(portfolio_item::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(portfolio_item::Column::DeletedAt.is_null())
        .order_by_desc(portfolio_item::Column::Id)
        .all(db)
        .await?;
    rows.sort_by_key(|item| std::cmp::Reverse(item.published_on));
    Ok(grouped(rows, |item| item.creator_id))
}

/// A creator's live past collaborations, the latest first.
pub async fn portfolio(db: &impl ConnectionTrait, creator: CreatorId) -> Result<Vec<portfolio_item::Model>> {
    Ok(portfolio_of(db, &[creator]).await?.remove(&creator).unwrap_or_default())
}
