//! A creator has read a version of the brief.

use sea_orm::entity::prelude::*;

use crate::ids::{BriefAckId, BriefId, ParticipationId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "brief_acks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BriefAckId,
    pub participation_id: ParticipationId,
    pub brief_id: BriefId,
    pub version: i32,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
