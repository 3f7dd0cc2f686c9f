//! Versions of the tables that figures are read against. Append-only: the highest version of a kind is in force; without any, what ships is.

use sea_orm::entity::prelude::*;

use crate::{
    enums::ReferenceTableKind,
    ids::{ReferenceTableId, UserId},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_tables")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReferenceTableId,
    pub kind: ReferenceTableKind,
    /// 1 and on within its kind; unique with it. 0 is what ships, which has no row.
    pub version: i32,
    /// CSV with its heads.
    pub content: String,
    /// What the admin wrote about the change.
    pub note: String,
    /// Who saved it.
    pub user_id: UserId,
    /// The version that it is a copy of; none = written anew.
    pub restored_from: Option<i32>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
