//! Tables that admins edit and figures are read against; each score names the versions that it was made with.

use sea_orm_migration::prelude::*;

use crate::columns::{id, instant, int, json, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("reference_tables")
                .col(id())
                .col(text("kind"))
                .col(int("version"))
                .col(text("content"))
                .col(text("note"))
                .col(uuid("user_id"))
                .col(int("restored_from").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        // Two who save at once make one next version, not two.
        m.create_index(unique("reference_tables", "version", &["kind", "version"])).await?;
        let versions = json("tables").default("{}").take();
        m.alter_table(Table::alter().table("score_snapshots").add_column(versions).take()).await
    }
}
