//! How fast publications with their figures become rows: pages in a network's own words through the connector and the worker, beside the
//! same rows inserted by hundreds and nothing else.
//!
//! ```sh
//! cargo run --release -p hibiki-tests --bin ingest -- --posts 20000
//! ```

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use connectors::{Clock, Registry, Request, Response, Transport};
use entity::{comment, enums::SyncKind, post, post_metrics, story_archive, sync_task};
use sandbox::crowd::Crowd;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TransactionTrait, sea_query::Expr};
use serde_json::{Value, json};
use server::{networks::sync, tx::insert_all};

use crate::{
    Stage,
    database::Kind,
    simulation::{call, options, response, settings, sole_account},
    stage::beginning,
};

/// What was measured.
#[derive(Debug)]
pub struct Ingest {
    /// Publications, each with one reading of its figures.
    pub posts: usize,
    /// From pages of text to rows.
    pub took: Duration,
    /// SQL statements of that.
    pub statements: usize,
    /// The same rows again, by multi-row inserts in transactions as large.
    pub raw: Duration,
}

impl Ingest {
    /// Our rate as a part of the raw one.
    pub fn ratio(&self) -> f64 {
        self.raw.as_secs_f64() / self.took.as_secs_f64()
    }
}

impl fmt::Display for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |took: Duration| self.posts as f64 / took.as_secs_f64();
        let (ours, raw, ratio) = (rate(self.took), rate(self.raw), self.ratio());
        let each = self.statements as f64 / self.posts as f64;
        write!(f, "{} posts with figures: {ours:.0}/s, raw insert {raw:.0}/s, ratio {ratio:.2}, {each:.2} statements a post", self.posts)
    }
}

/// Accounts that are read side by side.
const ACCOUNTS: usize = 8;

/// Measures it. None where the database is not there.
pub async fn ingest(kind: Kind, posts: usize) -> Option<Ingest> {
    let crowd = Arc::new(Crowd::new(&options(), ACCOUNTS));
    let pages = Arc::new(Pages { crowd: crowd.clone(), sample: Mutex::default(), bodies: Mutex::default(), on: AtomicBool::new(false) });
    let networks = {
        let pages = pages.clone();
        move |config: &server::config::Config, clock: &server::base::clock::Clock| {
            let clock = clock.clone();
            Registry::with(config.networks.clone(), pages, Clock::new(move || clock.now())).expect("networks")
        }
    };
    let stage = Stage::set(kind, |config| config.networks = settings(config), networks).await?;
    let db = stage.app.db();
    // The accounts as the sandbox has them: a page of theirs is the pattern for all.
    for world in 0..ACCOUNTS {
        sole_account(&stage, &crowd, world, "instagram", "hana").await;
    }
    while sync::turn(&stage.app).await.expect("read") {}
    comment::Entity::delete_many().exec(db).await.expect("deleted");
    post_metrics::Entity::delete_many().exec(db).await.expect("deleted");
    story_archive::Entity::delete_many().exec(db).await.expect("deleted");
    post::Entity::delete_many().exec(db).await.expect("deleted");
    pages.fill(posts / ACCOUNTS);
    again(&stage).await;
    let begun = Instant::now();
    let statements = stage.statements(async { while sync::turn(&stage.app).await.expect("read") {} }).await.1;
    let took = begun.elapsed();
    let posts = post::Entity::find().order_by_asc(post::Column::Id).all(db).await.expect("posts");
    let metrics = post_metrics::Entity::find().order_by_asc(post_metrics::Column::PostId).all(db).await.expect("figures");
    let raw = raw(&stage, &posts, &metrics).await;
    stage.dismissed().await;
    Some(Ingest { posts: posts.len(), took, statements, raw })
}

/// Only the pages are read, and from the beginning.
async fn again(stage: &Stage) {
    let all =
        sync_task::Entity::update_many().col_expr(sync_task::Column::NextRunAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None));
    all.exec(stage.app.db()).await.expect("stopped");
    sync_task::Entity::update_many()
        .col_expr(sync_task::Column::NextRunAt, Expr::value(beginning()))
        .col_expr(sync_task::Column::Cursor, Expr::value(Option::<String>::None))
        .filter(sync_task::Column::Kind.eq(SyncKind::Backfill))
        .exec(stage.app.db())
        .await
        .expect("begun");
}

#[expect(clippy::disallowed_methods, reason = "the yardstick is an insert without a product around it")]
async fn raw(stage: &Stage, posts: &[post::Model], metrics: &[post_metrics::Model]) -> Duration {
    let db = stage.app.db();
    post_metrics::Entity::delete_many().exec(db).await.expect("deleted");
    post::Entity::delete_many().exec(db).await.expect("deleted");
    let rows = |posts: &[post::Model]| posts.iter().map(|row| row.clone().into_active_model().reset_all()).collect();
    let figures = |metrics: &[post_metrics::Model]| metrics.iter().map(|row| row.clone().into_active_model().reset_all()).collect();
    let chunks: Vec<(Vec<post::ActiveModel>, Vec<post_metrics::ActiveModel>)> =
        posts.chunks(PAGE).zip(metrics.chunks(PAGE)).map(|(posts, metrics)| (rows(posts), figures(metrics))).collect();
    let begun = Instant::now();
    for (posts, metrics) in chunks {
        let tx = db.begin().await.expect("a transaction");
        insert_all::<post::Entity, _>(&tx, posts).await.expect("inserted");
        insert_all::<post_metrics::Entity, _>(&tx, metrics).await.expect("inserted");
        tx.commit().await.expect("commit");
    }
    begun.elapsed()
}

/// As many publications a page as the connector asks for at most.
const PAGE: usize = 50;

/// Answers lists of publications from pages made before, and everything else from the sandbox.
struct Pages {
    crowd: Arc<Crowd>,
    sample: Mutex<Value>,
    bodies: Mutex<HashMap<String, Vec<u8>>>,
    on: AtomicBool,
}

impl Pages {
    /// Makes the pages of an account with so many publications.
    fn fill(&self, posts: usize) {
        let sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pattern = sample["data"].as_array().expect("a page of publications");
        let pages = posts.div_ceil(PAGE).max(1);
        let apart = chrono::Duration::days(80) / i32::try_from(pages * PAGE).unwrap_or(i32::MAX);
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        for page in 0..pages {
            let row = |n: usize| {
                let mut row = pattern[n % pattern.len()].clone();
                let at = beginning() - apart * i32::try_from(page * PAGE + n).unwrap_or(i32::MAX);
                row["id"] = json!(format!("{}", 17_900_000_000_000_000_u64 + (page * PAGE + n) as u64));
                row["timestamp"] = json!(at.format("%Y-%m-%dT%H:%M:%S+0000").to_string());
                row
            };
            let mut body = json!({ "data": (0..PAGE).map(row).collect::<Vec<_>>() });
            if page + 1 < pages {
                let path = sample["paging"]["next"].as_str().unwrap_or_default().split('?').next().unwrap_or_default();
                body["paging"] = json!({ "cursors": { "after": (page + 1).to_string() }, "next": format!("{path}?after={}", page + 1) });
            }
            let name = if page == 0 { String::new() } else { page.to_string() };
            bodies.insert(name, body.to_string().into_bytes());
        }
        self.on.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Transport for Pages {
    async fn send(&self, request: Request) -> connectors::Result<Response> {
        let is_list = request.url.path().ends_with("/media");
        if is_list && self.on.load(Ordering::SeqCst) {
            let after = request.url.query_pairs().find(|(name, _)| name == "after").map(|(_, value)| value.into_owned());
            let body = self.bodies.lock().unwrap_or_else(PoisonError::into_inner).get(&after.unwrap_or_default()).cloned();
            return Ok(Response::of(if body.is_some() { 200 } else { 404 }, &[], body.unwrap_or_default()));
        }
        let answer = self.crowd.ask(call(request)).await;
        if is_list && answer.status == 200 {
            let page: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
            if page["paging"]["next"].is_string() {
                *sample = page;
            }
        }
        Ok(response(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_post_becomes_a_row(kind: Kind) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let Some(found) = runtime.block_on(ingest(kind, 800)) else { return };
        assert_eq!(found.posts, 800);
        // A page is read and written by a handful of statements, however much is on it.
        assert!(found.statements < 40 * (800 / PAGE), "{found}");
    }

    #[test]
    fn sqlite() {
        every_post_becomes_a_row(Kind::Sqlite);
    }

    #[test]
    fn postgres() {
        every_post_becomes_a_row(Kind::Postgres);
    }
}
