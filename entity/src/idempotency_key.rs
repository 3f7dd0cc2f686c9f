//! A remembered answer: the same key and actor give the same one.

use sea_orm::entity::prelude::*;

use crate::ids::IdempotencyKeyId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdempotencyKeyId,
    pub actor: String,
    pub operation: String,
    pub key: String,
    /// SHA-256 of what was asked; empty in rows from before it was kept.
    pub asked: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub answer: Json,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
