//! How far people have looked at what happened, and how often a mail sums it up.

use sea_orm_migration::prelude::*;

use crate::columns::{instant, long, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("activity_marks")
                .col(uuid("user_id"))
                .col(text("actor"))
                .col(long("xid"))
                .col(long("seq"))
                .col(instant("seen_at"))
                .primary_key(Index::create().col("user_id").col("actor"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        for column in [text("digest").default("never").take(), instant("digest_at").null().take()] {
            m.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        Ok(())
    }
}
