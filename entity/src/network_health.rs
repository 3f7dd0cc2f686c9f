//! How a host of a network's fares: its breaker, and what it last went wrong with.

use sea_orm::entity::prelude::*;

use crate::enums::Network;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network_health")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: Network,
    /// Which of its hosts, where it has several that fail apart; empty = the one that most is asked of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
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

impl Model {
    /// One that was not asked yet.
    pub fn bare(network: Network, host: &str) -> Self {
        Self {
            network,
            host: host.to_owned(),
            failures: 0,
            open_until: None,
            last_ok_at: None,
            last_failure_at: None,
            alarm: String::new(),
            alarm_at: None,
        }
    }
}
