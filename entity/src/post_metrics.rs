//! A publication's figures at one instant; append-only.

use sea_orm::entity::prelude::*;

use crate::{
    enums::MetricSource,
    ids::{PostId, PostMetricsId},
    json::RawJson,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "post_metrics")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PostMetricsId,
    pub post_id: PostId,
    pub captured_at: DateTimeUtc,
    pub source: MetricSource,
    pub endpoint: String,
    pub views: Option<i64>,
    pub reach: Option<i64>,
    pub likes: Option<i64>,
    pub comments: Option<i64>,
    /// All that was told of the whole and its parts, with the network's words and with why something was not. Single days are not kept.
    #[sea_orm(column_type = "JsonBinary")]
    pub readings: RawJson,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
