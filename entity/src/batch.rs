//! One bulk action and how far it is.

use sea_orm::entity::prelude::*;

use crate::{
    enums::BatchKind,
    ids::{BatchId, CampaignId, OrgId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BatchId,
    pub org_id: OrgId,
    pub kind: BatchKind,
    pub campaign_id: CampaignId,
    pub total: i32,
    /// What was not done: [{name, reason}].
    #[sea_orm(column_type = "JsonBinary")]
    pub refused: Json,
    /// What was typed beside the recipients, by field; none where nothing was kept.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub words: Option<Json>,
    pub created_by: UserId,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
