//! Work for later: rows written in the transaction that causes it, taken by any process, retried with back-off, given up visibly.

pub mod queue;
pub mod retry;
pub mod runner;
pub mod schedule;

use std::{future::Future, pin::Pin};

use crate::{app::App, error::Result};

/// What a job does. It may run more than once, so it must be idempotent.
pub type Work = fn(App, serde_json::Value) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// A queue of its own: does what is due, at most one batch, and says whether there was anything.
pub type Queue = fn(App) -> Pin<Box<dyn Future<Output = Result<bool>> + Send>>;

/// A kind of job and the work it stands for; slices list theirs in `lib.rs`.
#[derive(Clone, Copy)]
pub struct Handler {
    /// As stored: `invitations.expire`.
    pub kind: &'static str,
    /// What to do.
    pub work: Work,
    /// Every so many seconds by itself; none = only when queued.
    pub every: Option<i64>,
}
