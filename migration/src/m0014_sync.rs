//! What is read of accounts again and again, and what the networks allow.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, instant, int, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("sync_tasks")
                .col(id())
                .col(uuid("account_id"))
                .col(uuid("creator_id"))
                .col(text("network"))
                .col(text("kind"))
                .col(instant("next_run_at").null())
                .col(int("priority"))
                .col(instant("lease_until").null())
                .col(int("failures"))
                .col(text("outcome"))
                .col(text("detail"))
                .col(instant("last_run_at").null())
                .col(instant("last_ok_at").null())
                .col(text("cursor").null())
                .col(long("done"))
                .col(instant("reached").null())
                .col(long("left_out"))
                .col(instant("created_at"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("sync_tasks", "kind", &["account_id", "kind"])).await?;
        m.create_index(index("sync_tasks", "due", &["priority", "next_run_at"])).await?;
        m.create_index(index("sync_tasks", "creator", &["creator_id"])).await?;
        // What failed last is looked for by admins.
        m.create_index(index("sync_tasks", "failures", &["failures"])).await?;
        m.create_table(
            table("limit_buckets")
                .col(text("key").primary_key().take())
                .col(text("network"))
                .col(long("capacity").null())
                .col(long("left_milli"))
                .col(instant("as_of"))
                .col(instant("blocked_until").null())
                .col(int("used_percent").null())
                .col(instant("told_at").null())
                .take(),
        )
        .await?;
        m.create_table(
            table("network_health")
                .col(text("network").primary_key().take())
                .col(int("failures"))
                .col(instant("open_until").null())
                .col(instant("last_ok_at").null())
                .col(instant("last_failure_at").null())
                .col(text("alarm"))
                .col(instant("alarm_at").null())
                .take(),
        )
        .await?;
        Ok(())
    }
}
