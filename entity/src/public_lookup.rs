//! What a network said of a public account that a brand looked up; kept for a day.

use sea_orm::entity::prelude::*;

use crate::enums::Network;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "public_lookups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: Network,
    /// Folded.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle_key: String,
    /// The profile in the connectors' form; null if there is none.
    #[sea_orm(column_type = "JsonBinary")]
    pub profile: Json,
    /// Why there is none, as a word; empty if there is one.
    pub problem: String,
    pub asked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
