//! When and why a person was suspended.

use sea_orm_migration::prelude::*;

use crate::columns::{instant, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [instant("suspended_at").null().take(), text("suspension_reason").null().take()] {
            m.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        Ok(())
    }
}
