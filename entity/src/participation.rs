//! A creator in a campaign; one row per pair.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{ParticipationSource, ParticipationState},
    ids::{CampaignId, CreatorId, OrgId, ParticipationId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ParticipationId,
    pub org_id: OrgId,
    pub campaign_id: CampaignId,
    pub creator_id: CreatorId,
    pub source: ParticipationSource,
    pub state: ParticipationState,
    pub reason: String,
    pub joined_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
