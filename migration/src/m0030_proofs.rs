//! Pictures of a network's own page beside figures that creators hand in, and what platform admins make of them.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, instant, text, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("uploads").add_column(flag("is_proof").default(false).take()).take()).await?;
        // One column at a time: SQLite adds no more.
        for column in [
            text("review").null().take(),
            text("review_note").default("").take(),
            instant("reviewed_at").null().take(),
            uuid("reviewed_by").null().take(),
        ] {
            m.alter_table(Table::alter().table("manual_insights").add_column(column).take()).await?;
        }
        Ok(())
    }
}
