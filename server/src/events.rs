//! Facts that happened, in one append-only table. Feed, audit and subscriptions read it; a cursor resumes without loss or repeat.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use entity::{
    event,
    ids::{CreatorId, EventId, OrgId, UserId},
};
use futures_util::Stream;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Set, Statement, sea_query::SimpleExpr,
};
use tokio::sync::{Notify, watch};

use crate::{
    app::App,
    base::paging::{self, Cursor, Page, Slice},
    error::Result,
};

/// A fact, in the past tense.
#[derive(Clone, Debug)]
pub struct Event {
    kind: &'static str,
    subject: String,
    org: Option<OrgId>,
    creator: Option<CreatorId>,
    user: Option<UserId>,
    data: serde_json::Value,
}

impl Event {
    /// `invitation.accepted` happened to `subject`.
    pub fn new(kind: &'static str, subject: impl std::fmt::Display) -> Self {
        Self { kind, subject: subject.to_string(), org: None, creator: None, user: None, data: serde_json::json!({}) }
    }

    /// Who did it; nobody = the system.
    pub fn by(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Whose brand side it concerns.
    pub fn org(mut self, org: OrgId) -> Self {
        self.org = Some(org);
        self
    }

    /// Which creator it concerns.
    pub fn creator(mut self, creator: CreatorId) -> Self {
        self.creator = Some(creator);
        self
    }

    /// Small JSON: ids and states, never a token or a text that somebody wrote.
    pub fn with(mut self, data: serde_json::Value) -> Self {
        self.data = data;
        self
    }

    pub(crate) fn into_row(self, id: EventId, at: DateTime<Utc>) -> event::ActiveModel {
        event::ActiveModel {
            id: Set(id),
            kind: Set(self.kind.to_owned()),
            subject: Set(self.subject),
            org_id: Set(self.org),
            creator_id: Set(self.creator),
            user_id: Set(self.user),
            data: Set(self.data),
            at: Set(at),
            ..Default::default()
        }
    }
}

/// Tells other processes on the same PostgreSQL that something was committed.
pub(crate) const NOTIFY: &str = "SELECT pg_notify('hibiki', '')";

/// So long others may have to wait to be told; what is committed meanwhile they are told with it.
const BREATH: Duration = Duration::from_millis(10);

/// Beats after each commit, here or (on PostgreSQL) in another process.
#[derive(Clone, Default)]
pub struct Pulse(Arc<Heart>);

struct Heart {
    beats: watch::Sender<u64>,
    /// Whether [`tell_others`] runs, and what wakes it.
    heralded: AtomicBool,
    news: Notify,
}

impl Default for Heart {
    fn default() -> Self {
        Self { beats: watch::Sender::new(0), heralded: AtomicBool::new(false), news: Notify::new() }
    }
}

impl Pulse {
    /// Something was committed.
    pub fn beat(&self) {
        self.0.beats.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Waits on it.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.beats.subscribe()
    }

    /// Whether others are told without the commit's help.
    pub(crate) fn is_heralded(&self) -> bool {
        self.0.heralded.load(Ordering::Acquire)
    }

    /// Has others told soon.
    pub(crate) fn herald(&self) {
        self.0.news.notify_one();
    }
}

/// Tells other processes of this one's commits, until dropped. Told within each transaction, commits would go to the disk one by one:
/// PostgreSQL keeps notifications in the order of commits by letting no two transactions that notify commit at once. Should the process
/// die in between, others find what is new by the clock.
pub async fn tell_others(app: App) {
    struct Heralded(Pulse);
    impl Drop for Heralded {
        fn drop(&mut self) {
            self.0.0.heralded.store(false, Ordering::Release);
        }
    }
    if !app.on_postgres() {
        return;
    }
    app.pulse.0.heralded.store(true, Ordering::Release);
    let heralded = Heralded(app.pulse.clone());
    loop {
        heralded.0.0.news.notified().await;
        // The notification itself need not survive anything.
        let lightly = "SELECT set_config('synchronous_commit', 'off', true), pg_notify('hibiki', '')";
        if let Err(error) = app.db().execute_unprepared(lightly).await {
            tracing::warn!(%error, "other processes could not be told of a commit; they find it by the clock");
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Hears what other processes commit to the same PostgreSQL; on SQLite there are none.
pub async fn hear_others(app: App) -> anyhow::Result<()> {
    if !app.on_postgres() {
        return Ok(());
    }
    let mut listener = sea_orm::sqlx::postgres::PgListener::connect_with(app.db().get_postgres_connection_pool()).await?;
    listener.listen("hibiki").await?;
    loop {
        // `recv` reconnects by itself; a beat too many only costs a look.
        listener.recv().await?;
        app.pulse.beat();
    }
}

/// Where a reader of events stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    xid: i64,
    seq: i64,
}

impl Place {
    /// Before the first event.
    pub const START: Self = Self { xid: 0, seq: 0 };

    /// The place of a row.
    pub fn of(row: &event::Model) -> Self {
        Self { xid: row.xid, seq: row.seq }
    }

    /// From a row that keeps one.
    pub fn at(xid: i64, seq: i64) -> Self {
        Self { xid, seq }
    }

    /// For a row that keeps it.
    pub fn parts(self) -> (i64, i64) {
        (self.xid, self.seq)
    }

    /// As an opaque text for subscribers.
    pub fn to_cursor(self) -> String {
        format!("{:x}.{:x}", self.xid, self.seq)
    }

    /// From a subscriber.
    pub fn parse(text: &str) -> Option<Self> {
        let (xid, seq) = text.split_once('.')?;
        Some(Self { xid: i64::from_str_radix(xid, 16).ok()?, seq: i64::from_str_radix(seq, 16).ok()? })
    }
}

/// No event at or above this transaction may be read yet: an older one still runs and may commit below it.
async fn horizon(db: &impl ConnectionTrait) -> Result<Option<i64>> {
    let backend = db.get_database_backend();
    if backend != DatabaseBackend::Postgres {
        return Ok(None);
    }
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin";
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    Ok(row.map(|r| r.try_get("", "xmin")).transpose()?)
}

/// Up to `most` events after a place that match.
pub async fn after(db: &impl ConnectionTrait, place: Place, matching: Condition, most: u64) -> Result<Vec<event::Model>> {
    let horizon = horizon(db).await?;
    let mut query = event::Entity::find()
        .filter(beyond(place, false))
        .filter(matching)
        .order_by_asc(event::Column::Xid)
        .order_by_asc(event::Column::Seq)
        .limit(most);
    if let Some(horizon) = horizon {
        query = query.filter(event::Column::Xid.lt(horizon));
    }
    Ok(query.all(db).await?)
}

/// Sets what another PostgreSQL has written before all that this one will. A dump brings events with the numbers of transactions to which the
/// new one has not come: whatever happens next would stand before them, taken for read by everybody. Whether there were any.
pub async fn settle(db: &DatabaseConnection) -> std::result::Result<bool, DbErr> {
    if db.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(false);
    }
    let sql = "SELECT COALESCE(MAX(xid) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, FALSE) AS ahead FROM events";
    let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
    let ahead = row.map(|row| row.try_get("", "ahead")).transpose()?.unwrap_or(false);
    if ahead {
        // One message, hence one transaction. Among themselves they stay in the order in which they were written.
        let sql = "UPDATE events SET xid = 0; UPDATE activity_marks SET xid = 0; UPDATE event_readers SET xid = 0";
        db.execute_unprepared(sql).await?;
    }
    Ok(ahead)
}

/// After a place, or before it.
pub fn beyond(place: Place, before: bool) -> SimpleExpr {
    paging::beyond(event::Column::Xid, event::Column::Seq, place.xid, place.seq, before)
}

/// A page of what was asked for, the newest first: in the order of places, which the indexes of events by whom and by what go on with.
pub async fn page(db: &impl ConnectionTrait, mut query: Select<event::Entity>, slice: Slice) -> Result<Page<event::Model>> {
    let down = slice.descends(!slice.turned);
    if let Some(seq) = slice.key::<i64>()? {
        // A cursor is the event's number and not its place, which `settle` may change.
        let xid = event::Entity::find().select_only().column(event::Column::Xid).filter(event::Column::Seq.eq(seq)).into_query();
        let xid = SimpleExpr::SubQuery(None, Box::new(xid.into()));
        query = query.filter(paging::beyond(event::Column::Xid, event::Column::Seq, xid, seq, down));
    }
    let order = if down { Order::Desc } else { Order::Asc };
    let query = query.order_by(event::Column::Xid, order.clone()).order_by(event::Column::Seq, order);
    let rows = query.limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.seq)))
}

/// The place of the newest event that may be read.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Place> {
    let mut query = event::Entity::find().order_by_desc(event::Column::Xid).order_by_desc(event::Column::Seq).limit(1);
    if let Some(horizon) = horizon(db).await? {
        query = query.filter(event::Column::Xid.lt(horizon));
    }
    Ok(query.one(db).await?.as_ref().map_or(Place::START, Place::of))
}

/// Every event after `place` that matches, and then each new one as it happens. Ends only when dropped or when the database is gone.
pub fn follow(app: App, mut place: Place, matching: Condition) -> impl Stream<Item = event::Model> {
    let mut pulse = app.pulse.listen();
    async_stream::stream! {
        loop {
            match after(app.db(), place, matching.clone(), 200).await {
                Ok(rows) => {
                    let more = rows.len() == 200;
                    for row in rows {
                        place = Place::of(&row);
                        yield row;
                    }
                    if more {
                        continue;
                    }
                }
                Err(error) => tracing::warn!(%error, "events could not be read; trying again"),
            }
            // The clock is for a beat that was lost with a broken LISTEN connection, and for rows held back by the horizon.
            let _ = tokio::time::timeout(Duration::from_secs(2), pulse.changed()).await;
        }
    }
}
