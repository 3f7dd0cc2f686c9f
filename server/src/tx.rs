//! The one transaction of an operation: what a verb causes is written in it, or not at all.

use chrono::{DateTime, Utc};
use entity::ids::{EventId, Id, JobId, LetterId};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, TransactionTrait};

use crate::{
    app::App,
    error::{Error, Result},
    events::{self, Event},
    jobs::queue::Job,
    mail::letter::Letter,
};

/// An open transaction. Dropping it rolls back.
pub struct Tx {
    app: App,
    db: DatabaseTransaction,
    /// One instant for the whole operation.
    pub now: DateTime<Utc>,
}

impl Tx {
    pub(crate) fn new(app: App, db: DatabaseTransaction, now: DateTime<Utc>) -> Self {
        Self { app, db, now }
    }

    /// For queries inside the operation.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.db
    }

    /// The product around it.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A new id.
    pub fn id<T: Id>(&self) -> T {
        self.app.id()
    }

    /// Writes down a fact. Feed, audit, webhooks and subscriptions read it from there.
    pub async fn record(&self, event: Event) -> Result<()> {
        event.into_row(self.id::<EventId>(), self.now).insert(&self.db).await?;
        Ok(())
    }

    /// Queues a mail. It is sent by the worker after the commit, or never if there is none.
    pub async fn queue(&self, letter: Letter) -> Result<LetterId> {
        let id = self.id();
        letter.into_row(id, self.now).insert(&self.db).await?;
        Ok(id)
    }

    /// Queues many mails with few statements.
    pub async fn queue_all(&self, letters: Vec<Letter>) -> Result<()> {
        let rows: Vec<_> = letters.into_iter().map(|letter| letter.into_row(self.id(), self.now)).collect();
        insert_all::<entity::letter::Entity, _>(&self.db, rows).await
    }

    /// Queues work. A job whose unique key is already waiting is not queued twice.
    pub async fn job(&self, job: Job) -> Result<()> {
        job.insert(&self.db, self.id::<JobId>(), self.now).await
    }

    /// Makes it all happen.
    pub async fn commit(self) -> Result<()> {
        let heralded = self.app.pulse.is_heralded();
        if self.app.on_postgres() && !heralded {
            self.db.execute_unprepared(events::NOTIFY).await?;
        }
        self.db.commit().await?;
        self.app.pulse.beat();
        if heralded {
            self.app.pulse.herald();
        }
        Ok(())
    }

    /// A savepoint: what `inside` writes stays only if it succeeds, whatever the rest does.
    pub async fn attempt<T>(&self, inside: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T>) -> Result<T> {
        #[expect(clippy::disallowed_methods, reason = "a savepoint inside the one transaction")]
        let point = self.db.begin().await?;
        match inside(&point).await {
            Ok(value) => {
                point.commit().await?;
                Ok(value)
            }
            Err(error) => {
                point.rollback().await?;
                Err(error)
            }
        }
    }
}

/// Inserts rows by the hundred; a database takes only so many values in one statement.
pub async fn insert_all<E, A>(db: &impl ConnectionTrait, rows: Vec<A>) -> Result<()>
where
    E: sea_orm::EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        E::insert_many(rows.by_ref().take(200)).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Turns the database's "unique" refusal into a problem that a caller understands.
pub fn taken<T>(result: std::result::Result<T, sea_orm::DbErr>, problem: impl FnOnce() -> Error) -> Result<T> {
    result.map_err(|e| match e.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => problem(),
        _ => e.into(),
    })
}
