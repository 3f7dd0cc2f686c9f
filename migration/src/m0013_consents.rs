//! What creators and organisations have said yes to.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, instant, int, json, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("consents")
                .col(id())
                .col(uuid("creator_id"))
                .col(uuid("org_id").null())
                .col(text("side"))
                .col(text("purpose"))
                .col(int("version"))
                .col(instant("granted_at"))
                .col(uuid("granted_by"))
                .col(instant("revoked_at").null())
                .col(uuid("revoked_by").null())
                .col(json("evidence"))
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("granted_by", "users"))
                .foreign_key(&mut to("revoked_by", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("consents", "creator", &["creator_id", "purpose"])).await?;
        m.create_index(index("consents", "org", &["org_id", "purpose"])).await?;
        Ok(())
    }
}
