//! The largest audience of each creator, kept at hand and in order: lists begin with it. And who is in an organisation's campaigns.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::columns::{index, long};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("creators").add_column(long("followers").null().take()).take()).await?;
        for sql in [
            r#"UPDATE creators SET followers = (SELECT MAX(a.followers) FROM network_accounts a WHERE a.creator_id = creators.id)"#,
            // Unknown ones come last, as the list has them.
            r#"CREATE INDEX creators_audience ON creators (COALESCE("followers", -1), id)"#,
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        m.create_index(index("participations", "org", &["org_id", "creator_id"])).await
    }
}
