//! A campaign of an organisation.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{CampaignState, Goal, RecruitMode},
    ids::{BrandId, CampaignId, OrgId, UserId},
    json::{AudienceTarget, KpiTargets, NetworkFormats},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CampaignId,
    pub org_id: OrgId,
    pub brand_id: BrandId,
    pub name: String,
    /// Folded for search and order.
    pub name_key: String,
    pub goal: Option<Goal>,
    #[sea_orm(column_type = "JsonBinary")]
    pub kpis: KpiTargets,
    pub budget_minor: Option<i64>,
    pub currency: String,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    #[sea_orm(column_type = "JsonBinary")]
    pub target: AudienceTarget,
    #[sea_orm(column_type = "JsonBinary")]
    pub formats: NetworkFormats,
    pub recruit_mode: RecruitMode,
    pub state: CampaignState,
    /// Where a pause returns to.
    pub paused_from: Option<CampaignState>,
    pub created_by: UserId,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
