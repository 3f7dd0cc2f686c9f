//! One reading from its lease to its end: asked outside, written down in one transaction with what happens next.

use connectors::{Asked, Error, ErrorKind};
use entity::{enums::SyncKind, sync_task};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use super::{
    READ, allowance, keep, limits,
    read::{self, Closed, Reading, Way},
    rules::{self, After},
    unread,
};
use crate::{
    app::App,
    error::Result,
    jobs::queue::Job,
    networks::{
        figures, ownership, queries, renew,
        rules::{Access, access},
        stories,
    },
    tx::Tx,
};

/// Does one reading that was taken.
pub(super) async fn work(app: &App, task: sync_task::Model) -> Result<()> {
    let way = match read::way(app, &task).await? {
        Ok(way) => way,
        Err(closed) => return rest(app, &task, &closed).await,
    };
    let (answer, mut asked) = connectors::counted(read::read(app, &way, &task)).await;
    let answer = answer?;
    let Err(Error { kind: ErrorKind::TokenExpired, .. }) = &answer else { return settle(app, &task, &way, answer, asked).await };
    // Whatever the clock says: the network refuses the access token. It is renewed once, and asked once more.
    renew::renew(app, way.link.id, true).await?;
    let before = way.link.token_sealed.clone();
    let way = match read::way(app, &task).await? {
        Ok(way) => way,
        Err(closed) => return rest(app, &task, &closed).await,
    };
    let answer = if way.link.token_sealed == before {
        // It could not be renewed now, which is not the same as never.
        let error = Error::new(way.connector.network(), "refresh", ErrorKind::Transient).detail("the tokens could not be renewed yet");
        Err(error)
    } else {
        let (answer, more) = connectors::counted(read::read(app, &way, &task)).await;
        asked.join(more);
        answer?
    };
    settle(app, &task, &way, answer, asked).await
}

/// The row, if the lease is still ours.
async fn ours(tx: &Tx, task: &sync_task::Model) -> Result<Option<sync_task::Model>> {
    let row = sync_task::Entity::find_by_id(task.id).lock(LockType::Update).one(tx.db()).await?;
    Ok(row.filter(|row| row.lease_until == task.lease_until))
}

/// Nothing was asked: it stops until something changes.
async fn rest(app: &App, task: &sync_task::Model, closed: &Closed) -> Result<()> {
    let tx = app.begin().await?;
    let Some(row) = ours(&tx, task).await? else { return Ok(()) };
    let mut row = row.into_active_model();
    row.lease_until = Set(None);
    row.next_run_at = Set(None);
    row.priority = Set(rules::usual_priority(task.kind));
    if let Closed::NoConsent = closed {
        row.outcome = Set(rules::NO_CONSENT.to_owned());
    }
    row.update(tx.db()).await?;
    tx.commit().await
}

/// What was read could not be written down: the fault is ours, and it is tried again later and later, since each time may cost.
pub(super) async fn unwritten(app: &App, task: &sync_task::Model) -> Result<()> {
    let tx = app.begin().await?;
    let Some(row) = ours(&tx, task).await? else { return Ok(()) };
    let failures = row.failures.saturating_add(1);
    let mut row = row.into_active_model();
    row.lease_until = Set(None);
    row.priority = Set(rules::usual_priority(task.kind));
    row.failures = Set(failures);
    row.outcome = Set(rules::outcome(&ErrorKind::Transient));
    row.detail = Set("what was read could not be written down; the log says why".to_owned());
    row.next_run_at = Set(Some(tx.now + rules::backoff(failures)));
    row.update(tx.db()).await?;
    tx.commit().await
}

/// Writes down what came of what was asked.
async fn settle(app: &App, task: &sync_task::Model, way: &Way, answer: connectors::Result<Reading>, asked: Asked) -> Result<()> {
    let tx = app.begin().await?;
    // The link first, as everybody who holds both.
    let link = queries::any_link_for_update(&tx, way.link.id).await?;
    let Some(row) = ours(&tx, task).await? else { return Ok(()) };
    let network = way.account.network;
    if way.is_the_networks() {
        limits::learn(&tx, network, (&way.external_id, task.kind), &asked.limits, answer.as_ref().err()).await?;
    }
    let host = rules::host(network, task.kind);
    let unread = answer.as_ref().map(unread::told);
    if let Ok(unread) = &unread
        && !unread.is_empty()
    {
        tracing::error!(%network, account = %task.account_id, unread, "figures of a network's could not be read");
    }
    if way.is_the_networks() && answer.as_ref().map_or(true, Reading::was_asked) {
        limits::fared(&tx, (network, host), unread.as_deref().map_err(|error| *error)).await?;
    } else {
        limits::unasked(&tx, network, host).await?;
    }
    if let Some((allowance, reckoned)) = allowance::cost(network, task.kind, &app.config.sync) {
        let items = answer.as_ref().ok().map(Reading::items);
        limits::correct(&tx, network, &allowance, allowance::correction(network, task.kind, reckoned, asked.calls, items)).await?;
    }
    let Some(link) = link.filter(|link| access(&way.account, link).is_some()) else {
        // Unlinked while we asked: what was read is not kept.
        let mut row = row.into_active_model();
        row.lease_until = Set(None);
        row.next_run_at = Set(None);
        row.update(tx.db()).await?;
        return tx.commit().await;
    };
    match answer {
        Ok(reading) => {
            let left = keep::keep(&tx, way, &link, &row, reading).await?;
            let (done, left_out, more) = (row.done, row.left_out, row.more);
            let mut row = row.into_active_model();
            row.lease_until = Set(None);
            row.next_run_at = Set(left.next);
            row.priority = Set(rules::usual_priority(task.kind));
            row.failures = Set(0);
            row.outcome = Set(rules::OK.to_owned());
            row.detail = Set(String::new());
            row.last_ok_at = Set(Some(tx.now));
            row.cursor = Set(left.cursor);
            row.done = Set(done.saturating_add(left.items));
            row.reached = Set(left.reached);
            row.more = Set(left.more.or(more));
            if left.next.is_none() {
                row.back_to = Set(None);
            }
            row.left_out = Set(if task.cursor.is_some() { left_out.saturating_add(left.left_out) } else { left.left_out });
            row.update(tx.db()).await?;
            if !matches!(task.kind, SyncKind::Stories | SyncKind::StoryFigures | SyncKind::Grant) {
                // Readings come in bursts: one computation for all of them.
                let (creator, soon) = (way.account.creator_id, tx.now + rules::COMPUTE_AFTER);
                tx.job(Job::new(READ, creator).unique(format!("{READ}:{creator}")).at(soon)).await?;
            }
            tx.commit().await
        }
        Err(error) => failed(tx, way, link, row, error).await,
    }
}

async fn failed(tx: Tx, way: &Way, link: entity::network_link::Model, row: sync_task::Model, error: Error) -> Result<()> {
    let failures = row.failures.saturating_add(1);
    let seed = row.id.0.as_u128();
    let after = rules::after_failure(row.kind, row.network, &error.kind, error.retry_at, failures, tx.now, seed);
    if error.kind.is_alarm() {
        tracing::error!(%error, account = %row.account_id, "a network refuses us or does not speak as it documents");
    } else {
        tracing::info!(%error, account = %row.account_id, "a reading failed");
    }
    let (kind, lost_place) = (row.kind, error.kind == ErrorKind::Bug && row.cursor.is_some());
    let mut row = row.into_active_model();
    row.lease_until = Set(None);
    row.priority = Set(rules::usual_priority(kind));
    row.failures = Set(failures);
    row.outcome = Set(rules::outcome(&error.kind));
    row.detail = Set(error.to_string());
    row.next_run_at = Set(match after {
        After::At(at) if kind == SyncKind::StoryFigures && error.kind == ErrorKind::Transient => {
            // But never before the time that the network named.
            let last = stories::last_call(&tx, way.account.id).await?.map(|last| last.max(error.retry_at.unwrap_or(last)));
            Some(last.map_or(at, |last| last.min(at)))
        }
        After::At(at) => Some(at),
        // The network does not know the place that it gave us itself; tomorrow from the start.
        After::Never if lost_place => Some(tx.now + chrono::Duration::days(1)),
        After::Never | After::Relink => None,
    });
    if error.kind == ErrorKind::Bug || error.kind == ErrorKind::Contract {
        // A place in a list that the network no longer knows: from the start.
        row.cursor = Set(None);
    }
    row.update(tx.db()).await?;
    if after == After::Relink {
        return match access(&way.account, &link) {
            Some(Access::Public) => ownership::lost(tx, link, &way.account, &error.kind).await,
            _ => renew::broken(tx, link, &way.account, &error.kind).await,
        };
    }
    if kind == SyncKind::Profile {
        figures::note(&tx, link, &error.kind).await?;
    }
    tx.commit().await
}
