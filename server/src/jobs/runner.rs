//! The worker: delivers letters and runs jobs until told to stop; the one in hand is finished first.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{Handler, queue, schedule};
use crate::{app::App, error::Result, mail};

/// Works until `stop`; then what is in hand has the time that the settings give it, and is left to another worker. Letters and jobs go side
/// by side, so that a slow network holds up no mail, nor a slow mail server a job.
pub async fn work(app: App, handlers: Vec<Handler>, stop: CancellationToken) {
    if let Err(error) = schedule::plant(&app, &handlers).await {
        tracing::error!(%error, "recurring jobs could not be planted");
    }
    let letters = keep_at(&app, Queue::Letters, &stop);
    let jobs = keep_at(&app, Queue::Jobs(&handlers), &stop);
    let patience = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(app.config.shutdown_seconds)).await;
    };
    tokio::select! {
        _ = async { tokio::join!(letters, jobs) } => {}
        () = patience => tracing::warn!("stopped before the work in hand was done; another worker takes it up when its lease ends"),
    }
}

/// What waits to be done.
#[derive(Clone, Copy)]
enum Queue<'a> {
    Letters,
    Jobs(&'a [Handler]),
}

/// Does it again and again while there is some. Woken by each commit; otherwise looks once a second for what has become due.
async fn keep_at(app: &App, queue: Queue<'_>, stop: &CancellationToken) {
    let mut pulse = app.pulse.listen();
    while !stop.is_cancelled() {
        pulse.mark_unchanged();
        let done = match queue {
            Queue::Letters => mail::deliver::due(app).await.map(|count| count > 0),
            Queue::Jobs(handlers) => one_job(app, handlers).await,
        };
        match done {
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
    let letters = mail::deliver::due(app).await? > 0;
    Ok(one_job(app, handlers).await? || letters)
}

async fn one_job(app: &App, handlers: &[Handler]) -> Result<bool> {
    let Some(job) = queue::take(app).await? else { return Ok(false) };
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
