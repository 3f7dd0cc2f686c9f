//! The worker: delivers letters and runs jobs until told to stop; the one in hand is finished first.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{Handler, queue, schedule};
use crate::{app::App, error::Result, mail};

/// Works until `stop`. Woken by each commit; otherwise looks once a second for what has become due.
pub async fn work(app: App, handlers: Vec<Handler>, stop: CancellationToken) {
    let mut pulse = app.pulse.listen();
    if let Err(error) = schedule::plant(&app, &handlers).await {
        tracing::error!(%error, "recurring jobs could not be planted");
    }
    while !stop.is_cancelled() {
        pulse.mark_unchanged();
        match turn(&app, &handlers).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the queue could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            _ = tokio::time::timeout(Duration::from_secs(1), pulse.changed()) => {}
        }
    }
}

/// Does what is due: one batch of letters and one job. Tells whether there was anything.
pub async fn turn(app: &App, handlers: &[Handler]) -> Result<bool> {
    let letters = mail::deliver::due(app).await?;
    let Some(job) = queue::take(app).await? else { return Ok(letters > 0) };
    let Some(handler) = handlers.iter().find(|h| h.kind == job.kind) else {
        queue::failed(app, job, "no such kind of job").await?;
        return Ok(true);
    };
    let span = tracing::info_span!("job", kind = job.kind, id = %job.id, attempt = job.attempts);
    // A panic in one job must not end the worker, nor leave the row running for ever.
    let outcome = AssertUnwindSafe((handler.work)(app.clone(), job.payload.clone())).catch_unwind();
    match tracing::Instrument::instrument(outcome, span).await {
        Ok(Ok(())) => queue::done(app, job.clone()).await?,
        Ok(Err(error)) => {
            tracing::warn!(kind = job.kind, id = %job.id, %error, "job failed");
            queue::failed(app, job.clone(), &error.to_string()).await?;
        }
        Err(_) => {
            tracing::error!(kind = job.kind, id = %job.id, "job panicked");
            queue::failed(app, job.clone(), "panicked").await?;
        }
    }
    schedule::again(app, handler, &job).await?;
    Ok(true)
}
