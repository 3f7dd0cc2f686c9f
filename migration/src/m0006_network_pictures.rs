//! Copies of the pictures that creators show at their networks.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // A foreign key cannot be added to a table of SQLite's, but a column that is one.
        let copy = ColumnDef::new("network_picture_id").uuid().null().extra(r#"REFERENCES "uploads" ("id")"#).take();
        m.alter_table(Table::alter().table("creators").add_column(copy).take()).await
    }
}
