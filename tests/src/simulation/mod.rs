//! Thousands of linked accounts over days of virtual time, in one process: the product's own operations and worker, the connectors, and
//! the sandbox's worlds behind them without a socket. Whatever is asked is watched from outside, by rules that know nothing of ours.
//!
//! ```sh
//! cargo run --release -p hibiki-tests --bin simulate -- --accounts 10000 --days 7
//! ```
//!
//! Files (pictures, stories) are not copied here: no limit of a network's counts them.

mod crew;
mod outside;
mod report;
mod watch;

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Duration, Utc};
use connectors::{Clock, Registry, Settings};
use sandbox::{Fault, Options, crowd::Crowd};
use server::{
    config::Config,
    jobs::{Handler, runner, schedule},
    networks::sync::READ,
};

use crate::{Stage, database::Kind, stage::beginning};
use crew::Crew;
pub(crate) use crew::sole_account;
use outside::Outside;
pub(crate) use outside::{call, response};
pub use report::Report;
use watch::Watch;

/// How many accounts, for how long.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Accounts, spread over the networks as [`MIX`] says.
    pub accounts: usize,
    /// Days of virtual time.
    pub days: i64,
    /// Says every two hours of virtual time how far it is.
    pub told: bool,
}

/// Of a thousand accounts so many are on each network. Pinterest gives an app that is new a thousand calls a day in all.
pub const MIX: [(&str, usize); 7] =
    [("instagram", 400), ("youtube", 180), ("tiktok", 160), ("x", 120), ("facebook", 80), ("twitch", 50), ("pinterest", 10)];
/// A step of the virtual clock.
const STEP: Duration = Duration::seconds(20);
/// Within so long everybody has linked.
const ARRIVAL: Duration = Duration::hours(6);
/// When TikTok's servers fail for everybody, from the beginning.
const OUTAGE: (Duration, Duration) = (Duration::hours(20), Duration::hours(22));
/// Nobody listens there: requests are answered in memory.
const BASE: &str = "http://127.0.0.1:9";

/// Runs it. None where the database is not there.
pub async fn simulate(kind: Kind, size: Size) -> Option<Report> {
    let begun = Instant::now();
    let crowd = Arc::new(Crowd::new(&options(), crew::worlds(size.accounts)));
    let outside = Arc::new(Outside::new(crowd.clone(), Watch::new(beginning(), OUTAGE)));
    let networks = {
        let outside = outside.clone();
        move |config: &Config, clock: &server::base::clock::Clock| {
            let clock = clock.clone();
            Registry::with(config.networks.clone(), outside, Clock::new(move || clock.now())).expect("networks")
        }
    };
    let stage = Stage::set(kind, |config| config.networks = settings(config), networks).await?;
    outside.limits(&stage.app.config.sync);
    let mut crew = Crew::new(size.accounts, crowd.clone(), outside.clone());
    let handlers = handlers();
    schedule::plant(&stage.app, &handlers).await.expect("planted");
    let (start, end) = (stage.now(), stage.now() + Duration::days(size.days));
    let mut statements = 0;
    while stage.now() < end {
        let gone = stage.now() - start;
        let due = size.accounts as i64 * gone.num_seconds().min(ARRIVAL.num_seconds()) / ARRIVAL.num_seconds();
        crew.link(&stage, usize::try_from(due).unwrap_or_default(), gone).await;
        crew.leave(&stage, gone, Duration::days(size.days)).await;
        mischief(&crowd, gone);
        statements += stage.statements(work(&stage, &handlers)).await.1;
        if size.told && gone.num_seconds() % 7_200 == 0 {
            eprintln!("{:>5} h  {:>6} s  {}", gone.num_hours(), begun.elapsed().as_secs(), outside.line());
        }
        stage.advance(STEP);
        crowd.advance(STEP);
    }
    // What is due at the end is done, and then everything is looked at.
    statements += stage.statements(work(&stage, &handlers)).await.1;
    let report = report::of(&stage, &crew, &outside, statements, begun.elapsed()).await;
    stage.dismissed().await;
    Some(report)
}

/// The sandbox's, for callers at [`BASE`].
pub(crate) fn options() -> Options {
    let back = |(network, _): (&str, usize)| format!("{BASE}/oauth/{network}/callback");
    Options { redirect_uris: MIX.map(back).into(), start: Some(beginning()), public_url: Some(BASE.to_owned()), ..Options::default() }
}

/// The sandbox's addresses, and ours as the sandbox knows it.
pub(crate) fn settings(config: &mut Config) -> std::collections::BTreeMap<String, Settings> {
    config.public_url = format!("{BASE}/").parse().expect("an address");
    let of = |(network, _): (&str, usize)| {
        let path = if network == "instagram" { "facebook" } else { network };
        let base: url::Url = format!("{BASE}/{path}").parse().expect("an address");
        let settings = Settings {
            client_id: sandbox::CLIENT_ID.into(),
            client_secret: sandbox::CLIENT_SECRET.into(),
            auth_base: Some(base.clone()),
            token_base: Some(base.clone()),
            analytics_base: Some(base.clone()),
            api_base: Some(base),
            reviewed: true,
            sandbox: true,
            ..Settings::default()
        };
        (network.to_owned(), settings)
    };
    MIX.map(of).into_iter().collect()
}

/// The jobs of the networks; those that copy files, and what is computed of readings, have nothing to do.
fn handlers() -> Vec<Handler> {
    let own = server::handlers().into_iter().filter(|handler| handler.kind.starts_with("networks.") || handler.kind == READ);
    own.map(|handler| match handler.kind {
        "networks.picture" | "networks.keep_story" | READ => Handler { work: |_, _| Box::pin(async { Ok(()) }), ..handler },
        _ => handler,
    })
    .collect()
}

async fn work(stage: &Stage, handlers: &[Handler]) {
    while runner::turn(&stage.app, handlers, &server::queues()).await.expect("the queue is read") {}
}

/// What goes wrong at the networks, at fixed times: limits in the networks' own words, and servers that fail.
fn mischief(crowd: &Crowd, gone: Duration) {
    let at = |hours: i64| gone == Duration::hours(hours);
    for world in 0..8 {
        if at(8) || at(30) {
            crowd.fault(world, "/x", Fault::RateLimit, 2);
            crowd.fault(world, "/twitch", Fault::RateLimit, 1);
        }
        if at(9) || at(31) {
            crowd.fault(world, "/facebook", Fault::AccountLimit, 2);
            crowd.fault(world, "/youtube", Fault::Transient, 3);
        }
    }
    if at(10) || at(32) {
        crowd.fault(3, "/facebook", Fault::RateLimit, 1);
    }
}

/// Whether a time lies in TikTok's outage.
fn is_out(start: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    (OUTAGE.0..OUTAGE.1).contains(&(at - start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps_every_limit(kind: Kind, accounts: usize, days: i64) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let Some(report) = runtime.block_on(simulate(kind, Size { accounts, days, told: false })) else { return };
        assert!(report.broken.is_empty(), "{report}");
        // It has seen what it is about.
        let (stories, read, _) = report.stories;
        assert!(stories > 0 && read > 0 && report.renewed > 0, "{report}");
        assert!(report.accounts.1 < report.accounts.0 && report.refusals.len() > 3, "{report}");
        for (network, (all, profiles, posts)) in &report.fresh {
            assert!(profiles == all && posts == all, "{network}: {report}");
        }
    }

    #[test]
    fn two_hundred_accounts_over_two_days_keep_every_limit() {
        keeps_every_limit(Kind::Sqlite, 200, 2);
    }

    #[test]
    fn on_postgres_too() {
        keeps_every_limit(Kind::Postgres, 40, 1);
    }
}
