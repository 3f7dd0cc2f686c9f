//! A chat message; never changed.

use sea_orm::entity::prelude::*;

use crate::{
    enums::Side,
    ids::{CreatorId, MessageId, OrgId, ThreadId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub thread_id: ThreadId,
    pub org_id: OrgId,
    pub creator_id: CreatorId,
    pub side: Side,
    pub author_id: UserId,
    pub body: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
