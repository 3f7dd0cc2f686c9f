//! A price line: a wished fee, not a contract amount (K34).

use sea_orm::entity::prelude::*;

use crate::{
    enums::{Format, Network},
    ids::{CreatorId, OfferingId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offerings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OfferingId,
    pub creator_id: CreatorId,
    pub network: Network,
    pub format: Format,
    pub price_minor: i64,
    pub currency: String,
    pub note: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
