//! How each host of a network fares; whether a network has more of what others say than was read; pictures of publications.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, instant, int, table, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // SQLite gives a table no other key. What it held is known again after the next reading.
        m.drop_table(Table::drop().table("network_health").take()).await?;
        m.create_table(
            table("network_health")
                .col(text("network"))
                .col(text("host"))
                .col(int("failures"))
                .col(instant("open_until").null())
                .col(instant("last_ok_at").null())
                .col(instant("last_failure_at").null())
                .col(text("alarm"))
                .col(instant("alarm_at").null())
                .primary_key(Index::create().col("network").col("host"))
                .take(),
        )
        .await?;
        m.alter_table(Table::alter().table("posts").add_column(flag("more_comments").null()).take()).await?;
        m.alter_table(Table::alter().table("posts").add_column(text("thumbnail_url").default("")).take()).await?;
        m.alter_table(Table::alter().table("sync_tasks").add_column(flag("more").null()).take()).await
    }
}
