//! An address that must not be written to, by one organisation or by all.

use sea_orm::entity::prelude::*;

use crate::{enums::SuppressionReason, ids::SuppressionId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppressions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SuppressionId,
    pub email_key: String,
    /// An organisation's id, or `all`.
    pub scope: String,
    pub reason: SuppressionReason,
    pub detail: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
