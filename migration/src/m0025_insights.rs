//! What is made of the readings: scores day by day, the latest insights of each creator, what peers have, and public score pages.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::columns::{date, double, flag, id, instant, int, json, long, table, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The row goes with its creator: all of it can be made again from the readings.
fn with_creator() -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col("creator_id").to("creators", "id").on_delete(ForeignKeyAction::Cascade).take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("creator_insights")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("scope"))
                .col(date("day"))
                .col(text("formula"))
                .col(text("inputs_hash"))
                .col(text("network"))
                .col(text("tier"))
                .col(text("country"))
                .col(double("score").null())
                .col(double("true_reach").null())
                .col(double("engagement_rate").null())
                .col(json("results"))
                .col(instant("computed_at"))
                .foreign_key(&mut with_creator())
                .take(),
        )
        .await?;
        m.create_index(unique("creator_insights", "creator", &["creator_id", "scope"])).await?;
        m.create_table(
            table("score_snapshots")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("scope"))
                .col(date("day"))
                .col(text("formula"))
                .col(text("inputs_hash"))
                .col(double("value"))
                .col(double("low"))
                .col(double("high"))
                .col(double("true_reach"))
                .col(json("score"))
                .col(json("facts"))
                .col(json("causes"))
                .col(instant("computed_at"))
                .foreign_key(&mut with_creator())
                .take(),
        )
        .await?;
        m.create_index(unique("score_snapshots", "day", &["creator_id", "scope", "day"])).await?;
        m.create_table(
            table("peer_groups").col(id()).col(text("key")).col(int("members")).col(json("figures")).col(instant("computed_at")).take(),
        )
        .await?;
        m.create_index(unique("peer_groups", "key", &["key"])).await?;
        m.create_table(
            table("score_pages")
                .col(id())
                .col(uuid("creator_id"))
                .col(text("slug"))
                .col(flag("with_audience"))
                .col(instant("published_at").null())
                .col(instant("created_at"))
                .foreign_key(&mut with_creator())
                .take(),
        )
        .await?;
        m.create_index(unique("score_pages", "creator", &["creator_id"])).await?;
        m.create_index(unique("score_pages", "slug", &["slug"])).await?;
        // For the order of lists, from public counters alone, so that all are compared by the same.
        for column in ["score", "true_reach", "engagement_rate"] {
            m.alter_table(Table::alter().table("creators").add_column(long(column).null().take()).take()).await?;
            let sql = format!(r#"CREATE INDEX creators_by_{column} ON creators (COALESCE("{column}", -1), id)"#);
            m.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
