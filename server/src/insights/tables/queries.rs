//! Reads of tables: for platform admins, but for what computing needs.

use entity::{
    enums::ReferenceTableKind as Kind,
    ids::{ReferenceTableId, UserId},
    reference_table, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::content::Content;
use crate::{
    auth::actors::Admin,
    base::paging::{Page, Slice},
    error::{Error, Result},
};

/// Another row of the same table, in a subquery.
const NEWER: &str = "newer";

/// The newest version of each kind that has one. One statement.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Vec<reference_table::Model>> {
    use reference_table::{Column, Entity};
    let mut newer = Query::select();
    newer
        .expr(Expr::val(1))
        .from_as(Entity, NEWER)
        .and_where(Expr::col((NEWER, Column::Kind)).equals((Entity, Column::Kind)))
        .and_where(Expr::col((NEWER, Column::Version)).gt(Expr::col((Entity, Column::Version))));
    Ok(Entity::find().filter(Expr::exists(newer.take()).not()).order_by_asc(Column::Kind).all(db).await?)
}

/// A table as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Which.
    pub kind: Kind,
    /// The version in force; none = what ships.
    pub row: Option<reference_table::Model>,
}

impl Standing {
    /// The version in force; 0 = as shipped.
    pub fn version(&self) -> i32 {
        self.row.as_ref().map_or(0, |row| row.version)
    }

    /// Its CSV.
    pub fn content(&self) -> String {
        self.row.as_ref().map_or_else(|| Content::shipped(self.kind).csv(), |row| row.content.clone())
    }
}

/// Every table as it stands.
pub async fn all(db: &impl ConnectionTrait, _by: &Admin) -> Result<Vec<Standing>> {
    let mut rows = newest(db).await?;
    let take = |kind: &Kind| {
        let row = rows.iter().position(|row| row.kind == *kind).map(|at| rows.swap_remove(at));
        Standing { kind: *kind, row }
    };
    Ok(Kind::ALL.iter().map(take).collect())
}

/// One table as it stands.
pub async fn one(db: &impl ConnectionTrait, _by: &Admin, kind: Kind) -> Result<Standing> {
    standing(db, kind).await
}

pub(super) async fn standing(db: &impl ConnectionTrait, kind: Kind) -> Result<Standing> {
    use reference_table::{Column, Entity};
    let row = Entity::find().filter(Column::Kind.eq(kind)).order_by_desc(Column::Version).one(db).await?;
    Ok(Standing { kind, row })
}

/// Every version of every table.
pub fn versions_of_all(_by: &Admin) -> Select<reference_table::Entity> {
    reference_table::Entity::find()
}

/// A table's versions, the newest first.
pub async fn versions(db: &impl ConnectionTrait, by: &Admin, kind: Kind, slice: Slice) -> Result<Page<reference_table::Model>> {
    let query = versions_of_all(by).filter(reference_table::Column::Kind.eq(kind));
    slice.newest(db, query, reference_table::Column::Id, |row: &reference_table::Model| -> ReferenceTableId { row.id }).await
}

/// The CSV of a version; of 0 what ships.
pub async fn content(db: &impl ConnectionTrait, _by: &Admin, kind: Kind, version: i32) -> Result<String> {
    content_of(db, kind, version).await
}

pub(super) async fn content_of(db: &impl ConnectionTrait, kind: Kind, version: i32) -> Result<String> {
    if version == 0 {
        return Ok(Content::shipped(kind).csv());
    }
    Ok(row_of(db, kind, version).await?.content)
}

async fn row_of(db: &impl ConnectionTrait, kind: Kind, version: i32) -> Result<reference_table::Model> {
    use reference_table::{Column, Entity};
    Entity::find().filter(Column::Kind.eq(kind)).filter(Column::Version.eq(version)).one(db).await?.ok_or(Error::NotFound)
}

/// A version of a table; 0 has no row.
pub async fn version(db: &impl ConnectionTrait, _by: &Admin, kind: Kind, version: i32) -> Result<reference_table::Model> {
    row_of(db, kind, version).await
}

/// The names of who saved.
pub async fn authors(
    db: &impl ConnectionTrait,
    _by: &Admin,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<std::collections::HashMap<UserId, String>> {
    let rows = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
