//! What a mailing said, so that those who could not be invited can be sent the same.

use sea_orm_migration::prelude::*;

use crate::columns::json;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("batches").add_column(json("words").null()).take()).await
    }
}
