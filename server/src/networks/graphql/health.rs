//! How the networks fare, in GraphQL; for platform admins.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{limit_bucket, network_account, sync_task};

use super::{
    super::sync::{
        self,
        queries::{self as readings, Overview},
        rules::ANALYTICS,
    },
    sync::ReadingKindName,
};
use crate::{
    error::Result,
    graph::{
        context::{Ask, id},
        names::NetworkName,
        outcome::answer,
        scalars::Long,
    },
    payload,
};

/// What is left of a limit.
#[derive(SimpleObject)]
pub struct NetworkLimit {
    /// What it counts.
    name: String,
    /// How much fits; null if only the network's answers tell of it.
    capacity: Option<Long>,
    /// What is left; null likewise.
    left: Option<Long>,
    /// How much is used by the network's word, in per cent; null if it has not said.
    used_percent: Option<i32>,
    /// The network refuses until then; null if it does not.
    blocked_until: Option<DateTime<Utc>>,
}

/// A reading that fails.
#[derive(SimpleObject)]
pub struct FailingReading {
    /// What `networkReadingRetry` takes. It is no Node.
    id: ID,
    /// What is read.
    kind: ReadingKindName,
    /// The account's handle.
    handle: String,
    /// How often it failed in a row.
    failures: i32,
    /// What kind of failure, as a stable word.
    outcome: String,
    /// For the operator: endpoint, codes, a message without secrets.
    detail: String,
    /// When it is tried next; null = not by itself.
    next_read_at: Option<DateTime<Utc>>,
}

/// How another host of a network's fares.
#[derive(SimpleObject)]
pub struct NetworkHostHealth {
    /// Passing failures in a row, of whatever account.
    failures: i32,
    /// Nobody asks it until then; null if it is asked.
    shut_until: Option<DateTime<Utc>>,
    /// When it last gave a good answer; null if never.
    last_ok_at: Option<DateTime<Utc>>,
    /// What somebody should look at; null if nothing.
    alarm: Option<String>,
}

/// How a network fares.
#[derive(SimpleObject)]
pub struct NetworkHealth {
    /// Which.
    network: NetworkName,
    /// Passing failures in a row, of whatever account.
    failures: i32,
    /// Nobody asks it until then; null if it is asked.
    shut_until: Option<DateTime<Utc>>,
    /// When it last gave a good answer; null if never.
    last_ok_at: Option<DateTime<Utc>>,
    /// What somebody should look at: what the network refuses, or which figures at which endpoint cannot be read; null if nothing.
    alarm: Option<String>,
    /// How the host of its reports fares, which fails apart from the other (YouTube); null where there is none or it was never asked.
    analytics: Option<NetworkHostHealth>,
    /// How many accounts are read.
    accounts: Long,
    /// What is left of its limits.
    limits: Vec<NetworkLimit>,
    /// What fails, the longest first.
    failing: Vec<FailingReading>,
}

fn limit(row: &limit_bucket::Model) -> NetworkLimit {
    NetworkLimit {
        name: row.key.clone(),
        capacity: row.capacity.map(Long),
        left: row.capacity.map(|_| Long((row.left_milli / 1000).max(0))),
        used_percent: row.used_percent,
        blocked_until: row.blocked_until,
    }
}

fn failing(task: &sync_task::Model, account: Option<&network_account::Model>) -> FailingReading {
    FailingReading {
        id: task.id.to_string().into(),
        kind: task.kind.into(),
        handle: account.map(|account| account.handle.clone()).unwrap_or_default(),
        failures: task.failures,
        outcome: task.outcome.clone(),
        detail: task.detail.clone(),
        next_read_at: task.next_run_at,
    }
}

fn health(network: entity::enums::Network, view: &Overview, now: DateTime<Utc>) -> NetworkHealth {
    let of = |host: &str| view.health.iter().find(|row| row.network == network && row.host == host);
    let row = of("");
    NetworkHealth {
        network: network.into(),
        failures: row.map_or(0, |row| row.failures),
        shut_until: row.and_then(|row| row.open_until),
        last_ok_at: row.and_then(|row| row.last_ok_at),
        alarm: row.and_then(|row| readings::alarm(row, now)).map(|(_, text)| text.to_owned()),
        analytics: of(ANALYTICS).map(|row| NetworkHostHealth {
            failures: row.failures,
            shut_until: row.open_until,
            last_ok_at: row.last_ok_at,
            alarm: readings::alarm(row, now).map(|(_, text)| text.to_owned()),
        }),
        accounts: Long(view.accounts.get(&network).copied().unwrap_or_default()),
        limits: view.limits.iter().filter(|row| row.network == network).map(limit).collect(),
        failing: view
            .failing
            .iter()
            .filter(|(task, _)| task.network == network)
            .map(|(task, account)| failing(task, account.as_ref()))
            .collect(),
    }
}

/// Queries of how networks fare.
#[derive(Default)]
pub struct HealthQuery;

/// Queries of how networks fare.
#[Object]
impl HealthQuery {
    /// How the networks fare that are set up here or that accounts are read of, what is left of their limits, and what fails; for platform
    /// admins.
    async fn network_health(&self, ctx: &Context<'_>) -> Result<Vec<NetworkHealth>> {
        let by = ctx.admin()?;
        let app = ctx.app()?;
        let view = readings::overview(app.db(), by).await?;
        Ok(view.networks(&app.networks).into_iter().map(|network| health(network, &view, app.clock.now())).collect())
    }
}

/// Which reading an admin has tried again.
#[derive(InputObject)]
pub struct NetworkReadingRetryInput {
    /// Its id, from `networkHealth`.
    id: ID,
}

payload! {
    /// The answer to `networkReadingRetry`.
    NetworkReadingRetryPayload {
        /// The reading, now due.
        reading: FailingReading,
    }
}

/// Mutations of how networks fare.
#[derive(Default)]
pub struct HealthMutation;

/// Mutations of how networks fare.
#[Object]
impl HealthMutation {
    /// Tries a reading again that fails or was given up; for platform admins.
    async fn network_reading_retry(&self, ctx: &Context<'_>, input: NetworkReadingRetryInput) -> Result<NetworkReadingRetryPayload> {
        let (app, by) = (ctx.app()?, ctx.admin()?);
        let done = async {
            let row = sync::retry(app, by, id(&input.id)?).await?;
            let account = ctx.rows()?.load_one(row.account_id).await?;
            Ok(failing(&row, account.as_deref()))
        };
        answer(ctx, done.await.map(|reading| NetworkReadingRetryPayload { reading: Some(reading), ..Default::default() }))
    }
}
