//! The installation in GraphQL, for its admins.

pub mod lists;
pub mod mutations;

pub use lists::AdminListsQuery;
pub use mutations::AdminMutation;

use async_graphql::{Context, Enum, Object, SimpleObject};
use entity::enums::{JobState, LetterState};

use super::queries;
use crate::{
    error::Result,
    graph::{context::Ask, scalars::Long},
};

/// The life of a letter.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LetterState", name = "LetterState")]
pub enum LetterStateName {
    /// Waits for its turn
    Queued,
    /// Is being handed over
    Sending,
    /// Was accepted by the next mail server
    Sent,
    /// Given up after the last try, or refused for good
    Failed,
    /// Never sent, since the address asked for no more
    Suppressed,
    /// Accepted, and then returned
    Bounced,
}

/// The life of a job.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "JobState", name = "JobState")]
pub enum JobStateName {
    /// Waits for its time
    Ready,
    /// Is being done
    Running,
    /// Was done
    Done,
    /// Given up after the last try
    Dead,
}

/// How many letters are in a state.
#[derive(SimpleObject)]
pub struct LetterCount {
    /// The state.
    pub state: LetterStateName,
    /// How many letters.
    pub count: Long,
}

/// How many jobs are in a state.
#[derive(SimpleObject)]
pub struct JobCount {
    /// The state.
    pub state: JobStateName,
    /// How many jobs.
    pub count: Long,
}

/// How much there is in this installation, and what waits or has failed.
#[derive(SimpleObject)]
pub struct PlatformOverview {
    /// People who may sign in.
    pub users: Long,
    /// Creators' profiles, registered or not.
    pub creators: Long,
    /// Creators' profiles behind which a person stands.
    pub registered_creators: Long,
    /// Organisations that are brands.
    pub brands: Long,
    /// Organisations that are agencies.
    pub agencies: Long,
    /// Letters by state; a state without any is left out.
    pub letters: Vec<LetterCount>,
    /// Jobs by state; a state without any is left out.
    pub jobs: Vec<JobCount>,
    /// The version of this program.
    pub version: String,
    /// The database's name and version.
    pub database: String,
}

fn long(n: u64) -> Long {
    Long(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Queries for platform admins.
#[derive(Default)]
pub struct AdminQuery;

/// Queries for platform admins.
#[Object]
impl AdminQuery {
    /// How much there is in this installation, and what waits or has failed. Platform admins.
    async fn platform_overview(&self, ctx: &Context<'_>) -> Result<PlatformOverview> {
        let by = ctx.admin()?;
        let db = ctx.app()?.db();
        let all = queries::overview(db, by).await?;
        Ok(PlatformOverview {
            users: long(all.users),
            creators: long(all.creators),
            registered_creators: long(all.registered),
            brands: long(all.brands),
            agencies: long(all.agencies),
            letters: all.letters.into_iter().map(|(state, n)| LetterCount { state: state.into(), count: Long(n) }).collect(),
            jobs: all.jobs.into_iter().map(|(state, n)| JobCount { state: state.into(), count: Long(n) }).collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            database: queries::database(db, by).await?,
        })
    }
}
