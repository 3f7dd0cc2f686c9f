//! Who an account's audience was at one instant, by one dimension; append-only.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{Crowd, Dimension, MetricSource},
    ids::{AccountId, AudienceSnapshotId},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audience_snapshots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AudienceSnapshotId,
    pub account_id: AccountId,
    pub captured_at: DateTimeUtc,
    pub source: MetricSource,
    pub endpoint: String,
    /// Followers and viewers are not the same people.
    pub crowd: Crowd,
    pub dimension: Dimension,
    /// The slices with their unit, or why there are none.
    #[sea_orm(column_type = "JsonBinary")]
    pub slices: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
