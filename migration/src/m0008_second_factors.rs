//! What a person proves besides the password, and the codes for when it is lost.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, index, instant, long, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("second_factors")
                .col(id())
                .col(uuid("user_id"))
                .col(text("kind"))
                .col(text("name"))
                .col(text("secret"))
                .col(text("key_id"))
                .col(long("last_step").null())
                .col(instant("created_at"))
                .col(instant("confirmed_at").null())
                .col(instant("last_used_at").null())
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("second_factors", "user", &["user_id"])).await?;
        m.create_table(
            table("recovery_codes")
                .col(id())
                .col(uuid("user_id"))
                .col(text("code_hash").unique_key())
                .col(instant("created_at"))
                .col(instant("used_at").null())
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("recovery_codes", "user", &["user_id"])).await?;
        m.alter_table(Table::alter().table("users").add_column(flag("second_factor").default(false).take()).take()).await
    }
}
