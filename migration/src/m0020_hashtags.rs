//! Hashtags that brands search at networks.

use sea_orm_migration::prelude::*;

use crate::columns::{instant, json, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("hashtag_searches")
                .col(text("network"))
                .col(text("tag_key"))
                .col(json("posts"))
                .col(instant("asked_at"))
                .primary_key(Index::create().col("network").col("tag_key"))
                .take(),
        )
        .await?;
        m.create_table(
            table("hashtag_slots")
                .col(uuid("account_id"))
                .col(text("tag_key"))
                .col(instant("taken_at"))
                .primary_key(Index::create().col("account_id").col("tag_key"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .take(),
        )
        .await?;
        Ok(())
    }
}
