//! A stage: the real server with a database of its own, a clock that stands still, mails kept, and work done when the story says so.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeZone, Utc};
use connectors::Registry;
use entity::{
    creator,
    enums::{JobState, LetterState, Locale},
    event, job, letter, network_account,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, Statement};
use server::{
    app::{App, connect},
    base::{clock::Clock, lang::Lang},
    config::Config,
    jobs::{runner, schedule},
    mail::page as mailbox,
    server as house,
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    browser::Browser,
    database::{Database, Kind},
};

/// Where every story's clock stands at first.
pub fn beginning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).single().expect("a plain instant")
}

/// A captured letter.
pub type Mail = mailbox::Captured;

/// The running product, set up for one story.
pub struct Stage {
    /// The product behind the server: operations and rows may be reached directly.
    pub app: App,
    /// Where it is served: `http://127.0.0.1:port`.
    pub url: String,
    /// On which database.
    pub kind: Kind,
    statements: Arc<Mutex<Vec<String>>>,
    forgiven: std::cell::Cell<bool>,
    database: Database,
    stop: CancellationToken,
    served: std::thread::JoinHandle<()>,
    _dir: TempDir,
}

/// Tells a story on one database, and fails if it leaves work behind.
pub fn tell(kind: Kind, story: impl AsyncFnOnce(&Stage)) {
    tell_with(kind, |_| {}, story);
}

/// As [`tell`], with other settings.
pub fn tell_with(kind: Kind, settings: impl FnOnce(&mut Config), story: impl AsyncFnOnce(&Stage)) {
    tell_on(kind, settings, |config, clock| server::app::networks(config, clock).expect("networks"), story);
}

/// As [`tell_with`], with networks of the story's own.
pub fn tell_on(
    kind: Kind,
    settings: impl FnOnce(&mut Config),
    networks: impl FnOnce(&Config, &Clock) -> Registry,
    story: impl AsyncFnOnce(&Stage),
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let Some(stage) = Stage::set(kind, settings, networks).await else { return };
        story(&stage).await;
        stage.ended().await;
    });
}

impl Stage {
    /// Sets the stage; none where the database is not there.
    pub async fn set(kind: Kind, settings: impl FnOnce(&mut Config), networks: impl FnOnce(&Config, &Clock) -> Registry) -> Option<Self> {
        rustls::crypto::ring::default_provider().install_default().ok();
        let dir = TempDir::with_prefix("hibiki-story-").expect("a folder");
        let database = Database::new(kind, &dir).await?;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let mut config = Config {
            public_url: url.parse().expect("an address"),
            database_url: database.url.clone(),
            database_connections: 5,
            data_dir: dir.path().to_owned(),
            work: false,
            shutdown_seconds: 1,
            ..Config::default()
        };
        // The stories of accounts turn it on; the others would only repeat them.
        config.auth.second_factor_required = false;
        settings(&mut config);
        let statements = Arc::new(Mutex::new(Vec::new()));
        let mut db = connect(&config.database_url, config.database_connections).await.expect("the database opens");
        db.set_metric_callback({
            let statements = statements.clone();
            move |info| statements.lock().expect("statements").push(info.statement.sql.clone())
        });
        let clock = Clock::frozen(beginning());
        let networks = networks(&config, &clock);
        let app = App::over(db, networks, config, clock).await.expect("the product starts");
        let stop = CancellationToken::new();
        let served = std::thread::spawn({
            let (app, stop, runtime) = (app.clone(), stop.clone(), tokio::runtime::Handle::current());
            move || runtime.block_on(house::serve(app, listener, stop)).expect("the server serves")
        });
        Some(Self { app, url, kind, statements, forgiven: false.into(), database, stop, served, _dir: dir })
    }

    /// Now, by the story's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Time goes by.
    pub fn advance(&self, by: chrono::Duration) {
        self.app.clock.advance(by);
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// The API, called by nobody.
    pub fn api(&self) -> Api {
        Api::new(&self.url)
    }

    /// Delivers the letters and runs the jobs that are due, and those that they cause, until nothing is.
    pub async fn work(&self) {
        let handlers = server::handlers();
        for _ in 0..10_000 {
            let some = runner::turn(&self.app, &handlers, &server::queues()).await.expect("the queue is read");
            if !some && !self.waits_for_others().await {
                return;
            }
        }
        panic!("the work never ends");
    }

    /// Whether events may not be read yet because a transaction that began before theirs still runs. PostgreSQL counts transactions over all
    /// databases, so the stories beside this one hold it up too.
    async fn waits_for_others(&self) -> bool {
        let db = self.app.db();
        let backend = db.get_database_backend();
        if backend != DatabaseBackend::Postgres {
            return false;
        }
        let sql = "SELECT EXISTS (SELECT FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS waits";
        let row = db.query_one_raw(Statement::from_string(backend, sql)).await.expect("the events are read");
        row.is_some_and(|row| row.try_get("", "waits").expect("a truth"))
    }

    /// Also does what comes back by itself (expiries, reminders, clean-ups), once each.
    pub async fn routine(&self) {
        schedule::plant(&self.app, &server::handlers()).await.expect("planted");
        self.work().await;
    }

    /// Every mail so far, the newest first. Delivers what waits.
    pub async fn mails(&self) -> Vec<Mail> {
        self.work().await;
        mailbox::captured(&self.app).await.expect("mail is captured")
    }

    /// The newest mail to an address.
    pub async fn mail_to(&self, address: &str) -> Mail {
        let mails = self.mails().await;
        let found = mails.iter().find(|m| m.to.eq_ignore_ascii_case(address)).cloned();
        found.unwrap_or_else(|| {
            panic!("no mail to {address}; there are: {:#?}", mails.iter().map(|m| (&m.to, &m.subject)).collect::<Vec<_>>())
        })
    }

    /// How many mails went to an address.
    pub async fn count_mails_to(&self, address: &str) -> usize {
        self.mails().await.iter().filter(|m| m.to.eq_ignore_ascii_case(address)).count()
    }

    /// The first link in the newest mail to an address whose path begins with `path`, without the server's own address.
    pub async fn link_to(&self, address: &str, path: &str) -> String {
        let mail = self.mail_to(address).await;
        let found =
            mail.text.split(&self.url).skip(1).map(|rest| {
                rest.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | '。')).next().unwrap_or_default()
            });
        let found = found.into_iter().find(|link| link.starts_with(path)).map(str::to_owned);
        found.unwrap_or_else(|| panic!("no link to {path} in {:?}:\n{}", mail.subject, mail.text))
    }

    /// The last part of such a link.
    pub async fn token_to(&self, address: &str, path: &str) -> String {
        let link = self.link_to(address, path).await;
        link.rsplit('/').next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned()
    }

    /// How many SQL statements `doing` takes.
    pub async fn statements<T>(&self, doing: impl Future<Output = T>) -> (T, usize) {
        let (done, statements) = self.statements_of(doing).await;
        (done, statements.len())
    }

    /// The SQL statements that `doing` takes.
    pub async fn statements_of<T>(&self, doing: impl Future<Output = T>) -> (T, Vec<String>) {
        self.statements.lock().expect("statements").clear();
        let done = doing.await;
        (done, std::mem::take(&mut *self.statements.lock().expect("statements")))
    }

    /// This story is about letters or jobs that fail.
    pub fn failures_are_the_point(&self) {
        self.forgiven.set(true);
    }

    /// Ends without looking at what was left.
    pub async fn dismissed(self) {
        self.stop.cancel();
        self.served.join().expect("the server ends well");
        self.database.end(self.app.db().clone()).await;
    }

    async fn ended(self) {
        if !self.forgiven.get() {
            self.left_behind().await;
        }
        self.facts_have_words().await;
        self.audiences_agree().await;
        self.dismissed().await;
    }

    /// Whatever happened can be read in the audit log.
    async fn facts_have_words(&self) {
        let kinds = event::Entity::find().select_only().column(event::Column::Kind).distinct();
        for kind in kinds.into_tuple::<String>().all(self.app.db()).await.expect("events") {
            let area = kind.split('.').next().unwrap_or_default();
            if area == "story" {
                continue;
            }
            assert!(server::audit::queries::AREAS.contains(&area), "audit/queries.rs does not name the area of {kind}");
            for (name, value) in [("event", kind.as_str()), ("event_area", area)] {
                let text = Locale::En.name(name, value).to_string();
                assert!(!text.starts_with("enum."), "locales/events.yml has no words for {text}");
            }
        }
    }

    /// The audience on each profile is the largest one of its accounts, whatever wrote those.
    async fn audiences_agree(&self) {
        let accounts = network_account::Entity::find().all(self.app.db()).await.expect("accounts");
        let mut largest = HashMap::new();
        for account in accounts {
            let most = largest.entry(account.creator_id).or_default();
            *most = account.followers.max(*most);
        }
        for creator in creator::Entity::find().all(self.app.db()).await.expect("creators") {
            let most = largest.remove(&creator.id).flatten();
            assert_eq!(creator.followers, most, "{}: accounts were written without recount_in", creator.display_name);
        }
    }

    async fn left_behind(&self) {
        let (db, now) = (self.app.db(), self.now());
        let jobs = job::Entity::find().filter(job::Column::State.ne(JobState::Done)).all(db).await.expect("jobs");
        for job in jobs {
            let said = format!("{} {} (attempt {}): {}", job.kind, job.payload, job.attempts, job.last_error);
            assert!(job.attempts == 0, "a job failed: {said}");
            assert!(job.run_at > now, "a job was left undone; stage.work() does it: {said}");
        }
        let letters = letter::Entity::find().filter(letter::Column::State.ne(LetterState::Sent)).all(db).await.expect("letters");
        for letter in letters {
            let said = format!("{:?} to {}: {}", letter.subject, letter.to_email, letter.last_error);
            assert!(letter.state != LetterState::Failed && letter.attempts <= 1, "a letter failed: {said}");
            assert!(letter.state != LetterState::Queued, "a letter was left unsent; stage.work() sends it: {said}");
        }
    }
}

/// Waits for what happens elsewhere, such as in another process: at most ten seconds.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {what}");
}
