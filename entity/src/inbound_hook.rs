//! What a network told by itself, as it came in; done later, once.

use sea_orm::entity::prelude::*;

use crate::{enums::Network, ids::InboundHookId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_hooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InboundHookId,
    pub network: Network,
    /// The same for each delivery of one event; unique with the network.
    pub dedupe_key: String,
    /// The network's id of the account.
    pub account: Option<String>,
    /// The event in the connectors' form.
    #[sea_orm(column_type = "JsonBinary")]
    pub event: Json,
    pub received_at: DateTimeUtc,
    pub done_at: Option<DateTimeUtc>,
    /// A word for what came of it; empty = not done yet.
    pub outcome: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
