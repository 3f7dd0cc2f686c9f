//! The test house: stories through the real server, both faces, both databases; contract tests; the rules of the house (`tidy`).
//!
//! A story is told once and runs twice, on SQLite and on PostgreSQL:
//!
//! ```ignore
//! story!(somebody_signs_in, async |stage| {
//!     let hana = stage.creator("Hana").await;
//!     hana.browser.get("/c").await.ok();
//! });
//! ```
//!
//! PostgreSQL stories need `HIBIKI_TEST_POSTGRES=postgres://user@host/postgres`; `bin/test` starts a server and sets it. Without it they
//! say so and pass, unless `HIBIKI_TEST_PEERS_REQUIRED` is set.

/// As the program has it.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod api;
pub mod browser;
pub mod database;
pub mod ingest;
pub mod peers;
pub mod people;
pub mod rows;
pub mod simulation;
pub mod socket;
pub mod stage;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod activity;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod buckets;
#[cfg(test)]
mod campaigns;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod contracts;
#[cfg(test)]
mod creators;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod insights;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mailings;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod reference_tables;
#[cfg(test)]
mod second_factor;
#[cfg(test)]
mod seed;
#[cfg(test)]
mod shortlists;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod sync_kills;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod troubles;
#[cfg(test)]
mod webhooks;

pub use api::{Answer, Api};
pub use browser::{Browser, Form, Page};
pub use people::Someone;
pub use stage::{Mail, Stage};

/// A story that runs on each database, as `<name>::sqlite` and `<name>::postgres`.
#[macro_export]
macro_rules! story {
    ($name:ident, async |$stage:ident| $body:block) => {
        async fn $name($stage: &$crate::Stage) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::stage::tell($crate::database::Kind::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::stage::tell($crate::database::Kind::Postgres, super::$name);
            }
        }
    };
}
