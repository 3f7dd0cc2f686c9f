//! An account's figures over a window of time, as they were told at one instant; append-only.

use sea_orm::entity::prelude::*;

use crate::{
    enums::MetricSource,
    ids::{AccountId, AccountMetricsId},
    json::RawJson,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_metrics")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountMetricsId,
    pub account_id: AccountId,
    pub captured_at: DateTimeUtc,
    pub source: MetricSource,
    pub endpoint: String,
    pub window_from: Option<DateTimeUtc>,
    /// Not included.
    pub window_to: Option<DateTimeUtc>,
    /// How many days the window has; 0 = since the account exists.
    pub window_days: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub readings: RawJson,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
