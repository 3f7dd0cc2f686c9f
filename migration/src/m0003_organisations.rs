//! Organisations, members, delegations, brands; API tokens, which may be for a member.

use sea_orm_migration::prelude::*;

use crate::columns::{date, id, index, instant, json, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("organizations")
                .col(id())
                .col(text("name"))
                .col(text("kind"))
                .col(text("legal_name"))
                .col(text("address"))
                .col(text("website"))
                .col(text("currency"))
                .col(text("time_zone"))
                .col(text("locale"))
                .col(instant("created_at"))
                .take(),
        )
        .await?;
        m.create_table(
            table("memberships")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("user_id"))
                .col(text("role"))
                .col(text("status"))
                .col(uuid("invited_by").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("user_id", "users"))
                .foreign_key(&mut to("invited_by", "users"))
                .take(),
        )
        .await?;
        m.create_index(unique("memberships", "person", &["org_id", "user_id"])).await?;
        m.create_index(index("memberships", "user", &["user_id"])).await?;
        m.create_table(
            table("member_invitations")
                .col(id())
                .col(uuid("org_id"))
                .col(text("email"))
                .col(text("email_key"))
                .col(text("role"))
                .col(text("token_hash").unique_key())
                .col(uuid("invited_by"))
                .col(text("state"))
                .col(instant("expires_at"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("invited_by", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("member_invitations", "org", &["org_id", "email_key"])).await?;
        m.create_table(
            table("delegations")
                .col(id())
                .col(uuid("brand_id"))
                .col(uuid("agency_id"))
                .col(text("role"))
                .col(text("state"))
                .col(date("until").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("brand_id", "organizations"))
                .foreign_key(&mut to("agency_id", "organizations"))
                .take(),
        )
        .await?;
        m.create_index(index("delegations", "pair", &["brand_id", "agency_id"])).await?;
        m.create_index(index("delegations", "agency", &["agency_id"])).await?;
        m.create_table(
            table("brands")
                .col(id())
                .col(uuid("org_id"))
                .col(text("name"))
                .col(json("hashtags"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .take(),
        )
        .await?;
        m.create_index(unique("brands", "org", &["org_id", "name"])).await?;
        // Here, since a token may be for a member of an organisation.
        m.create_table(
            table("api_tokens")
                .col(id())
                .col(uuid("user_id"))
                .col(text("hat"))
                .col(uuid("org_id").null())
                .col(text("name"))
                .col(text("token_hash").unique_key())
                .col(text("hint"))
                .col(json("scopes"))
                .col(instant("expires_at"))
                .col(instant("last_used_at").null())
                .col(instant("revoked_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut to("user_id", "users"))
                .foreign_key(&mut to("org_id", "organizations"))
                .take(),
        )
        .await?;
        m.create_index(index("api_tokens", "user", &["user_id"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["api_tokens", "brands", "delegations", "member_invitations", "memberships", "organizations"] {
            m.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
