//! A conversation between a brand and a creator. Its existence is the right to chat.

use sea_orm::entity::prelude::*;

use crate::ids::{CampaignId, CreatorId, OrgId, ThreadId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "threads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ThreadId,
    pub org_id: OrgId,
    pub creator_id: CreatorId,
    pub campaign_id: CampaignId,
    pub last_message_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
