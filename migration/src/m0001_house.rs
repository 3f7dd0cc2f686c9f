//! The house: events, jobs, letters, limits.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend},
};

use crate::columns::{id, index, instant, int, json, long, serial, table, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("events")
                .col(serial("seq"))
                .col(long("xid").default(0))
                .col(uuid("id").unique_key())
                .col(text("kind"))
                .col(text("subject"))
                .col(uuid("org_id").null())
                .col(uuid("creator_id").null())
                .col(uuid("user_id").null())
                .col(json("data"))
                .col(instant("at"))
                .take(),
        )
        .await?;
        m.create_index(index("events", "subject", &["subject", "seq"])).await?;
        m.create_index(index("events", "org", &["org_id", "seq"])).await?;
        m.create_index(index("events", "creator", &["creator_id", "seq"])).await?;
        m.create_index(index("events", "user", &["user_id", "seq"])).await?;
        m.create_index(index("events", "cursor", &["xid", "seq"])).await?;
        m.create_table(
            table("jobs")
                .col(id())
                .col(text("kind"))
                .col(json("payload"))
                .col(text("unique_key").null().unique_key())
                .col(text("state"))
                .col(instant("run_at"))
                .col(int("attempts"))
                .col(instant("lease_until").null())
                .col(text("last_error"))
                .col(instant("created_at"))
                .col(instant("finished_at").null())
                .take(),
        )
        .await?;
        m.create_index(index("jobs", "due", &["state", "run_at"])).await?;
        m.create_table(
            table("letters")
                .col(id())
                .col(text("kind"))
                .col(uuid("org_id").null())
                .col(uuid("invitation_id").null())
                .col(text("to_email"))
                .col(text("from_name"))
                .col(text("reply_to"))
                .col(text("subject"))
                .col(text("text"))
                .col(text("html"))
                .col(json("headers"))
                .col(text("state"))
                .col(int("attempts"))
                .col(instant("next_at"))
                .col(instant("lease_until").null())
                .col(text("last_error"))
                .col(instant("sent_at").null())
                .col(instant("created_at"))
                .take(),
        )
        .await?;
        m.create_index(index("letters", "due", &["state", "next_at"])).await?;
        m.create_index(index("letters", "invitation", &["invitation_id"])).await?;
        m.create_table(
            table("idempotency_keys")
                .col(id())
                .col(text("actor"))
                .col(text("operation"))
                .col(text("key"))
                .col(json("answer"))
                .col(instant("created_at"))
                .take(),
        )
        .await?;
        m.create_index(unique("idempotency_keys", "key", &["actor", "operation", "key"])).await?;
        m.create_table(table("rate_limits").col(text("key").primary_key()).col(long("level")).col(instant("at")).take()).await?;
        m.create_table(
            table("suppressions")
                .col(id())
                .col(text("email_key"))
                .col(text("scope"))
                .col(text("reason"))
                .col(text("detail"))
                .col(instant("created_at"))
                .take(),
        )
        .await?;
        m.create_index(unique("suppressions", "address", &["email_key", "scope"])).await?;
        if m.get_database_backend() == DatabaseBackend::Postgres {
            // The writing transaction's id: readers stop below the oldest one that still runs, so that a late commit is never skipped.
            m.get_connection()
                .execute_unprepared("ALTER TABLE events ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint)")
                .await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["suppressions", "rate_limits", "idempotency_keys", "letters", "jobs", "events"] {
            m.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
