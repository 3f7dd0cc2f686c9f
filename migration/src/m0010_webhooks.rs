//! Addresses that are told what happens in an organisation.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, instant, int, json, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("webhooks")
                .col(id())
                .col(uuid("org_id"))
                .col(text("url"))
                .col(json("kinds"))
                .col(text("secret"))
                .col(text("key_id"))
                .col(text("former_secret").null())
                .col(text("former_key_id").null())
                .col(instant("former_until").null())
                .col(text("state"))
                .col(instant("told_from"))
                .col(uuid("created_by"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .take(),
        )
        .await?;
        m.create_index(index("webhooks", "org", &["org_id"])).await?;
        m.create_index(index("webhooks", "state", &["state"])).await?;
        m.create_table(
            table("webhook_deliveries")
                .col(id())
                .col(uuid("webhook_id"))
                .col(uuid("event_id"))
                .col(text("kind"))
                .col(text("body"))
                .col(int("replay"))
                .col(text("state"))
                .col(int("attempts"))
                .col(instant("due_at"))
                .col(int("status").null())
                .col(text("last_error"))
                .col(instant("created_at"))
                .col(instant("finished_at").null())
                .foreign_key(&mut to("webhook_id", "webhooks"))
                .take(),
        )
        .await?;
        // A second reader of the same events makes no second delivery.
        m.create_index(unique("webhook_deliveries", "once", &["webhook_id", "event_id", "replay"])).await?;
        m.create_index(index("webhook_deliveries", "due", &["state", "due_at"])).await?;
        m.create_index(index("webhook_deliveries", "list", &["webhook_id", "id"])).await?;
        m.create_table(table("event_readers").col(text("name").primary_key().take()).col(long("xid")).col(long("seq")).take()).await
    }
}
