//! Stories that are kept beyond their day.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, instant, int, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("story_archives")
                .col(id())
                .col(uuid("post_id"))
                .col(uuid("account_id"))
                .col(uuid("creator_id"))
                .col(text("file").null())
                .col(text("content_type"))
                .col(long("bytes"))
                .col(text("sha256"))
                .col(text("problem"))
                .col(int("attempts"))
                .col(text("ending"))
                .col(instant("expires_at"))
                .col(instant("read_at").null())
                .col(instant("last_read_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("post_id", "posts"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("story_archives", "post", &["post_id"])).await?;
        m.create_index(index("story_archives", "creator", &["creator_id", "id"])).await?;
        m.create_index(index("story_archives", "read", &["account_id", "read_at"])).await?;
        Ok(())
    }
}
