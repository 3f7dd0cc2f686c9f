//! What was asked under an idempotency key, so that the same key with something else is noticed.

use sea_orm_migration::prelude::*;

use crate::columns::{index, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("idempotency_keys").add_column(text("asked").default("").take()).take()).await?;
        m.create_index(index("idempotency_keys", "age", &["created_at"])).await
    }
}
