//! `kill -9` while accounts are read: nothing that was to be read is missing afterwards, and nothing that costs is read again but what was in
//! hand.

use std::{cell::OnceCell, collections::BTreeMap};

use entity::{enums::SyncKind, network_account, post, post_metrics, sync_task};
use sandbox::Handle;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use server::base::clock::Clock;

use crate::{
    database::Kind,
    peers::{self, Program},
    readings::link,
    stage::{Stage, tell_with, until},
};

/// After so many more calls the worker dies.
const DEATHS: [usize; 5] = [1, 3, 2, 7, 4];
const NETWORKS: [&str; 3] = ["instagram", "x", "youtube"];

/// What one run came to.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    /// Publications by network.
    posts: BTreeMap<String, u64>,
    /// Calls that X charges for.
    paid: usize,
}

fn paid(sandbox: &Handle) -> usize {
    sandbox.log().iter().filter(|call| call.path.starts_with("/x/2/users/") && call.status == 200).count()
}

/// Nothing waits, nobody is at anything.
async fn all_read(stage: &Stage) -> bool {
    let tasks = sync_task::Entity::find().all(stage.app.db()).await.expect("readings");
    let now = Clock::system().now();
    tasks.iter().all(|task| task.lease_until.is_none() && task.next_run_at.is_none_or(|at| at > now))
}

async fn read(stage: &Stage, sandbox: &Handle, deaths: &[usize]) -> Read {
    // The program's clock is the machine's.
    stage.advance(Clock::system().now() - stage.now());
    for network in NETWORKS {
        let who = stage.creator(&format!("Ken {network}")).await;
        link(sandbox, &who, network, "ken").await.ok();
    }
    let before = paid(sandbox);
    for more in deaths {
        let calls = sandbox.log().len() + more;
        let mut worker = Program::work_at_sandbox(&stage.app.config);
        until("some calls", async || (sandbox.log().len() >= calls || all_read(stage).await).then_some(())).await;
        worker.kill();
        // Leases run out by themselves; the story does not wait for it.
        sync_task::Entity::update_many()
            .col_expr(sync_task::Column::LeaseUntil, Expr::value(Clock::system().now() - chrono::Duration::minutes(1)))
            .filter(sync_task::Column::LeaseUntil.is_not_null())
            .exec(stage.app.db())
            .await
            .expect("leases");
        stage.leases_run_out().await;
    }
    let mut worker = Program::work_at_sandbox(&stage.app.config);
    until("the end of all readings", async || all_read(stage).await.then_some(())).await;
    worker.kill();
    stage.failures_are_the_point();

    let db = stage.app.db();
    let mut posts = BTreeMap::new();
    for account in network_account::Entity::find().all(db).await.expect("accounts") {
        let of = post::Entity::find().filter(post::Column::AccountId.eq(account.id));
        posts.insert(account.network.to_string(), of.count(db).await.expect("counted"));
    }
    let all = post::Entity::find().all(db).await.expect("posts");
    for row in &all {
        let known = post_metrics::Entity::find().filter(post_metrics::Column::PostId.eq(row.id)).count(db).await.expect("counted");
        assert!(known > 0, "figures of {} were lost", row.external_id);
    }
    let tasks = sync_task::Entity::find().all(db).await.expect("readings");
    assert!(tasks.iter().all(|task| task.failures == 0 && task.last_ok_at.is_some()), "{tasks:?}");
    let backfills = tasks.iter().filter(|task| task.kind == SyncKind::Backfill);
    assert!(backfills.filter(|task| task.next_run_at.is_none()).count() == NETWORKS.len(), "{tasks:?}");
    Read { posts, paid: paid(sandbox) - before }
}

fn nothing_is_lost(kind: Kind) {
    let run = |deaths: &[usize]| {
        let (started, found) = (OnceCell::new(), OnceCell::new());
        tell_with(
            kind,
            |config| {
                started.set(peers::sandboxes(config, None)).ok();
                config.networks.retain(|id, _| NETWORKS.contains(&id.as_str()));
            },
            async |stage| {
                found.set(read(stage, started.get().expect("the sandbox"), deaths).await).ok();
            },
        );
        found.into_inner()
    };
    let Some(whole) = run(&[]) else { return };
    let killed = run(&DEATHS).expect("as before");
    assert_eq!(killed.posts, whole.posts);
    // What was in hand at a death is asked for again: at most one page of one account for each.
    assert!(killed.paid <= whole.paid + DEATHS.len(), "{} paid calls instead of {}", killed.paid, whole.paid);
}

#[test]
fn no_snapshot_is_lost_sqlite() {
    nothing_is_lost(Kind::Sqlite);
}

#[test]
fn no_snapshot_is_lost_postgres() {
    nothing_is_lost(Kind::Postgres);
}
