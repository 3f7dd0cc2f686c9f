//! People, their sessions and links.

use sea_orm_migration::prelude::*;

use crate::columns::{blob, flag, id, index, instant, int, json, table, text, to, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("users")
                .col(id())
                .col(text("email"))
                .col(text("email_key").unique_key())
                .col(text("name"))
                .col(text("password_hash"))
                .col(text("locale"))
                .col(text("time_zone"))
                .col(text("status"))
                .col(flag("platform_admin"))
                .col(text("conduct_version").null())
                .col(instant("conduct_accepted_at").null())
                .col(flag("chat_mail"))
                .col(instant("created_at"))
                .take(),
        )
        .await?;
        m.create_table(
            table("sessions")
                .col(id())
                .col(uuid("user_id"))
                .col(text("token_hash").unique_key())
                .col(text("user_agent"))
                .col(text("ip"))
                .col(instant("created_at"))
                .col(instant("last_seen_at"))
                .col(instant("expires_at"))
                .col(instant("proven_at"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("sessions", "user", &["user_id"])).await?;
        m.create_table(
            table("link_tokens")
                .col(id())
                .col(text("purpose"))
                .col(text("token_hash").unique_key())
                .col(text("email"))
                .col(uuid("user_id").null())
                .col(json("data"))
                .col(instant("expires_at"))
                .col(instant("used_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("link_tokens", "expiry", &["expires_at"])).await?;
        m.create_table(
            table("uploads")
                .col(id())
                .col(uuid("user_id"))
                .col(text("content_type"))
                .col(int("width"))
                .col(int("height"))
                .col(blob("bytes"))
                .col(instant("created_at"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["uploads", "link_tokens", "sessions", "users"] {
            m.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
