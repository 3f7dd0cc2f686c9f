//! Creators, their accounts on networks, price lines.

use sea_orm_migration::prelude::*;

use crate::columns::{date, id, index, instant, json, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("creators")
                .col(id())
                .col(uuid("user_id").null().unique_key())
                .col(text("display_name"))
                .col(text("name_key"))
                .col(text("kana"))
                .col(text("intro_en"))
                .col(text("intro_ja"))
                .col(text("main_category"))
                .col(json("skills"))
                .col(uuid("picture_id").null())
                .col(text("kind"))
                .col(text("country"))
                .col(text("prefecture"))
                .col(text("source"))
                .col(instant("registered_at").null())
                .col(instant("vetted_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("user_id", "users"))
                .foreign_key(&mut to("picture_id", "uploads"))
                .take(),
        )
        .await?;
        m.create_index(index("creators", "name", &["name_key", "id"])).await?;
        m.create_table(
            table("portfolio_items")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("brand_name"))
                .col(text("title"))
                .col(text("url"))
                .col(date("published_on").null())
                .col(text("note"))
                .col(instant("deleted_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(index("portfolio_items", "creator", &["creator_id"])).await?;
        m.create_table(
            table("network_accounts")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("network"))
                .col(text("handle"))
                .col(text("handle_key"))
                .col(text("external_id").null())
                .col(text("account_type"))
                .col(text("display_name"))
                .col(text("biography"))
                .col(text("url"))
                .col(text("picture_url"))
                .col(long("followers").null())
                .col(long("following").null())
                .col(long("posts").null())
                .col(text("figures_source").null())
                .col(instant("figures_as_of").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("network_accounts", "handle", &["network", "handle_key"])).await?;
        m.create_index(unique("network_accounts", "external", &["network", "external_id"])).await?;
        m.create_index(index("network_accounts", "creator", &["creator_id"])).await?;
        m.create_table(
            table("network_links")
                .col(id())
                .col(uuid("account_id").unique_key())
                .col(uuid("creator_id"))
                .col(text("method"))
                .col(text("state"))
                .col(json("scopes"))
                .col(json("missing_scopes"))
                .col(text("token_sealed").null())
                .col(text("key_id"))
                .col(text("subject"))
                .col(instant("expires_at").null())
                .col(instant("renew_at").null())
                .col(instant("refresh_lease_until").null())
                .col(text("problem"))
                .col(instant("linked_at").null())
                .col(instant("revoked_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(index("network_links", "creator", &["creator_id"])).await?;
        m.create_index(index("network_links", "renew", &["state", "renew_at"])).await?;
        m.create_table(
            table("oauth_attempts")
                .col(id())
                .col(text("state_hash").unique_key())
                .col(uuid("session_id").null())
                .col(uuid("token_id").null())
                .col(uuid("creator_id"))
                .col(text("network"))
                .col(text("verifier_sealed"))
                .col(text("key_id"))
                .col(text("next"))
                .col(uuid("relink_id").null())
                .col(text("token_sealed").null())
                .col(json("scopes"))
                .col(instant("token_expires_at").null())
                .col(json("offered"))
                .col(instant("expires_at"))
                .col(instant("used_at").null())
                .col(instant("finished_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("relink_id", "network_accounts"))
                .take(),
        )
        .await?;
        m.create_index(index("oauth_attempts", "expiry", &["expires_at"])).await?;
        m.create_table(
            table("account_snapshots")
                .col(id())
                .col(uuid("account_id"))
                .col(instant("captured_at"))
                .col(text("source"))
                .col(text("label"))
                .col(long("followers").null())
                .col(long("following").null())
                .col(long("posts").null())
                .col(json("data"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .take(),
        )
        .await?;
        m.create_index(unique("account_snapshots", "account", &["account_id", "captured_at", "label"])).await?;
        m.create_table(
            table("offerings")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("network"))
                .col(text("format"))
                .col(long("price_minor"))
                .col(text("currency"))
                .col(text("note"))
                .col(instant("deleted_at").null())
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(index("offerings", "creator", &["creator_id"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["offerings", "account_snapshots", "oauth_attempts", "network_links", "network_accounts", "portfolio_items", "creators"]
        {
            m.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
