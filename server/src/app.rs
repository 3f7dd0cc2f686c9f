//! What every operation is given: the database, the clock, the settings and the outside clients.

use std::{ops::Deref, path::Path, sync::Arc, time::Duration};

use connectors::{Http, HttpLimits, Registry, guard::PublicHttp};
use entity::ids::Id;
use futures_util::FutureExt;
use sea_orm::{ConnectOptions, Database, DatabaseBackend, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use thread_local::ThreadLocal;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::{
    auth::vault::Vault, base::clock::Clock, config::Config, error::Result, events::Pulse, files::Files, mail::transport::Post, tx::Tx,
};

/// With fewer connections a thread would rather share: one request asks several things at once.
const LEAST_OF_ITS_OWN: u32 = 3;
/// Prepared statements that a connection to PostgreSQL keeps: about as many as the faces have.
const STATEMENTS: usize = 400;

/// The running product. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] is made of.
pub struct Inner {
    /// The settings in force.
    pub config: Config,
    /// The only source of time.
    pub clock: Clock,
    /// Seals what is stored secret.
    pub vault: Vault,
    /// Sends mail.
    pub post: Post,
    /// The networks that can be linked.
    pub networks: Registry,
    /// Fetches addresses that others chose.
    pub public: PublicHttp,
    /// Tells webhooks what happened.
    pub hooks: PublicHttp,
    /// Fetches media, which are larger.
    pub media: PublicHttp,
    /// Large files.
    pub files: Files,
    /// Tells that something was committed.
    pub pulse: Pulse,
    db: DatabaseConnection,
    near: Near,
    ids: std::sync::Mutex<ContextV7>,
}

/// Connections of a thread's own. A connection wakes whoever waits for it through the thread that opened it: on its own a thread needs no other.
struct Near {
    opens: bool,
    pools: ThreadLocal<DatabaseConnection>,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Opens the database and the outside clients. Migrates SQLite; a PostgreSQL is migrated by `hibiki migrate`.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let db = connect(&config.database_url, config.database_connections).await?;
        let networks = networks(&config, &clock)?;
        Self::made_of(db, true, networks, config, clock).await
    }

    /// As [`App::open`], where there must be a database already: a command typed in the wrong folder makes no new one.
    pub async fn open_existing(config: Config, clock: Clock) -> anyhow::Result<Self> {
        if let Some(path) = sqlite_file(&config.database_url) {
            anyhow::ensure!(
                path.exists(),
                "there is no database at {}; say where it is by `data_dir` or `database_url`, or make one by `hibiki migrate`",
                path.display()
            );
        }
        Self::open(config, clock).await
    }

    /// As [`App::open`], over a database and networks of the caller's: the tests count statements on theirs, and link peers of their own.
    pub async fn over(db: DatabaseConnection, networks: Registry, config: Config, clock: Clock) -> anyhow::Result<Self> {
        Self::made_of(db, false, networks, config, clock).await
    }

    async fn made_of(db: DatabaseConnection, opens: bool, networks: Registry, config: Config, clock: Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data_dir)?;
        if db.get_database_backend() == DatabaseBackend::Sqlite {
            migration::Migrator::up(&db, None).await?;
        }
        let vault = Vault::open(&config)?;
        let post = Post::open(&config)?;
        let sandboxes = config.networks.values().filter(|network| network.sandbox).filter_map(|network| network.api_base.clone());
        let sandboxes: Vec<_> = sandboxes.collect();
        let public = PublicHttp::new(HttpLimits::default(), sandboxes.iter().cloned())?;
        let large = HttpLimits { connect: Duration::from_secs(5), total: Duration::from_secs(120), body: 100 << 20 };
        let media = PublicHttp::new(large, sandboxes)?;
        let files = Files::open(&config.files, &config.data_dir)?;
        // The receiver says yes and no more; its own work it does afterwards.
        let brief = HttpLimits { connect: Duration::from_secs(5), total: Duration::from_secs(10), body: 64 * 1024 };
        let hooks = PublicHttp::new(brief, config.webhook_origins.iter().cloned())?;
        let ids = std::sync::Mutex::new(ContextV7::new());
        let near = Near { opens: opens && db.get_database_backend() == DatabaseBackend::Postgres, pools: ThreadLocal::new() };
        Ok(Self(Arc::new(Inner {
            config,
            clock,
            vault,
            post,
            networks,
            public,
            hooks,
            media,
            files,
            pulse: Pulse::default(),
            db,
            near,
            ids,
        })))
    }

    /// Gives the calling thread, one of `threads` that answer requests, its part of the connections to PostgreSQL for its own.
    pub fn settle_in(&self, threads: usize) -> anyhow::Result<()> {
        let part = self.config.database_connections / u32::try_from(threads)?;
        if self.near.opens && part >= LEAST_OF_ITS_OWN {
            let opened = Database::connect(options(&self.config.database_url, part).connect_lazy(true).to_owned()).now_or_never();
            let pool = opened.ok_or_else(|| anyhow::anyhow!("a pool that opens no connection was waited for"))??;
            self.near.pools.get_or(|| pool);
        }
        Ok(())
    }

    /// For reading outside a transaction.
    pub fn db(&self) -> &DatabaseConnection {
        self.near.pools.get().unwrap_or(&self.db)
    }

    /// Whether the database is PostgreSQL.
    pub fn on_postgres(&self) -> bool {
        self.db.get_database_backend() == DatabaseBackend::Postgres
    }

    /// Begins the one transaction of an operation. On SQLite it takes the writer's lock at once: a reading transaction that
    /// turns to writing would fail with "database is locked".
    #[expect(clippy::disallowed_methods, reason = "the one place that begins transactions")]
    pub async fn begin(&self) -> Result<Tx> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        let db = self.db().begin_with_options(options).await?;
        Ok(Tx::new(self.clone(), db, self.clock.now()))
    }

    /// A new id: rising within this process, even within one instant.
    pub fn id<T: Id>(&self) -> T {
        let now = self.clock.now();
        let (seconds, nanos) = (now.timestamp().unsigned_abs(), now.timestamp_subsec_nanos());
        let context = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        T::from(Uuid::new_v7(Timestamp::from_unix(&*context, seconds, nanos)))
    }

    /// An address of ours in full, as mails need it.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.config.public_url.as_str().trim_end_matches('/'))
    }
}

/// The networks that the settings name, by the product's clock.
pub fn networks(config: &Config, clock: &Clock) -> anyhow::Result<Registry> {
    let clock = clock.clone();
    let time = connectors::Clock::new(move || clock.now());
    Ok(Registry::with(config.networks.clone(), Arc::new(Http::new(HttpLimits::default())?), time)?)
}

/// The file of `sqlite://…`.
fn sqlite_file(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite://")?;
    Some(Path::new(path.split('?').next().unwrap_or(path)))
}

/// Connects to `sqlite://…` or `postgres://…`.
pub async fn connect(url: &str, connections: u32) -> anyhow::Result<DatabaseConnection> {
    if let Some(dir) = sqlite_file(url).and_then(Path::parent) {
        std::fs::create_dir_all(dir)?;
    }
    Ok(Database::connect(options(url, connections)).await?)
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        // A connection that was used a moment ago needs no test: that would be a round trip before every statement.
        .test_before_acquire_if_idle_for(Duration::from_secs(2))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                // With a write-ahead log NORMAL loses no committed row when the process dies; only a power cut may.
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
        })
        // Compiling a plan takes longer than any statement of ours that is well planned.
        .map_sqlx_postgres_opts(|pg| pg.options([("statement_timeout", "30s"), ("jit", "off")]).statement_cache_capacity(STATEMENTS));
    options
}
