//! By which code a creator shows that a declared account is theirs, and when that was seen.

use sea_orm_migration::prelude::*;

use crate::columns::{instant, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in [text("proof_code").default("").take(), instant("proven_at").null().take()] {
            m.alter_table(Table::alter().table("network_links").add_column(column).take()).await?;
        }
        Ok(())
    }
}
