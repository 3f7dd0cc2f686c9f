//! A past collaboration (K33).

use sea_orm::entity::prelude::*;

use crate::ids::{CreatorId, PortfolioItemId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "portfolio_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PortfolioItemId,
    pub creator_id: CreatorId,
    pub brand_name: String,
    pub title: String,
    pub url: String,
    pub published_on: Option<Date>,
    pub note: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
