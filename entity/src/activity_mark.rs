//! How far a person, as one of their actors, has looked at what happened.

use sea_orm::entity::prelude::*;

use crate::ids::UserId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity_marks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// A creator's or organisation's id, or `admin`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor: String,
    /// The place in the event log.
    pub xid: i64,
    pub seq: i64,
    pub seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
