//! A label inside an organisation under which it campaigns; never a permission boundary.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{BrandId, OrgId},
    json::Words,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "brands")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BrandId,
    pub org_id: OrgId,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub hashtags: Words,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
