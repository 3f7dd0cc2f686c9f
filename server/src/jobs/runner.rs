//! The worker: sees to the queues and runs jobs until told to stop; the one in hand is finished first.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use tokio_util::sync::CancellationToken;

use super::{Handler, Queue, queue, schedule};
use crate::{app::App, error::Result};

/// Works until `stop`; then what is in hand has the time that the settings give it, and is left to another worker. The queues go side by
/// side with the jobs, so that a slow network holds up no mail, nor a slow mail server a job.
pub async fn work(app: App, handlers: Vec<Handler>, queues: Vec<Queue>, stop: CancellationToken) {
    if let Err(error) = schedule::plant(&app, &handlers).await {
        tracing::error!(%error, "recurring jobs could not be planted");
    }
    let jobs = keep_at(&app, || one_job(&app, &handlers), &stop);
    let queues = join_all(queues.into_iter().map(|queue| {
        let (app, stop) = (&app, &stop);
        keep_at(app, move || queue(app.clone()), stop)
    }));
    let patience = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(app.config.shutdown_seconds)).await;
    };
    tokio::select! {
        _ = async { tokio::join!(queues, jobs) } => {}
        () = patience => tracing::warn!("stopped before the work in hand was done; another worker takes it up when its lease ends"),
    }
}

/// Does it again and again while there is some. Woken by each commit; otherwise looks once a second for what has become due.
async fn keep_at<F: Future<Output = Result<bool>>>(app: &App, mut turn: impl FnMut() -> F, stop: &CancellationToken) {
    let mut pulse = app.pulse.listen();
    while !stop.is_cancelled() {
        pulse.mark_unchanged();
        match turn().await {
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

/// Does what is due: one batch of each queue and one job. Tells whether there was anything.
pub async fn turn(app: &App, handlers: &[Handler], queues: &[Queue]) -> Result<bool> {
    let mut some = false;
    for queue in queues {
        some |= queue(app.clone()).await?;
    }
    Ok(one_job(app, handlers).await? || some)
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
