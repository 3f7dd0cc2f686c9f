//! A database of its own for each story: a file on SQLite, a copy of a migrated template on PostgreSQL.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use server::app::connect;
use tempfile::TempDir;

use crate::peers;

/// On which database a story runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// The server that `HIBIKI_TEST_POSTGRES` names.
    Postgres,
}

/// Where a story's rows live until it ends.
pub struct Database {
    /// As the settings name it.
    pub url: String,
    drop: Option<(String, String)>,
}

/// One at a time may look for the template and make it.
const LOCK: i64 = 0x6869_6269_6b69;

impl Database {
    /// A new one; none where PostgreSQL is asked for and not there.
    pub async fn new(kind: Kind, dir: &TempDir) -> Option<Self> {
        match kind {
            Kind::Sqlite => Some(Self { url: format!("sqlite://{}?mode=rwc", dir.path().join("hibiki.db").display()), drop: None }),
            Kind::Postgres => {
                let server = peers::setting("HIBIKI_TEST_POSTGRES");
                if server.is_none() {
                    peers::missing("PostgreSQL: HIBIKI_TEST_POSTGRES is not set; bin/test sets it");
                }
                Some(Self::on_postgres(&server?).await)
            }
        }
    }

    async fn on_postgres(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let template = format!("hibiki_template_{:016x}", fingerprint());
        let name = format!("hibiki_story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = connect(server, 1).await.expect("the test PostgreSQL does not answer");
        let run = async |sql: String| admin.execute_unprepared(&sql).await;
        run(format!("SELECT pg_advisory_lock({LOCK})")).await.expect("lock");
        let sql = format!("SELECT 1 AS one FROM pg_database WHERE datname = '{template}'");
        let found = admin.query_one_raw(sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Postgres, sql)).await.expect("look");
        if found.is_none() {
            // Made under another name first: a run that was cut off must not leave half a template.
            let part = format!("{template}_part");
            run(format!("DROP DATABASE IF EXISTS {part}")).await.expect("drop");
            run(format!("CREATE DATABASE {part}")).await.expect("create");
            let fresh = connect(&sibling(server, &part), 1).await.expect("connect");
            migration::Migrator::up(&fresh, None).await.expect("the migrations run");
            fresh.close().await.expect("close");
            run(format!("ALTER DATABASE {part} RENAME TO {template}")).await.expect("rename");
        }
        run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.expect("drop");
        run(format!("CREATE DATABASE {name} TEMPLATE {template}")).await.expect("copy");
        run(format!("SELECT pg_advisory_unlock({LOCK})")).await.expect("unlock");
        admin.close().await.expect("close");
        Self { url: sibling(server, &name), drop: Some((server.to_owned(), name)) }
    }

    /// Takes it away again.
    pub async fn end(self, db: DatabaseConnection) {
        db.close().await.expect("close");
        if let Some((server, name)) = self.drop {
            let admin = connect(&server, 1).await.expect("connect");
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("drop");
            admin.close().await.expect("close");
        }
    }
}

/// The same server, another database.
fn sibling(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).expect("HIBIKI_TEST_POSTGRES is an address");
    url.set_path(name);
    url.into()
}

/// Of the migrations as they stand, so that a changed one makes a new template.
fn fingerprint() -> u64 {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migration/src");
    let mut files: Vec<_> = std::fs::read_dir(dir).expect("migration/src").map(|e| e.expect("entry").path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}
