//! Makes creators with readings of ninety days, and measures what their scores cost: an event taken in, one creator's update in the server, and
//! everybody, as each night. Beside it the statements of a batch and the peak of memory.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, Duration, Utc};
use connectors::{Measure, Metric, Reading};
use entity::{
    account_snapshot, creator,
    enums::{CreatorSource, MetricSource, Network},
    ids::{AccountId, CreatorId, PostId},
    json::RawJson,
    network_account, post, post_metrics,
};
use hibiki_tests::{database::Database, database::Kind, stage::beginning};
use influence::{
    Params, State,
    math::Rng,
    sim,
    types::{Day, Event},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use server::{
    app::{App, connect, networks},
    base::clock::Clock,
    config::Config,
    jobs::{queue::Job, runner},
    networks::sync::posts::{Figure, Figures, code},
    tx::{Tx, insert_all},
};
use tempfile::TempDir;

/// Creators of one inserting transaction.
const SOME: usize = 500;
/// Days back of a reading of followers: every third day.
const READ_EVERY: i64 = 3;
/// Days after publication on which a post is read.
const READ_ON: [i64; 4] = [1, 3, 10, 30];
/// Creators whose updates are measured one by one.
const SINGLES: usize = 200;

const CAPTIONS: [&str; 6] = [
    "Weekend baking: three loaves, one oven, no plan #baking #sourdough",
    "今日のメイクはこれだけ。朝の5分で終わるスキンケア #スキンケア #コスメ",
    "Trail run before work, 12 km and a lot of mud #running #trail",
    "Thank you for the lovely tea! #ad #tea",
    "新しいレンズで撮った京都の朝 #写真 #京都",
    "Unboxing the keyboard that everybody asks about #tech #desksetup",
];

#[tokio::main]
async fn main() {
    let (mut creators, mut kind) = (10_000_usize, Kind::Sqlite);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--creators" => creators = words.next().and_then(|n| n.parse().ok()).unwrap_or_else(|| usage()),
            "--postgres" => kind = Kind::Postgres,
            _ => usage(),
        }
    }
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    println!("{kind:?}, {creators} creators, {} build", if cfg!(debug_assertions) { "debug" } else { "release" });
    pure();

    let dir = TempDir::with_prefix("hibiki-rescore-").expect("a folder");
    let Some(database) = Database::new(kind, &dir).await else { std::process::exit(2) };
    let config = Config { database_url: database.url.clone(), data_dir: dir.path().to_owned(), work: false, ..Config::default() };
    let mut db = connect(&config.database_url, 5).await.expect("the database opens");
    let statements = Arc::new(AtomicU64::new(0));
    db.set_metric_callback({
        let statements = statements.clone();
        move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
        }
    });
    let clock = Clock::frozen(beginning());
    let registry = networks(&config, &clock).expect("networks");
    let app = App::over(db, registry, config, clock).await.expect("the product starts");

    let start = Instant::now();
    let (ids, rows) = made(&app, creators).await;
    let took = start.elapsed().as_secs_f64();
    println!("made {rows} rows in {took:.0} s, {:.0} rows a second", rows as f64 / took);

    everybody(&app, &statements, creators, "everybody, nobody scored before").await;
    singles(&app, &ids, &statements, "one creator, nothing new").await;
    app.clock.advance(Duration::days(1));
    singles(&app, &ids, &statements, "one creator, a day later").await;
    everybody(&app, &statements, creators, "everybody, a day later").await;
    everybody(&app, &statements, creators, "everybody, nothing new").await;
    let db = app.db().clone();
    drop(app);
    database.end(db).await;
}

fn usage() -> ! {
    eprintln!("rescore [--creators N] [--postgres]   (PostgreSQL: the server that HIBIKI_TEST_POSTGRES names)");
    std::process::exit(2)
}

/// The formula alone.
fn pure() {
    let params = Params::shipped();
    let mut rng = Rng::new(1);
    let streams: Vec<Vec<Event>> = (0..100)
        .map(|_| sim::Creator { actors: 20, ..sim::Creator::any(influence::types::Network::Instagram, &mut rng) }.events(90, &mut rng))
        .collect();
    let events: usize = streams.iter().map(Vec::len).sum();
    let start = Instant::now();
    let mut states: Vec<State> = Vec::new();
    for stream in &streams {
        let mut state = State::default();
        stream.iter().for_each(|event| {
            black_box(state.apply(event, params));
        });
        states.push(state);
    }
    let applied = start.elapsed().as_secs_f64() * 1e6 / events as f64;
    let start = Instant::now();
    for state in &mut states {
        state.close(Day::from(89_u8), &(), params);
        black_box(state.score(params));
    }
    let closed = start.elapsed().as_secs_f64() * 1e3 / states.len() as f64;
    let json = states.iter().filter_map(|state| serde_json::to_vec(state).ok()).map(|text| text.len()).sum::<usize>() / states.len();
    println!(
        "pure: {applied:.2} µs an event ({events} of {} creators), {closed:.2} ms to close 90 days and score, {json} bytes of state",
        states.len()
    );
}

/// The most memory since the last reset, MiB.
fn peak(reset: bool) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or_default();
    if reset {
        std::fs::write("/proc/self/clear_refs", "5").ok();
    }
    kib / 1024
}

/// As each night, by the jobs of the server.
async fn everybody(app: &App, statements: &AtomicU64, creators: usize, what: &str) {
    let tx = app.begin().await.expect("a transaction");
    tx.job(Job::new("insights.nightly", serde_json::json!({}))).await.expect("queued");
    tx.commit().await.expect("committed");
    let handlers = server::handlers();
    peak(true);
    statements.store(0, Ordering::Relaxed);
    let start = Instant::now();
    while runner::turn(app, &handlers, &server::queues()).await.expect("the queue is read") {}
    let took = start.elapsed().as_secs_f64();
    println!(
        "{what}: {took:.1} s, {:.0} creators a second, {:.2} ms each, {:.1} statements each, peak {} MiB",
        creators as f64 / took,
        1e3 * took / creators as f64,
        statements.load(Ordering::Relaxed) as f64 / creators as f64,
        peak(false)
    );
}

/// As after a reading.
async fn singles(app: &App, ids: &[CreatorId], statements: &AtomicU64, what: &str) {
    let mut times = Vec::new();
    statements.store(0, Ordering::Relaxed);
    for id in ids.iter().step_by((ids.len() / SINGLES).max(1)).take(SINGLES) {
        let start = Instant::now();
        server::insights::score(app, &[*id]).await.expect("scored");
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: {:.1} ms in the middle, {:.1} ms at the 95th percentile, {} statements",
        at(0.5),
        at(0.95),
        statements.load(Ordering::Relaxed) / times.len().max(1) as u64
    );
}

/// Everything of some creators, to be inserted.
#[derive(Default)]
struct Rows {
    creators: Vec<creator::ActiveModel>,
    accounts: Vec<network_account::ActiveModel>,
    readings: Vec<account_snapshot::ActiveModel>,
    posts: Vec<post::ActiveModel>,
    counted: Vec<post_metrics::ActiveModel>,
}

async fn made(app: &App, creators: usize) -> (Vec<CreatorId>, usize) {
    let mut rng = Rng::new(7);
    let (mut ids, mut total) = (Vec::new(), 0);
    for from in (0..creators).step_by(SOME) {
        let tx = app.begin().await.expect("a transaction");
        let mut rows = Rows::default();
        for number in from..creators.min(from + SOME) {
            ids.push(one(&tx, number, &mut rng, &mut rows));
        }
        total += rows.creators.len() + rows.accounts.len() + rows.readings.len() + rows.posts.len() + rows.counted.len();
        let db = tx.db();
        insert_all::<creator::Entity, _>(db, rows.creators).await.expect("creators");
        insert_all::<network_account::Entity, _>(db, rows.accounts).await.expect("accounts");
        insert_all::<account_snapshot::Entity, _>(db, rows.readings).await.expect("readings");
        insert_all::<post::Entity, _>(db, rows.posts).await.expect("posts");
        insert_all::<post_metrics::Entity, _>(db, rows.counted).await.expect("counters");
        tx.commit().await.expect("committed");
    }
    (ids, total)
}

fn one(tx: &Tx, number: usize, rng: &mut Rng, rows: &mut Rows) -> CreatorId {
    let now = tx.now;
    let id: CreatorId = tx.id();
    let name = format!("Creator {number}");
    let followers = 10f64.powf(2.7 + 3.3 * rng.unit()) as i64;
    let profile = creator::Model {
        country: "JP".into(),
        followers: Some(followers),
        ..creator::Model::bare(id, &name, name.to_lowercase(), CreatorSource::Imported, now)
    };
    rows.creators.push(profile.into_active_model().reset_all());
    // One in ten is on a second network.
    let places = [Network::Instagram, Network::Youtube, Network::Tiktok, Network::X];
    let first = rng.below(places.len());
    for extra in 0..1 + usize::from(rng.unit() < 0.1) {
        let account: AccountId = tx.id();
        let network = places[(first + extra) % places.len()];
        let handle = format!("c{number}.{extra}");
        let row = network_account::Model {
            handle_key: handle.clone(),
            handle,
            followers: Some(followers),
            following: Some(300),
            figures_source: Some(MetricSource::Network),
            figures_as_of: Some(now),
            ..network_account::Model::bare(account, id, network, now)
        };
        rows.accounts.push(row.into_active_model().reset_all());
        for back in (0..90).step_by(READ_EVERY as usize).rev() {
            let then = followers as f64 * (1.0 - 0.0006 * f64::from(back) + 0.001 * rng.normal());
            rows.readings.push(
                account_snapshot::Model {
                    id: tx.id(),
                    account_id: account,
                    captured_at: now - Duration::days(back.into()),
                    source: MetricSource::Network,
                    label: String::new(),
                    followers: Some(then as i64),
                    following: Some(300),
                    posts: None,
                    data: serde_json::json!({}),
                }
                .into_active_model()
                .reset_all(),
            );
        }
        let rate = 10f64.powf(-2.3 + rng.unit());
        for at in 0..8 + rng.below(10) as i64 {
            let published = now - Duration::hours(20 + at * (20 + rng.below(120) as i64));
            let likes = followers as f64 * rate * (0.5 * rng.normal()).exp();
            published_post(tx, (id, account, network), published, likes, rng, rows);
        }
    }
    id
}

fn published_post(
    tx: &Tx,
    (creator, account, network): (CreatorId, AccountId, Network),
    published: DateTime<Utc>,
    likes: f64,
    rng: &mut Rng,
    rows: &mut Rows,
) {
    let id: PostId = tx.id();
    let (mut figures, mut known) = (Figures::default(), [None; 3]);
    for days in READ_ON {
        let at = published + Duration::days(days);
        if at > tx.now {
            break;
        }
        let share = 1.0 - 0.5f64.powi(days as i32);
        let values = [(Measure::Views, likes * 18.0), (Measure::Likes, likes), (Measure::Comments, likes / 30.0)];
        let told = values.map(|(measure, n)| (measure, (n * share) as i64));
        known = told.map(|(_, n)| Some(n));
        let readings: Vec<Reading> = told.iter().map(|(measure, n)| Reading::new(*measure, "", Metric::Value(*n))).collect();
        for reading in &readings {
            let figure = Figure { metric: reading.metric, source: MetricSource::Network, endpoint: String::new(), as_of: at };
            figures.learn(&code(reading.measure), figure);
        }
        rows.counted.push(
            post_metrics::Model {
                id: tx.id(),
                post_id: id,
                captured_at: at,
                source: MetricSource::Network,
                endpoint: String::new(),
                views: known[0],
                reach: None,
                likes: known[1],
                comments: known[2],
                readings: RawJson::of(&readings).unwrap_or_default(),
            }
            .into_active_model()
            .reset_all(),
        );
    }
    rows.posts.push(
        post::Model {
            format: "image".into(),
            caption: CAPTIONS[rng.below(CAPTIONS.len())].to_owned(),
            published_at: Some(published),
            views: known[0],
            likes: known[1],
            comments: known[2],
            engagement: known[1],
            figures: RawJson::of(&figures).unwrap_or_default(),
            last_seen_at: tx.now,
            ..post::Model::bare(id, (account, creator, network), id.to_string(), published)
        }
        .into_active_model()
        .reset_all(),
    );
}
