//! Reading accounts again and again: a row an account and kind of reading says what is due and what came of the last turn.
//!
//! A worker takes what is due in the order of priorities, one reading an account at a time, under a lease. It asks no more than the
//! networks allow: what is left of each limit is kept in the database, learnt from the networks' answers, and shared by all workers. A
//! network that fails for everybody is left alone for a while. What was read is written in one transaction with what happens next;
//! figures are appended, never changed, each with its source and date.

pub(super) mod allowance;
mod breaker;
pub mod growth;
mod keep;
pub(super) mod limits;
mod plan;
pub mod posts;
pub mod queries;
mod read;
mod refresh;
mod retry;
pub mod rules;
mod settle;
mod take;
mod unread;

pub(super) use allowance::{Allowance, Refill};
pub(super) use keep::mentions as keep_mentions;
pub(super) use plan::{Why, agreed, fill, plan_in, replan};
pub(super) use posts::keep as keep_media;
pub use refresh::refresh;
pub use retry::retry;

use futures_util::future::join_all;

use crate::{app::App, error::Result};

/// The job that follows a reading, with the creator's id: the slice below computes anew what rests on it.
pub const READ: &str = "insights.score";

/// Does what is due, at most one batch. Says whether there was anything.
pub async fn turn(app: &App) -> Result<bool> {
    let taken = take::take(app).await?;
    let some = !taken.is_empty();
    join_all(taken.into_iter().map(async |task| {
        // One account that cannot be read must not keep the others waiting, nor be asked for over and over.
        let Err(error) = settle::work(app, task.clone()).await else { return };
        tracing::error!(%error, account = %task.account_id, kind = %task.kind, "a reading could not be written down");
        if let Err(error) = settle::unwritten(app, &task).await {
            tracing::error!(%error, "nor could that");
        }
    }))
    .await;
    Ok(some)
}
