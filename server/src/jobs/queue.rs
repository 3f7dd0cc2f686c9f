//! The queue: putting work in and taking it out, safely between any number of workers.

use chrono::{DateTime, Duration, Utc};
use entity::{enums::JobState, ids::JobId, job};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{LockBehavior, LockType, OnConflict},
};
use serde::Serialize;

use crate::{app::App, error::Result};

/// How often a job is tried before it is given up.
const MOST_ATTEMPTS: i32 = 8;
/// How long a worker may be silent before its job is taken over.
const LEASE: Duration = Duration::minutes(5);

/// Work to be queued.
#[derive(Clone, Debug)]
pub struct Job {
    kind: &'static str,
    payload: serde_json::Value,
    unique: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl Job {
    /// Work of a kind with what it needs to know.
    pub fn new(kind: &'static str, payload: impl Serialize) -> Self {
        Self { kind, payload: serde_json::to_value(payload).unwrap_or_default(), unique: None, at: None }
    }

    /// At most one live job of this key.
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique = Some(key.into());
        self
    }

    /// Not before this instant.
    pub fn at(mut self, at: DateTime<Utc>) -> Self {
        self.at = Some(at);
        self
    }

    pub(crate) async fn insert(self, db: &impl ConnectionTrait, id: JobId, now: DateTime<Utc>) -> Result<()> {
        let row = job::ActiveModel {
            id: Set(id),
            kind: Set(self.kind.to_owned()),
            payload: Set(self.payload),
            unique_key: Set(self.unique),
            state: Set(JobState::Ready),
            run_at: Set(self.at.unwrap_or(now)),
            attempts: Set(0),
            lease_until: Set(None),
            last_error: Set(String::new()),
            created_at: Set(now),
            finished_at: Set(None),
        };
        job::Entity::insert(row)
            .on_conflict(OnConflict::column(job::Column::UniqueKey).do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
        Ok(())
    }
}

/// Due now: ready, or left running by a worker that died.
fn due(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(Condition::all().add(job::Column::State.eq(JobState::Ready)).add(job::Column::RunAt.lte(now)))
        .add(Condition::all().add(job::Column::State.eq(JobState::Running)).add(job::Column::LeaseUntil.lt(now)))
}

/// Takes the next due job, if any.
pub async fn take(app: &App) -> Result<Option<job::Model>> {
    let tx = app.begin().await?;
    let found = job::Entity::find()
        .filter(due(tx.now))
        .order_by_asc(job::Column::RunAt)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx.db())
        .await?;
    let Some(found) = found else { return Ok(None) };
    if found.attempts >= MOST_ATTEMPTS {
        // Every worker that took it died before it could say why.
        let mut row = found.into_active_model();
        row.state = Set(JobState::Dead);
        row.unique_key = Set(None);
        row.lease_until = Set(None);
        row.last_error = Set("its workers did not survive it".to_owned());
        row.finished_at = Set(Some(tx.now));
        row.update(tx.db()).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let mut row = found.into_active_model();
    row.state = Set(JobState::Running);
    row.lease_until = Set(Some(tx.now + LEASE));
    row.attempts = Set(*row.attempts.as_ref() + 1);
    let taken = row.update(tx.db()).await?;
    tx.commit().await?;
    Ok(Some(taken))
}

/// The job is done. Its unique key is free again.
pub async fn done(app: &App, taken: job::Model) -> Result<()> {
    let mut row = taken.into_active_model();
    row.state = Set(JobState::Done);
    row.unique_key = Set(None);
    row.lease_until = Set(None);
    row.finished_at = Set(Some(app.clock.now()));
    row.update(app.db()).await?;
    Ok(())
}

/// The job failed: again later, or given up.
pub async fn failed(app: &App, taken: job::Model, why: &str) -> Result<()> {
    let now = app.clock.now();
    let dead = taken.attempts >= MOST_ATTEMPTS;
    let wait = backoff(taken.attempts);
    let mut row = taken.into_active_model();
    row.last_error = Set(why.chars().take(500).collect());
    row.lease_until = Set(None);
    if dead {
        row.state = Set(JobState::Dead);
        row.unique_key = Set(None);
        row.finished_at = Set(Some(now));
    } else {
        row.state = Set(JobState::Ready);
        row.run_at = Set(now + wait);
    }
    row.update(app.db()).await?;
    Ok(())
}

/// 10 s, 30 s, 90 s … at most six hours.
pub fn backoff(attempts: i32) -> Duration {
    let factor = 3_i64.pow(attempts.clamp(1, 9).unsigned_abs() - 1);
    Duration::seconds((10 * factor).min(6 * 3600))
}
