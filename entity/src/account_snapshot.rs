//! An account's figures at one instant; append-only.

use sea_orm::entity::prelude::*;

use crate::{
    enums::MetricSource,
    ids::{AccountId, AccountSnapshotId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_snapshots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountSnapshotId,
    pub account_id: AccountId,
    pub captured_at: DateTimeUtc,
    pub source: MetricSource,
    /// Which list or endpoint.
    pub label: String,
    pub followers: Option<i64>,
    pub following: Option<i64>,
    pub posts: Option<i64>,
    /// Further figures of the source, by name.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
