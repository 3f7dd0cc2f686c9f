//! An agency's right to act for a brand, with a role of its own (L17).

use sea_orm::entity::prelude::*;

use crate::{
    enums::{DelegationState, Role},
    ids::{DelegationId, OrgId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DelegationId,
    /// The organisation that is acted for.
    pub brand_id: OrgId,
    pub agency_id: OrgId,
    pub role: Role,
    pub state: DelegationState,
    pub until: Option<Date>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
