//! What creators publish about, so that lists can be narrowed by it.

use sea_orm_migration::prelude::*;

use crate::columns::{index, table, text, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut creator = ForeignKey::create().from_col("creator_id").to("creators", "id").on_delete(ForeignKeyAction::Cascade).take();
        m.create_table(
            table("creator_topics")
                .col(uuid("creator_id"))
                .col(text("topic"))
                .primary_key(Index::create().col("creator_id").col("topic"))
                .foreign_key(&mut creator)
                .take(),
        )
        .await?;
        m.create_index(index("creator_topics", "topic", &["topic", "creator_id"])).await
    }
}
