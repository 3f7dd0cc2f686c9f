//! What is left of a limit that a network sets: one row a scope, kept across restarts and shared by all workers.

use sea_orm::entity::prelude::*;

use crate::enums::Network;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "limit_buckets")]
pub struct Model {
    /// `network:scope:name`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub network: Network,
    /// How much fits; none = nobody knows, only what answers tell counts.
    pub capacity: Option<i64>,
    /// What is left, in thousandths.
    pub left_milli: i64,
    /// When `left_milli` was true.
    pub as_of: DateTimeUtc,
    /// The network refuses until then.
    pub blocked_until: Option<DateTimeUtc>,
    /// What the network's latest answer said is used, in per cent.
    pub used_percent: Option<i32>,
    /// When it said so.
    pub told_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
