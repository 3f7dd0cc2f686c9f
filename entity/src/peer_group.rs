//! What creators have who can be compared: figures of a network, tier and country, made each night.

use sea_orm::entity::prelude::*;

use crate::ids::PeerGroupId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "peer_groups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PeerGroupId,
    /// `network:tier:country`; parts from the end may be empty. Unique.
    pub key: String,
    /// How many accounts it holds.
    pub members: i32,
    /// `insights::results::PeerFigures`.
    #[sea_orm(column_type = "JsonBinary")]
    pub figures: Json,
    pub computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
