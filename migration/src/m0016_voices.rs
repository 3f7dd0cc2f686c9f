//! What others write under publications and about linked accounts.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, index, instant, json, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("comments")
                .col(id())
                .col(uuid("post_id"))
                .col(uuid("account_id"))
                .col(text("external_id"))
                .col(text("parent_external_id").null())
                .col(text("author_handle"))
                .col(text("text"))
                .col(instant("published_at").null())
                .col(long("likes").null())
                .col(flag("hidden").null())
                .col(instant("first_seen_at"))
                .col(instant("last_seen_at"))
                .foreign_key(&mut to("post_id", "posts"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .take(),
        )
        .await?;
        m.create_index(unique("comments", "external", &["account_id", "external_id"])).await?;
        m.create_index(index("comments", "post", &["post_id", "id"])).await?;
        m.create_table(
            table("mentions")
                .col(id())
                .col(uuid("account_id"))
                .col(uuid("creator_id"))
                .col(text("external_id"))
                .col(text("kind"))
                .col(text("author_handle"))
                .col(text("text"))
                .col(text("url"))
                .col(instant("published_at").null())
                .col(json("readings"))
                .col(instant("first_seen_at"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("mentions", "external", &["account_id", "external_id"])).await?;
        m.create_index(index("mentions", "creator", &["creator_id", "id"])).await?;
        Ok(())
    }
}
