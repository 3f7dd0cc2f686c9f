//! An account on a social network: one row per network and handle.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{AccountType, MetricSource, Network},
    ids::{AccountId, CreatorId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network_accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub creator_id: CreatorId,
    pub network: Network,
    pub handle: String,
    /// Folded; unique with the network.
    pub handle_key: String,
    /// The network's own id; unique with the network.
    pub external_id: Option<String>,
    pub account_type: AccountType,
    pub display_name: String,
    pub biography: String,
    pub url: String,
    pub picture_url: String,
    /// None = unknown.
    pub followers: Option<i64>,
    pub following: Option<i64>,
    pub posts: Option<i64>,
    pub figures_source: Option<MetricSource>,
    pub figures_as_of: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// An account of which nothing but its owner is known; a row needs a handle too.
    pub fn bare(id: AccountId, creator_id: CreatorId, network: Network, created_at: DateTimeUtc) -> Self {
        Self {
            id,
            creator_id,
            network,
            handle: String::new(),
            handle_key: String::new(),
            external_id: None,
            account_type: AccountType::Unknown,
            display_name: String::new(),
            biography: String::new(),
            url: String::new(),
            picture_url: String::new(),
            followers: None,
            following: None,
            posts: None,
            figures_source: None,
            figures_as_of: None,
            created_at,
        }
    }
}
