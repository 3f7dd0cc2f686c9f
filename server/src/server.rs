//! The HTTP server: guards, routes, the GraphQL edge; and how it stops.

use std::{net::TcpListener, time::Duration};

use actix_web::{HttpServer, middleware, web};
use edge::Edge;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    error::Error,
    events,
    graph::host::Hibiki,
    jobs,
    web::{errors, guards, routes::Routes},
};

/// Larger than any body that a handler reads; each reads less.
const MOST_BODY: usize = 8 * 1024 * 1024;

/// Serves until `stop`: then it takes no more connections, finishes the requests and the job in hand, and closes the sockets.
pub async fn serve(app: App, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let sockets = CancellationToken::new();
    let edge = Edge::new(Hibiki::new(app.clone(), sockets.clone())?);
    let data = web::Data::new(app.clone());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let server = HttpServer::new(move || {
        // On the thread that the requests will be answered by.
        if let Err(error) = data.settle_in(threads) {
            tracing::warn!(%error, "a thread shares the connections to the database");
        }
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(MOST_BODY))
            .app_data(web::PathConfig::default().error_handler(|_, _| Error::NotFound.into()))
            .app_data(web::QueryConfig::default().error_handler(|_, _| Error::NotFound.into()))
            .wrap(middleware::from_fn(guards::same_origin))
            .wrap(middleware::from_fn(errors::render))
            .wrap(middleware::from_fn(guards::headers))
            .wrap(middleware::Compress::default())
            .wrap(middleware::from_fn(guards::trace))
            .configure(|config| edge::routes(config, edge.clone()))
            .configure(|config| crate::routes(&mut Routes::into_server(config)))
    })
    .disable_signals()
    .shutdown_timeout(app.config.shutdown_seconds)
    .workers(threads)
    .keep_alive(Duration::from_secs(75))
    // A client that hangs up is gone: its operation ends.
    .h1_allow_half_closed(false)
    .client_request_timeout(Duration::from_secs(10))
    .listen(listener)?
    .run();
    let handle = server.handle();

    let worker_stop = CancellationToken::new();
    let worker =
        app.config.work.then(|| tokio::spawn(jobs::runner::work(app.clone(), crate::handlers(), crate::queues(), worker_stop.clone())));
    let others = tokio::spawn({
        let app = app.clone();
        async move {
            if let Err(error) = events::hear_others(app).await {
                tracing::warn!(%error, "other processes are no longer heard; events arrive within two seconds");
            }
        }
    });
    let herald = tokio::spawn(events::tell_others(app.clone()));
    tokio::spawn(async move {
        stop.cancelled().await;
        sockets.cancel();
        worker_stop.cancel();
        handle.stop(true).await;
    });
    server.await?;
    if let Some(worker) = worker {
        worker.await?;
    }
    others.abort();
    herald.abort();
    Ok(())
}

/// Ends when the process is asked to: Ctrl-C or SIGTERM.
pub async fn asked_to_stop() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut term) => {
                tokio::select! {
                    _ = ctrl_c => {}
                    _ = term.recv() => {}
                }
            }
            Err(_) => {
                let _ = ctrl_c.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = ctrl_c.await;
}
