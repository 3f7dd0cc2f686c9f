//! Counts of the whole installation, for admins only; lists in files of their own.

pub mod organisations;
pub mod people;
pub mod queues;

use entity::{
    creator,
    enums::{JobState, LetterState, OrgKind, UserStatus},
    job, letter, organization, user,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Statement};

use crate::{auth::actors::Admin, error::Result};

/// What the home shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// People, active ones.
    pub users: u64,
    /// People who may not sign in.
    pub suspended: u64,
    /// Creators' profiles.
    pub creators: u64,
    /// Those behind which a person stands.
    pub registered: u64,
    /// Brands.
    pub brands: u64,
    /// Agencies.
    pub agencies: u64,
    /// Letters by state; a state without any is left out.
    pub letters: Vec<(LetterState, i64)>,
    /// Letters that wait after a try that failed.
    pub delayed: u64,
    /// Jobs by state; a state without any is left out.
    pub jobs: Vec<(JobState, i64)>,
}

impl Overview {
    /// Letters in one state.
    pub fn letters_in(&self, state: LetterState) -> i64 {
        self.letters.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
    }

    /// Jobs in one state.
    pub fn jobs_in(&self, state: JobState) -> i64 {
        self.jobs.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
    }
}

/// Counts it.
pub async fn overview(db: &impl ConnectionTrait, _: &Admin) -> Result<Overview> {
    let users = |status| user::Entity::find().filter(user::Column::Status.eq(status));
    let orgs = |kind| organization::Entity::find().filter(organization::Column::Kind.eq(kind));
    Ok(Overview {
        users: users(UserStatus::Active).count(db).await?,
        suspended: users(UserStatus::Suspended).count(db).await?,
        creators: creator::Entity::find().count(db).await?,
        registered: creator::Entity::find().filter(creator::Column::UserId.is_not_null()).count(db).await?,
        brands: orgs(OrgKind::Brand).count(db).await?,
        agencies: orgs(OrgKind::Agency).count(db).await?,
        letters: letter::Entity::find()
            .select_only()
            .column(letter::Column::State)
            .column_as(letter::Column::Id.count(), "n")
            .group_by(letter::Column::State)
            .into_tuple()
            .all(db)
            .await?,
        delayed: letter::Entity::find()
            .filter(letter::Column::State.eq(LetterState::Queued))
            .filter(letter::Column::LastError.ne(""))
            .count(db)
            .await?,
        jobs: job::Entity::find()
            .select_only()
            .column(job::Column::State)
            .column_as(job::Column::Id.count(), "n")
            .group_by(job::Column::State)
            .into_tuple()
            .all(db)
            .await?,
    })
}

/// The database's name and version.
pub async fn database(db: &impl ConnectionTrait, _: &Admin) -> Result<String> {
    let backend = db.get_database_backend();
    let (name, sql) = match backend {
        DatabaseBackend::Postgres => ("PostgreSQL", "SELECT current_setting('server_version') AS version"),
        _ => ("SQLite", "SELECT sqlite_version() AS version"),
    };
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    let version: String = row.map(|r| r.try_get("", "version")).transpose()?.unwrap_or_default();
    Ok(format!("{name} {version}"))
}
