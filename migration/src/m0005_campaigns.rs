//! Campaigns, briefs, participations, invitations, conversations.

use sea_orm_migration::prelude::*;

use crate::columns::{date, flag, id, index, instant, int, json, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("campaigns")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("brand_id"))
                .col(text("name"))
                .col(text("name_key"))
                .col(text("goal").null())
                .col(json("kpis"))
                .col(long("budget_minor").null())
                .col(text("currency"))
                .col(date("starts_on").null())
                .col(date("ends_on").null())
                .col(json("target"))
                .col(json("formats"))
                .col(text("recruit_mode"))
                .col(text("state"))
                .col(text("paused_from").null())
                .col(uuid("created_by"))
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("brand_id", "brands"))
                .foreign_key(&mut to("created_by", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("campaigns", "org", &["org_id", "created_at"])).await?;
        m.create_table(
            table("briefs")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("campaign_id"))
                .col(int("version"))
                .col(text("state"))
                .col(json("teaser"))
                .col(json("full"))
                .col(flag("worsens"))
                .col(date("starts_on").null())
                .col(date("ends_on").null())
                .col(instant("published_at").null())
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("campaign_id", "campaigns"))
                .take(),
        )
        .await?;
        m.create_index(unique("briefs", "version", &["campaign_id", "version"])).await?;
        m.create_table(
            table("participations")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("campaign_id"))
                .col(uuid("creator_id"))
                .col(text("source"))
                .col(text("state"))
                .col(text("reason"))
                .col(instant("joined_at").null())
                .col(instant("created_at"))
                .col(instant("updated_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("campaign_id", "campaigns"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("participations", "pair", &["campaign_id", "creator_id"])).await?;
        m.create_index(index("participations", "creator", &["creator_id"])).await?;
        m.create_table(
            table("brief_acks")
                .col(id())
                .col(uuid("participation_id"))
                .col(uuid("brief_id"))
                .col(int("version"))
                .col(instant("at"))
                .foreign_key(&mut to("participation_id", "participations"))
                .foreign_key(&mut to("brief_id", "briefs"))
                .take(),
        )
        .await?;
        m.create_index(unique("brief_acks", "version", &["participation_id", "version"])).await?;
        m.create_table(
            table("batches")
                .col(id())
                .col(uuid("org_id"))
                .col(text("kind"))
                .col(uuid("campaign_id"))
                .col(int("total"))
                .col(json("refused"))
                .col(uuid("created_by"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("campaign_id", "campaigns"))
                .foreign_key(&mut to("created_by", "users"))
                .take(),
        )
        .await?;
        m.create_table(
            table("invitations")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("campaign_id"))
                .col(uuid("creator_id"))
                .col(uuid("participation_id"))
                .col(uuid("batch_id").null())
                .col(text("email"))
                .col(text("email_key"))
                .col(text("email_source"))
                .col(text("locale"))
                .col(text("subject"))
                .col(text("message"))
                .col(text("state"))
                .col(text("decline_reason").null())
                .col(text("decline_note"))
                .col(text("bounce_code"))
                .col(uuid("invited_by"))
                .col(instant("sent_at").null())
                .col(instant("viewed_at").null())
                .col(instant("answered_at").null())
                .col(instant("expires_at"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("campaign_id", "campaigns"))
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("participation_id", "participations"))
                .foreign_key(&mut to("batch_id", "batches"))
                .foreign_key(&mut to("invited_by", "users"))
                .take(),
        )
        .await?;
        m.create_index(index("invitations", "campaign", &["campaign_id", "id"])).await?;
        m.create_index(index("invitations", "creator", &["creator_id", "id"])).await?;
        m.create_index(index("invitations", "batch", &["batch_id"])).await?;
        m.create_index(index("invitations", "org", &["org_id", "id"])).await?;
        m.create_index(index("invitations", "participation", &["participation_id", "id"])).await?;
        m.create_index(index("invitations", "expiry", &["state", "expires_at"])).await?;
        m.create_index(index("invitations", "email", &["email_key"])).await?;
        m.create_table(
            table("invitation_tokens")
                .col(id())
                .col(uuid("invitation_id"))
                .col(text("token_hash").unique_key())
                .col(text("email"))
                .col(text("unsubscribe_hash").unique_key())
                .col(instant("created_at"))
                .foreign_key(&mut to("invitation_id", "invitations"))
                .take(),
        )
        .await?;
        m.create_index(index("invitation_tokens", "invitation", &["invitation_id"])).await?;
        m.create_table(
            table("threads")
                .col(id())
                .col(uuid("org_id"))
                .col(uuid("creator_id"))
                .col(uuid("campaign_id"))
                .col(instant("last_message_at"))
                .col(instant("created_at"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("campaign_id", "campaigns"))
                .take(),
        )
        .await?;
        m.create_index(unique("threads", "parties", &["org_id", "creator_id", "campaign_id"])).await?;
        m.create_index(index("threads", "creator", &["creator_id", "last_message_at"])).await?;
        m.create_index(index("threads", "recent", &["org_id", "last_message_at"])).await?;
        m.create_table(
            table("messages")
                .col(id())
                .col(uuid("thread_id"))
                .col(uuid("org_id"))
                .col(uuid("creator_id"))
                .col(text("side"))
                .col(uuid("author_id"))
                .col(text("body"))
                .col(instant("created_at"))
                .foreign_key(&mut to("thread_id", "threads"))
                .foreign_key(&mut to("org_id", "organizations"))
                .foreign_key(&mut to("creator_id", "creators"))
                .foreign_key(&mut to("author_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(unique("messages", "thread", &["thread_id", "created_at"])).await?;
        m.create_table(
            table("thread_reads")
                .col(id())
                .col(uuid("thread_id"))
                .col(uuid("user_id"))
                .col(instant("read_at"))
                .foreign_key(&mut to("thread_id", "threads"))
                .foreign_key(&mut to("user_id", "users"))
                .take(),
        )
        .await?;
        m.create_index(unique("thread_reads", "person", &["thread_id", "user_id"])).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "thread_reads",
            "messages",
            "threads",
            "invitation_tokens",
            "invitations",
            "batches",
            "brief_acks",
            "participations",
            "briefs",
            "campaigns",
        ] {
            m.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
