//! Taking what is due: in the order of priorities, one reading an account at a time, no more than the networks allow.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    enums::{Network, SyncKind},
    ids::{AccountId, SyncTaskId},
    network_account, network_health, network_link, sync_task,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Set,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};

use super::{allowance, breaker, limits, rules};
use crate::{app::App, error::Result, tx::Tx};

/// How many rows are looked at for each that is taken: some belong to accounts that somebody is at.
const LOOKED_AT: u64 = 8;

/// What is due of these priorities. They are named, so that the index leads to it: only few of many readings are due at a time.
fn due(priorities: &[i32], now: DateTime<Utc>) -> Select<sync_task::Entity> {
    sync_task::Entity::find()
        .filter(sync_task::Column::Priority.is_in(priorities.iter().copied()))
        .filter(sync_task::Column::NextRunAt.lte(now))
        .filter(Condition::any().add(sync_task::Column::LeaseUntil.is_null()).add(sync_task::Column::LeaseUntil.lt(now)))
}

/// Takes a batch and holds it under a lease.
pub(super) async fn take(app: &App) -> Result<Vec<sync_task::Model>> {
    // Mostly there is nothing, and then nothing is locked.
    if due(&rules::priority::ALL, app.clock.now()).limit(1).count(app.db()).await? == 0 {
        return Ok(Vec::new());
    }
    let tx = app.begin().await?;
    let health = network_health::Entity::find().all(tx.db()).await?;
    let state = |network: Network, kind: SyncKind| {
        let host = rules::host(network, kind);
        breaker::state(health.iter().find(|row| row.network == network && row.host == host), tx.now)
    };
    let mut asked = Condition::all();
    for network in Network::ALL {
        let shut: Vec<SyncKind> = SyncKind::ALL.iter().copied().filter(|kind| state(*network, *kind) == breaker::State::Shut).collect();
        let of_network = sync_task::Column::Network.eq(*network);
        asked = match shut.len() {
            0 => asked,
            all if all == SyncKind::ALL.len() => asked.add(of_network.not()),
            _ => asked.add(of_network.and(sync_task::Column::Kind.is_in(shut)).not()),
        };
    }
    let parallel = u64::from(app.config.sync.parallel.clamp(1, 64));
    let mut rows = Vec::new();
    for priority in rules::priority::ALL {
        let room = (parallel * LOOKED_AT).saturating_sub(rows.len() as u64);
        if room == 0 {
            break;
        }
        let some = due(&[priority], tx.now)
            .filter(asked.clone())
            .order_by_asc(sync_task::Column::NextRunAt)
            .limit(room)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        rows.extend(some.all(tx.db()).await?);
    }
    let free = free(&tx, &rows).await?;
    let accounts = network_account::Entity::find().filter(network_account::Column::Id.is_in(free.iter().copied())).all(tx.db()).await?;
    let mut told = limits::Told::read(&tx, rows.iter().map(|row| row.network)).await?;
    let (mut taken, mut busy, mut probed) = (Vec::new(), HashSet::new(), HashSet::new());
    for row in rows {
        if taken.len() as u64 >= parallel {
            break;
        }
        let Some(account) = accounts.iter().find(|account| account.id == row.account_id) else { continue };
        let probes = state(row.network, row.kind) == breaker::State::Probe;
        let host = (row.network, rules::host(row.network, row.kind));
        if busy.contains(&row.account_id) || (probes && probed.contains(&host)) {
            continue;
        }
        if let Err(later) = room(&tx, &mut told, &row, account).await? {
            postpone(&tx, row, later).await?;
            continue;
        }
        if probes {
            probed.insert(host);
            probe(&tx, host).await?;
        }
        busy.insert(row.account_id);
        taken.push(row);
    }
    let ids: Vec<SyncTaskId> = taken.iter().map(|row| row.id).collect();
    sync_task::Entity::update_many()
        .col_expr(sync_task::Column::LeaseUntil, Expr::value(tx.now + rules::LEASE))
        .col_expr(sync_task::Column::LastRunAt, Expr::value(tx.now))
        .filter(sync_task::Column::Id.is_in(ids))
        .exec(tx.db())
        .await?;
    let until = Some(tx.now + rules::LEASE);
    tx.commit().await?;
    Ok(taken.into_iter().map(|row| sync_task::Model { lease_until: until, ..row }).collect())
}

/// The accounts that nobody is at. Their links are the lock: two workers never come to hold readings of one account.
async fn free(tx: &Tx, rows: &[sync_task::Model]) -> Result<HashSet<AccountId>> {
    let wanted: HashSet<AccountId> = rows.iter().map(|row| row.account_id).collect();
    let links = network_link::Entity::find()
        .filter(network_link::Column::AccountId.is_in(wanted.iter().copied()))
        .order_by_asc(network_link::Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx.db())
        .await?;
    let held: HashSet<AccountId> = links.into_iter().map(|link| link.account_id).collect();
    let leased: HashSet<AccountId> = sync_task::Entity::find()
        .select_only()
        .column(sync_task::Column::AccountId)
        .filter(sync_task::Column::AccountId.is_in(held.iter().copied()))
        .filter(sync_task::Column::LeaseUntil.gte(tx.now))
        .into_tuple()
        .all(tx.db())
        .await?
        .into_iter()
        .collect();
    Ok(held.difference(&leased).copied().collect())
}

/// Whether the network allows it now, or when it will.
async fn room(
    tx: &Tx,
    told: &mut limits::Told,
    row: &sync_task::Model,
    account: &network_account::Model,
) -> Result<std::result::Result<(), DateTime<Utc>>> {
    let about = account.external_id.as_deref().map(|id| (id, row.kind));
    if let Some(until) = told.blocked(row.network, about, row.priority, tx.now) {
        return Ok(Err(until));
    }
    match allowance::cost(row.network, row.kind, &tx.app().config.sync) {
        Some((allowance, amount)) => limits::spend(tx, row.network, &allowance, amount, allowance::reserve(row.priority)).await,
        None => Ok(Ok(())),
    }
}

async fn postpone(tx: &Tx, row: sync_task::Model, later: DateTime<Utc>) -> Result<()> {
    let shaken = later + rules::jitter(row.id.0.as_u128(), tx.now.timestamp(), chrono::Duration::minutes(2));
    let mut row = row.into_active_model();
    row.next_run_at = Set(Some(shaken));
    row.update(tx.db()).await?;
    Ok(())
}

/// The others wait for the one that tries.
async fn probe(tx: &Tx, (network, host): (Network, &str)) -> Result<()> {
    network_health::Entity::update_many()
        .col_expr(network_health::Column::OpenUntil, Expr::value(tx.now + breaker::PROBE))
        .filter(network_health::Column::Network.eq(network))
        .filter(network_health::Column::Host.eq(host))
        .exec(tx.db())
        .await?;
    Ok(())
}
