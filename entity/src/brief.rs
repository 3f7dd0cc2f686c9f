//! A version of a campaign's brief. A published version never changes.

use sea_orm::entity::prelude::*;

use crate::{
    enums::BriefState,
    ids::{BriefId, CampaignId, OrgId},
    json::{FullBrief, Teaser},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "briefs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BriefId,
    pub org_id: OrgId,
    pub campaign_id: CampaignId,
    pub version: i32,
    pub state: BriefState,
    #[sea_orm(column_type = "JsonBinary")]
    pub teaser: Teaser,
    #[sea_orm(column_type = "JsonBinary")]
    pub full: FullBrief,
    /// Dates or reward are worse for the creator than in the version before: consent is asked.
    pub worsens: bool,
    /// The campaign's dates as they stood when this version was published.
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub published_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
