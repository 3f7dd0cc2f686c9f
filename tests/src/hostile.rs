//! Answers as no network should give them, through whole readings of every network: cut off, byte by byte, without end, pages in place of JSON,
//! lists that lead to another host, fields, words and numbers that nobody expects. The server stays up, nothing is invented, no token is
//! told, the grant lives, and the next good answers mend everything.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    io::Write,
    sync::{Arc, Mutex},
    time::Duration as Real,
};

use aho_corasick::AhoCorasick;
use chrono::{DateTime, Duration, Utc};
use connectors::{
    Account, AuthCallback, AuthStart, Capability, Connector, Format, Http, HttpLimits, Measure, MediaRef, Registry, Slices, TokenSet,
    Window, oauth::new_verifier,
};
use entity::{
    account_metrics, audience_snapshot,
    enums::{LinkState, Network, SyncKind},
    network_account, post, sync_task,
};
use sandbox::{Fault, Handle};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryResult, Statement, sea_query::Expr};
use server::networks::{rules::outside, sync::posts::Figures};

use crate::{
    Stage,
    database::Kind,
    peers,
    readings::{account, link, link_of, tasks},
    stage::{beginning, tell_on},
};

/// What the answers are like.
const FAULTS: [Fault; 10] = [
    Fault::Cut,
    Fault::Drip,
    Fault::Huge,
    Fault::Html,
    Fault::ForeignNext,
    Fault::ExtraFields,
    Fault::StringNumbers,
    Fault::WordNumbers,
    Fault::UnknownWords,
    Fault::Bare,
];

/// What ends before anybody reads it is the same for every network: the client's limits end it. One network shows that a reading bears it.
const UNREAD: [Fault; 2] = [Fault::Drip, Fault::Huge];

/// Of these something is kept, where databases may differ; what is refused as a whole does not reach them.
const KEPT: [Fault; 3] = [Fault::Cut, Fault::WordNumbers, Fault::UnknownWords];

/// All that the program says while it runs.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn tell(kind: Kind, story: impl AsyncFnOnce(&Stage, &Handle, &Said)) {
    let (started, said) = (OnceCell::new(), Said::default());
    let log = said.clone();
    let heard = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::INFO).with_writer(move || log.clone());
    // Each test has a process of its own; where it has not, the first one listens.
    heard.try_init().ok();
    tell_on(
        kind,
        |config| {
            started.set(peers::sandboxes(config, Some(beginning()))).ok();
        },
        |config, clock| {
            let clock = clock.clone();
            // Whoever speaks byte by byte is not listened to for long.
            let limits = HttpLimits { connect: Real::from_secs(2), total: Real::from_secs(2), body: 1 << 20 };
            let http = Arc::new(Http::new(limits).expect("a client"));
            Registry::with(config.networks.clone(), http, connectors::Clock::new(move || clock.now())).expect("networks")
        },
        async |stage| story(stage, started.get().expect("the sandbox"), &said).await,
    );
}

/// What a network says to somebody else with the same person's grant: what is true at this instant.
struct Truth {
    followers: Option<i64>,
    figures: HashMap<(String, Measure), HashSet<i64>>,
}

/// A grant of one's own.
async fn grant(stage: &Stage, sandbox: &Handle, connector: &dyn Connector) -> TokenSet {
    let back = format!("{}oauth/{}/callback", stage.app.config.public_url, connector.network().id());
    let redirect_uri: url::Url = back.parse().expect("an address");
    let verifier = connector.uses_pkce().then(new_verifier);
    let start = AuthStart { redirect_uri: redirect_uri.clone(), state: "s".into(), verifier: verifier.clone() };
    let url = connector.authorize_url(&start).expect("an address");
    let back: url::Url = sandbox.consent(url.as_str(), "hana", &[]).expect("the way back").parse().expect("an address");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    connector.exchange(AuthCallback { code: code.into(), redirect_uri, verifier, iss: None }).await.expect("tokens")
}

async fn truth(connector: &dyn Connector, tokens: &TokenSet, row: &network_account::Model) -> Truth {
    let id = row.external_id.as_deref().expect("an id");
    let followers = connector.profile(tokens, id).await.expect("a profile").followers.value();
    let mut figures: HashMap<(String, Measure), HashSet<i64>> = HashMap::new();
    let mut learn = |id: &str, readings: &[connectors::Reading]| {
        for reading in readings.iter().filter(|reading| reading.is_whole()) {
            let known = figures.entry((id.to_owned(), reading.measure)).or_default();
            known.extend(reading.metric.value());
        }
    };
    if connector.capabilities().has(Capability::Media) {
        let account = Account::new(tokens, id).followers(row.followers);
        let (mut after, mut all) = (None, Vec::new());
        for _ in 0..10 {
            let page = connector.media(&account, after.as_ref()).await.expect("a page");
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if connector.capabilities().has(Capability::Stories) {
            all.extend(connector.stories(&account).await.expect("stories").into_iter().map(|story| story.media));
        }
        all.iter().for_each(|one| learn(&one.external_id, &one.counters));
        if connector.capabilities().has(Capability::MediaInsights) {
            let plain: Vec<MediaRef> = all.iter().map(connectors::Media::reference).collect();
            // Of what form it is may not have been understood, and then other figures are asked for.
            let strange = plain.iter().map(|one| MediaRef { format: Format::Other("UNHEARD_OF".into()), ..one.clone() });
            let asked: Vec<MediaRef> = plain.iter().cloned().chain(strange).collect();
            for some in asked.chunks(40) {
                for set in connector.media_insights(&account, some).await.expect("figures") {
                    learn(&set.external_id, &set.readings);
                }
            }
        }
    }
    Truth { followers, figures }
}

/// Whatever was written since then as a figure is what the network says.
async fn nothing_is_invented(stage: &Stage, connector: &dyn Connector, tokens: &TokenSet, at: DateTime<Utc>, why: &str) {
    let db = stage.app.db();
    let row = account(stage, server::networks::rules::inside(connector.network())).await;
    let truth = truth(connector, tokens, &row).await;
    if row.figures_as_of.is_some_and(|as_of| as_of >= at) && row.followers.is_some() {
        assert_eq!(row.followers, truth.followers, "{why}");
    }
    for post in post::Entity::find().filter(post::Column::AccountId.eq(row.id)).all(db).await.expect("posts") {
        for (measure, figure) in Figures::of(&post).0 {
            let Some(value) = figure.metric.value().filter(|_| figure.as_of >= at) else { continue };
            let measure: Measure = serde_json::from_value(measure.into()).expect("a measure");
            let known = truth.figures.get(&(post.external_id.clone(), measure));
            assert!(
                known.is_some_and(|known| known.contains(&value)),
                "{why}: {measure:?} of {} is not {value}: {known:?}",
                post.external_id
            );
        }
    }
    let id = row.external_id.clone().expect("an id");
    let asked = Account::new(tokens, &id).followers(row.followers);
    let windows = account_metrics::Entity::find().filter(account_metrics::Column::AccountId.eq(row.id));
    for told in windows.filter(account_metrics::Column::CapturedAt.gte(at)).all(db).await.expect("windows") {
        let (since, until) = told.window_from.zip(told.window_to).expect("a window");
        let true_ = connector.account_insights(&asked, Window { since, until }).await.expect("insights");
        let readings: Vec<connectors::Reading> = told.readings.read().expect("readings");
        for reading in readings.iter().filter(|reading| reading.metric.value().is_some()) {
            let same = |other: &&connectors::Reading| {
                other.measure == reading.measure && other.day == reading.day && (reading.part.is_none() == other.part.is_none())
            };
            let known: Vec<_> = true_.readings.iter().filter(same).map(|other| other.metric).collect();
            assert!(known.contains(&reading.metric), "{why}: {reading:?} is none of {known:?}");
        }
    }
    let parts = audience_snapshot::Entity::find().filter(audience_snapshot::Column::AccountId.eq(row.id));
    let parts = parts.filter(audience_snapshot::Column::CapturedAt.gte(at)).all(db).await.expect("audiences");
    if !parts.is_empty() {
        let told = connector.demographics(&asked).await.expect("an audience");
        let values = |slices: &Slices| match slices {
            Slices::Given { shares, .. } => shares.iter().map(|share| share.value.to_string()).collect::<Vec<_>>(),
            Slices::Missing(_) => Vec::new(),
        };
        let all: HashSet<String> = told.breakdowns.iter().flat_map(|part| values(&part.slices)).collect();
        for part in parts {
            let slices: Slices = serde_json::from_value(part.slices).expect("slices");
            let strange: Vec<String> = values(&slices).into_iter().filter(|value| !all.contains(value)).collect();
            assert!(strange.is_empty(), "{why}: {:?} by {:?}: {strange:?}", part.crowd, part.dimension);
        }
    }
}

/// No token stands in a row, on a page, in an answer or in the log.
async fn nothing_is_told(stage: &Stage, sandbox: &Handle, said: &Said, pages: &[String], why: &str) {
    let secrets: Vec<String> = sandbox.secrets().into_iter().filter(|secret| secret.len() > 12).collect();
    assert!(!secrets.is_empty());
    // Also as either database writes bytes.
    let hex = |secret: &String| secret.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let lower = |secret: &String| hex(secret).to_lowercase();
    let all = AhoCorasick::new(secrets.iter().cloned().chain(secrets.iter().map(hex)).chain(secrets.iter().map(lower))).expect("secrets");
    assert!(all.is_match(&*format!("'{}'", hex(&secrets[0]))));
    let look = |text: &str, where_: &str| {
        if let Some(found) = all.find(text) {
            panic!("{why}: a token stands in {where_}: {}…", &secrets[found.pattern().as_usize() % secrets.len()][..6]);
        }
    };
    for page in pages {
        look(page, "a page");
    }
    look(&String::from_utf8_lossy(&said.0.lock().expect("the log")), "the log");
    let (db, backend) = (stage.app.db(), stage.app.db().get_database_backend());
    let names = match backend {
        DatabaseBackend::Postgres => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let text = |row: &QueryResult, column: &str| row.try_get::<String>("", column).expect("a text");
    for table in db.query_all_raw(Statement::from_string(backend, names)).await.expect("tables") {
        let table = text(&table, "name");
        let rows = match backend {
            DatabaseBackend::Postgres => format!("SELECT row_to_json(t)::text AS line FROM \"{table}\" t"),
            _ => {
                let columns = db.query_all_raw(Statement::from_string(backend, format!("SELECT name FROM pragma_table_info('{table}')")));
                let columns: Vec<String> = columns.await.expect("columns").iter().map(|row| text(row, "name")).collect();
                // As bytes, since texts and blobs stand beside each other.
                let line: Vec<String> = columns.iter().map(|name| format!("coalesce(hex(CAST(\"{name}\" AS BLOB)), '')")).collect();
                format!("SELECT {} AS line FROM \"{table}\"", line.join(" || ' ' || "))
            }
        };
        for row in db.query_all_raw(Statement::from_string(backend, rows)).await.expect("rows") {
            look(&text(&row, "line"), &table);
        }
    }
}

/// Time goes by, here and there.
async fn pass(stage: &Stage, sandbox: &Handle, by: Duration) {
    stage.advance(by);
    sandbox.advance(by);
}

fn quiet(task: &sync_task::Model) -> bool {
    task.outcome == "ok" || task.outcome.starts_with("below_threshold") || task.outcome == "not_supported"
}

async fn through_all_of_it(stage: &Stage, sandbox: &Handle, said: &Said, network: Network, faults: &[Fault]) {
    // Pictures are not to be had either.
    stage.failures_are_the_point();
    let (mut hana, mut admin) = (stage.creator("Hana").await, stage.admin().await);
    let id = network.as_str();
    let connector = stage.app.networks.get(outside(network)).expect("the network");
    for &fault in faults {
        let why = format!("{id} {fault:?}");
        // Sessions end long before this story does.
        (hana.browser, admin.browser) = (stage.again(&hana).await, stage.again(&admin).await);
        // Whatever has run out meanwhile is there again.
        link(sandbox, &hana, id, "hana").await.ok();
        stage.routine().await;
        let row = account(stage, network).await;
        for task in tasks(stage, &row).await {
            assert!(quiet(&task), "{why}, before: {task:?}");
        }
        // All of it once more, the first reading among it.
        pass(stage, sandbox, Duration::days(8)).await;
        (hana.browser, admin.browser) = (stage.again(&hana).await, stage.again(&admin).await);
        let again = sync_task::Entity::update_many().col_expr(sync_task::Column::NextRunAt, Expr::value(stage.now()));
        again.filter(sync_task::Column::Kind.eq(SyncKind::Backfill)).exec(stage.app.db()).await.expect("due");
        let (at, calls) = (stage.now(), sandbox.log().len());
        sandbox.fault_reads(id, fault);
        stage.routine().await;
        sandbox.heal();

        // The server is up and says how it stands; the grant lives, and everything is tried again by itself.
        let mut pages = vec![
            hana.browser.get(&format!("/c/networks/{}", row.id)).await.ok().html,
            hana.browser.get("/c/networks").await.ok().html,
            admin.browser.get("/admin/networks").await.ok().html,
        ];
        pages.push(hana.api.ask("{ networkLinks { state problem readings { kind state message } } }").await.to_string());
        let health = "{ networkHealth { network failures alarm analytics { failures alarm } failing { kind outcome detail } } }";
        pages.push(admin.api.ask(health).await.to_string());
        let kept = link_of(stage, &row).await;
        assert!(kept.state == LinkState::Verified && kept.token_sealed.is_some(), "{why}: {kept:?}");
        let read = tasks(stage, &row).await;
        for task in &read {
            assert!(task.lease_until.is_none() && (task.failures == 0) == (quiet(task) || task.outcome.is_empty()), "{why}: {task:?}");
            let is_over = task.kind == SyncKind::Backfill && task.outcome == "ok" && task.cursor.is_none();
            assert!(is_over || task.next_run_at.is_some(), "{why}: it would never be read again: {task:?}");
        }
        let lists = [SyncKind::Profile, SyncKind::Posts, SyncKind::Backfill];
        for task in read.iter().filter(|task| lists.contains(&task.kind)) {
            let is_read = task.last_ok_at.is_some_and(|ok| ok >= at);
            match fault {
                Fault::Cut | Fault::Drip | Fault::Huge | Fault::Html => assert!(!is_read, "{why}: {task:?}"),
                // Nothing that is missing here, nor anything that is not understood.
                Fault::ExtraFields | Fault::StringNumbers => assert!(is_read, "{why}: {task:?}"),
                _ => {}
            }
        }
        let asked: Vec<_> = sandbox.log().into_iter().skip(calls).map(|call| call.path).collect();
        assert!(!asked.iter().any(|path| path.starts_with("/_elsewhere")), "{why}: it was led away: {asked:?}");
        // Where numbers are no numbers, the admin reads where.
        if fault == Fault::WordNumbers {
            let page = admin.browser.get("/admin/networks").await.ok();
            let told = read.iter().any(|task| task.failures == 0 && task.last_ok_at == Some(at));
            assert!(!told || page.text().contains("could not be read") || network == Network::Linkedin, "{why}: {}", page.text());
        }
        let tokens = grant(stage, sandbox, connector.as_ref()).await;
        nothing_is_invented(stage, connector.as_ref(), &tokens, at, &why).await;
        nothing_is_told(stage, sandbox, said, &pages, &why).await;

        // The next good answers mend it, without anybody doing anything.
        for _ in 0..2 {
            pass(stage, sandbox, Duration::hours(28)).await;
            stage.routine().await;
        }
        for task in tasks(stage, &row).await {
            assert!(quiet(&task) && task.failures == 0, "{why}, after: {task:?}");
        }
        assert_eq!(link_of(stage, &row).await.state, LinkState::Verified, "{why}");
    }
    // What was queued meanwhile for pictures.
    stage.work().await;
}

macro_rules! each_network {
    ($($name:ident: $network:ident;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                let faults: Vec<Fault> =
                    FAULTS.into_iter().filter(|fault| Network::$network == Network::Instagram || !UNREAD.contains(fault)).collect();
                tell(Kind::Sqlite, async |stage, sandbox, said| through_all_of_it(stage, sandbox, said, Network::$network, &faults).await);
            }

            #[test]
            fn postgres() {
                tell(Kind::Postgres, async |stage, sandbox, said| through_all_of_it(stage, sandbox, said, Network::$network, &KEPT).await);
            }
        }
    )*};
}

each_network! {
    instagram: Instagram;
    facebook: Facebook;
    youtube: Youtube;
    x: X;
    tiktok: Tiktok;
    twitch: Twitch;
    pinterest: Pinterest;
    linkedin: Linkedin;
    reddit: Reddit;
    mastodon: Mastodon;
}
