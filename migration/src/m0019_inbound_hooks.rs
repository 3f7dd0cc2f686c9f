//! What networks tell by themselves, and what brands look up there.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, instant, json, table, text, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("inbound_hooks")
                .col(id())
                .col(text("network"))
                .col(text("dedupe_key"))
                .col(text("account").null())
                .col(json("event"))
                .col(instant("received_at"))
                .col(instant("done_at").null())
                .col(text("outcome"))
                .take(),
        )
        .await?;
        m.create_index(unique("inbound_hooks", "once", &["network", "dedupe_key"])).await?;
        m.create_index(index("inbound_hooks", "received", &["received_at"])).await?;
        m.create_table(
            table("public_lookups")
                .col(text("network"))
                .col(text("handle_key"))
                .col(json("profile"))
                .col(text("problem"))
                .col(instant("asked_at"))
                .primary_key(Index::create().col("network").col("handle_key"))
                .take(),
        )
        .await?;
        m.create_index(index("public_lookups", "asked", &["asked_at"])).await?;
        Ok(())
    }
}
