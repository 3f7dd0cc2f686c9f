//! How a network fares as a whole: its breaker, and what it last went wrong with.

use sea_orm::entity::prelude::*;

use crate::enums::Network;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network_health")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: Network,
    /// Passing failures in a row, of whatever account.
    pub failures: i32,
    /// Nobody asks before then.
    pub open_until: Option<DateTimeUtc>,
    pub last_ok_at: Option<DateTimeUtc>,
    pub last_failure_at: Option<DateTimeUtc>,
    /// What somebody who runs the installation should look at; empty = nothing.
    pub alarm: String,
    pub alarm_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
