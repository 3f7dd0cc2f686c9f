//! Reads of consents: whether one holds, for those who act on it; and the lists of those whose they are.

use std::collections::{HashMap, HashSet};

use entity::{
    consent, creator,
    enums::{ConsentPurpose, Side},
    ids::{ConsentId, CreatorId, OrgId},
    organization, participation,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::LockType,
};

use crate::{
    auth::actors::{Creator, Member},
    base::paging::{Page, Slice},
    error::{Error, Result},
    tx::Tx,
};

/// Whose eyes see.
#[derive(Clone, Copy, Debug)]
pub enum Eyes {
    /// A creator's: theirs, and those of organisations about them.
    Creator(CreatorId),
    /// A member's: those that name the organisation.
    Org(OrgId),
}

impl From<&Creator> for Eyes {
    fn from(by: &Creator) -> Self {
        Self::Creator(by.id())
    }
}

impl From<&Member> for Eyes {
    fn from(by: &Member) -> Self {
        Self::Org(by.org())
    }
}

impl Eyes {
    /// The side that these eyes are of.
    pub fn side(self) -> Side {
        match self {
            Self::Creator(_) => Side::Creator,
            Self::Org(_) => Side::Brand,
        }
    }
}

/// What these eyes see, whether it holds or not.
pub(crate) fn seen_by(eyes: Eyes) -> Select<consent::Entity> {
    consent::Entity::find().filter(match eyes {
        Eyes::Creator(id) => consent::Column::CreatorId.eq(id),
        Eyes::Org(id) => consent::Column::OrgId.eq(id),
    })
}

/// A page of them, the newest first.
pub async fn list(db: &impl ConnectionTrait, eyes: Eyes, slice: Slice) -> Result<Page<consent::Model>> {
    slice.newest(db, seen_by(eyes), consent::Column::Id, |row| row.id).await
}

/// Those that hold, the oldest first.
pub async fn standing(db: &impl ConnectionTrait, eyes: Eyes) -> Result<Vec<consent::Model>> {
    Ok(seen_by(eyes).filter(consent::Column::RevokedAt.is_null()).order_by_asc(consent::Column::Id).all(db).await?)
}

/// One of them.
pub async fn one(db: &impl ConnectionTrait, eyes: Eyes, id: ConsentId) -> Result<consent::Model> {
    seen_by(eyes).filter(consent::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

fn holding_now(purpose: ConsentPurpose) -> Select<consent::Entity> {
    consent::Entity::find().filter(consent::Column::Purpose.eq(purpose)).filter(consent::Column::RevokedAt.is_null())
}

/// The yes of a side that holds.
pub(super) async fn holding(
    db: &impl ConnectionTrait,
    creator: CreatorId,
    purpose: ConsentPurpose,
    org: Option<OrgId>,
    side: Side,
) -> Result<Option<consent::Model>> {
    let towards = org.map_or_else(|| consent::Column::OrgId.is_null(), |org| consent::Column::OrgId.eq(org));
    let query = holding_now(purpose).filter(consent::Column::CreatorId.eq(creator)).filter(consent::Column::Side.eq(side)).filter(towards);
    Ok(query.one(db).await?)
}

/// Whether a creator's yes towards everybody holds.
pub async fn holds(db: &impl ConnectionTrait, creator: CreatorId, purpose: ConsentPurpose) -> Result<bool> {
    Ok(holding(db, creator, purpose, None, Side::Creator).await?.is_some())
}

/// Whether a creator has said yes towards everybody, to words of this version or a later one.
pub async fn holds_since(db: &impl ConnectionTrait, creator: CreatorId, purpose: ConsentPurpose, version: i32) -> Result<bool> {
    Ok(holding(db, creator, purpose, None, Side::Creator).await?.is_some_and(|row| row.version >= version))
}

/// Which of these creators have said yes towards everybody. One statement.
pub async fn holds_for(db: &impl ConnectionTrait, creators: &[CreatorId], purpose: ConsentPurpose) -> Result<HashSet<CreatorId>> {
    let ids: Vec<CreatorId> = holding_now(purpose)
        .select_only()
        .column(consent::Column::CreatorId)
        .filter(consent::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(consent::Column::Side.eq(Side::Creator))
        .filter(consent::Column::OrgId.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// The creators who have said yes towards everybody.
pub(crate) fn who_holds(purpose: ConsentPurpose) -> Select<consent::Entity> {
    holding_now(purpose)
        .select_only()
        .column(consent::Column::CreatorId)
        .filter(consent::Column::Side.eq(Side::Creator))
        .filter(consent::Column::OrgId.is_null())
}

/// The organisations with which a creator has agreed on a purpose that takes both.
pub async fn agreed(db: &impl ConnectionTrait, creator: CreatorId, purpose: ConsentPurpose) -> Result<HashSet<OrgId>> {
    let rows = holding_now(purpose).filter(consent::Column::CreatorId.eq(creator)).all(db).await?;
    let mut sides: HashMap<OrgId, HashSet<Side>> = HashMap::new();
    for row in rows {
        if let Some(org) = row.org_id {
            sides.entry(org).or_default().insert(row.side);
        }
    }
    Ok(sides.into_iter().filter(|(_, sides)| sides.len() == 2).map(|(org, _)| org).collect())
}

/// Whether a creator is, or was, in a campaign of an organisation's.
pub(super) async fn works_for(db: &impl ConnectionTrait, org: OrgId, creator: CreatorId) -> Result<bool> {
    let joined = participation::Entity::find()
        .filter(participation::Column::OrgId.eq(org))
        .filter(participation::Column::CreatorId.eq(creator))
        .filter(participation::Column::JoinedAt.is_not_null());
    Ok(joined.count(db).await? > 0)
}

/// The organisations that a creator has joined a campaign of, or that have said yes about them.
pub async fn organisations(db: &impl ConnectionTrait, by: &Creator) -> Result<Vec<organization::Model>> {
    let joined = participation::Entity::find()
        .select_only()
        .column(participation::Column::OrgId)
        .filter(participation::Column::CreatorId.eq(by.id()))
        .filter(participation::Column::JoinedAt.is_not_null());
    let asking = consent::Entity::find()
        .select_only()
        .column(consent::Column::OrgId)
        .filter(consent::Column::CreatorId.eq(by.id()))
        .filter(consent::Column::OrgId.is_not_null());
    let either = Condition::any()
        .add(organization::Column::Id.in_subquery(joined.into_query()))
        .add(organization::Column::Id.in_subquery(asking.into_query()));
    Ok(organization::Entity::find().filter(either).order_by_asc(organization::Column::Id).limit(100).all(db).await?)
}

/// Holds a creator's profile until the operation ends.
pub(super) async fn lock_creator(tx: &Tx, id: CreatorId) -> Result<()> {
    let found = creator::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?;
    found.map(|_| ()).ok_or(Error::NotFound)
}
