//! Indexes in the order in which rows are asked for: an organisation's events by their place, its participations by campaign and its
//! invitations by state, and what a person has read of all conversations.

use sea_orm_migration::prelude::*;

use crate::columns::{index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let events = [("org", "org_id"), ("creator", "creator_id"), ("user", "user_id"), ("subject", "subject")];
        for (name, column) in events {
            m.drop_index(Index::drop().name(format!("events_{name}")).table("events").to_owned()).await?;
            m.create_index(index("events", name, &[column, "xid", "seq"])).await?;
        }
        m.create_index(index("participations", "listed", &["org_id", "campaign_id", "id"])).await?;
        m.create_index(index("invitations", "listed", &["org_id", "state", "id"])).await?;
        m.drop_index(Index::drop().name("thread_reads_person").table("thread_reads").to_owned()).await?;
        m.create_index(unique("thread_reads", "person", &["user_id", "thread_id"])).await
    }
}
