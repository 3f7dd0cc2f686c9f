//! What a network last showed for a hashtag that a brand searched; kept for some hours.

use sea_orm::entity::prelude::*;

use crate::enums::Network;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "hashtag_searches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: Network,
    /// Folded, without the sign.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_key: String,
    /// The publications in the connectors' form, the network's order.
    #[sea_orm(column_type = "JsonBinary")]
    pub posts: Json,
    pub asked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
