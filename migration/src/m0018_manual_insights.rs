//! Figures that creators hand in.

use sea_orm_migration::prelude::*;

use crate::columns::{date, id, index, instant, json, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("manual_insights")
                .col(id())
                .col(uuid("creator_id"))
                .col(uuid("account_id"))
                .col(uuid("post_id").null())
                .col(uuid("org_id").null())
                .col(text("state"))
                .col(text("question"))
                .col(json("figures"))
                .col(date("as_of").null())
                .col(text("note"))
                .col(uuid("proof_id").null())
                .col(instant("created_at"))
                .col(instant("answered_at").null())
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("post_id", "posts"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("proof_id", "uploads"))
                .take(),
        )
        .await?;
        m.create_index(index("manual_insights", "creator", &["creator_id", "id"])).await?;
        m.create_index(index("manual_insights", "org", &["org_id", "creator_id"])).await?;
        Ok(())
    }
}
