//! What linked accounts published, how it fared, and who the audience is.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, index, instant, int, json, long, table, text, to, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("posts")
                .col(id())
                .col(uuid("account_id"))
                .col(uuid("creator_id"))
                .col(text("network"))
                .col(text("external_id"))
                .col(text("format"))
                .col(text("caption"))
                .col(json("hashtags"))
                .col(json("mentions"))
                .col(text("url"))
                .col(instant("published_at").null())
                .col(int("duration_seconds").null())
                .col(flag("paid_partnership").null())
                .col(long("views").null())
                .col(long("reach").null())
                .col(long("likes").null())
                .col(long("comments").null())
                .col(long("engagement").null())
                .col(json("figures"))
                .col(instant("figures_due_at").null())
                .col(instant("comments_due_at").null())
                .col(instant("expires_at").null())
                .col(instant("first_seen_at"))
                .col(instant("last_seen_at"))
                .col(instant("gone_at").null())
                .foreign_key(&mut to("account_id", "network_accounts"))
                .foreign_key(&mut to("creator_id", "creators"))
                .take(),
        )
        .await?;
        m.create_index(unique("posts", "external", &["account_id", "external_id"])).await?;
        m.create_index(index("posts", "published", &["creator_id", "published_at", "id"])).await?;
        m.create_index(index("posts", "engagement", &["creator_id", "engagement", "id"])).await?;
        m.create_index(index("posts", "figures_due", &["account_id", "figures_due_at"])).await?;
        m.create_index(index("posts", "comments_due", &["account_id", "comments_due_at"])).await?;
        m.create_table(
            table("post_metrics")
                .col(id())
                .col(uuid("post_id"))
                .col(instant("captured_at"))
                .col(text("source"))
                .col(text("endpoint"))
                .col(long("views").null())
                .col(long("reach").null())
                .col(long("likes").null())
                .col(long("comments").null())
                .col(json("readings"))
                .foreign_key(&mut to("post_id", "posts"))
                .take(),
        )
        .await?;
        m.create_index(index("post_metrics", "post", &["post_id", "captured_at"])).await?;
        m.create_table(
            table("account_metrics")
                .col(id())
                .col(uuid("account_id"))
                .col(instant("captured_at"))
                .col(text("source"))
                .col(text("endpoint"))
                .col(instant("window_from").null())
                .col(instant("window_to").null())
                .col(int("window_days"))
                .col(json("readings"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .take(),
        )
        .await?;
        m.create_index(index("account_metrics", "account", &["account_id", "window_days", "captured_at"])).await?;
        m.create_table(
            table("audience_snapshots")
                .col(id())
                .col(uuid("account_id"))
                .col(instant("captured_at"))
                .col(text("source"))
                .col(text("endpoint"))
                .col(text("crowd"))
                .col(text("dimension"))
                .col(json("slices"))
                .foreign_key(&mut to("account_id", "network_accounts"))
                .take(),
        )
        .await?;
        m.create_index(index("audience_snapshots", "account", &["account_id", "captured_at"])).await?;
        Ok(())
    }
}
