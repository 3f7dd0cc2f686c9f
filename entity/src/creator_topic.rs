//! A topic that a creator's publications are about, or one above it: measured from their texts, not said by them. All of it can be made again.

use sea_orm::entity::prelude::*;

use crate::ids::CreatorId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "creator_topics")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub creator_id: CreatorId,
    /// The id of a topic that ships.
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
