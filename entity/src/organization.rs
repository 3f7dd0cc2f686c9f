//! A brand or agency: the tenant.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{Locale, OrgKind},
    ids::OrgId,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrgId,
    pub name: String,
    pub kind: OrgKind,
    pub legal_name: String,
    pub address: String,
    pub website: String,
    /// ISO 4217.
    pub currency: String,
    pub time_zone: String,
    pub locale: Locale,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
