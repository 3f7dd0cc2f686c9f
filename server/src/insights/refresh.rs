//! A creator wants their score made anew now.

use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result},
    insights::{jobs, queries},
};

/// How long after a run the next one tells nothing new, in seconds.
const PAUSE: i64 = 60;

/// Has the creator's own insights computed from what has been read so far.
pub async fn refresh(app: &App, by: &Creator) -> Result<()> {
    let tx = app.begin().await?;
    let latest = queries::rows_of(tx.db(), &[by.id()]).await?.into_iter().map(|row| row.computed_at).max();
    if latest.is_some_and(|at| (tx.now - at).num_seconds() < PAUSE) {
        return Err(Problem::whole(Code::AlreadyDone, "insights.problem.fresh").into());
    }
    tx.job(jobs::of(by.id())).await?;
    tx.commit().await
}
