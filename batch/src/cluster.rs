//! The same plans on a Ballista cluster: one scheduler, and executors that each take whole buckets. Every bucket is a query of one partition, so nothing is
//! shuffled between machines but the table of those who acted much. The store must be at the same path everywhere.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use ballista::prelude::{SessionConfigExt as _, SessionContextExt as _};
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::{cluster::BallistaCluster, config::SchedulerConfig, scheduler_process::start_server};
use datafusion::{
    execution::{SessionState, SessionStateBuilder, runtime_env::RuntimeEnv},
    prelude::{SessionConfig, SessionContext},
};

use crate::tally::{NAME, function};

/// Shuffle files are of no use once a query is done.
const KEEP_SECONDS: u64 = 600;

/// A session whose queries run on the cluster.
pub async fn session(url: &str, config: SessionConfig) -> Result<SessionContext> {
    let state = with_tally(config.upgrade_for_ballista());
    SessionContext::remote_with_state(url, state).await.with_context(|| format!("no scheduler answers at {url}"))
}

/// A session state that knows the tally.
fn with_tally(config: SessionConfig) -> SessionState {
    let mut state =
        SessionStateBuilder::new().with_config(config).with_runtime_env(Arc::new(RuntimeEnv::default())).with_default_features();
    state.aggregate_functions().get_or_insert_default().push(Arc::new(function()));
    state.build()
}

/// Runs a scheduler until it is stopped.
pub async fn scheduler(listen: SocketAddr) -> Result<()> {
    let config = SchedulerConfig {
        bind_host: listen.ip().to_string(),
        external_host: listen.ip().to_string(),
        bind_port: listen.port(),
        finished_job_data_clean_up_interval_seconds: KEEP_SECONDS,
        finished_job_state_clean_up_interval_seconds: KEEP_SECONDS,
        override_session_builder: Some(Arc::new(|config| Ok(with_tally(config)))),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    start_server(cluster, listen, Arc::new(config)).await?;
    Ok(())
}

/// Runs an executor until it is stopped.
pub async fn executor(listen: SocketAddr, scheduler: &str, threads: usize, memory: usize, work: &Path) -> Result<()> {
    let (host, port) = scheduler.trim_start_matches("df://").rsplit_once(':').context("a scheduler is host:port")?;
    let mut functions = BallistaFunctionRegistry::default();
    functions.aggregate_functions.insert(NAME.to_owned(), Arc::new(function()));
    let config = ExecutorProcessConfig {
        bind_host: listen.ip().to_string(),
        external_host: Some(listen.ip().to_string()),
        port: listen.port(),
        grpc_port: listen.port() + 1,
        scheduler_host: host.to_owned(),
        scheduler_port: port.parse()?,
        scheduler_connect_timeout_seconds: 30,
        vcores: threads,
        work_dir: Some(work.join(format!("shuffle-{}", listen.port())).display().to_string()),
        memory_pool_size: Some(memory as u64),
        job_data_ttl_seconds: KEEP_SECONDS,
        job_data_clean_up_interval_seconds: KEEP_SECONDS,
        override_function_registry: Some(Arc::new(functions)),
        ..ExecutorProcessConfig::default()
    };
    std::fs::create_dir_all(work.join(format!("shuffle-{}", listen.port())))?;
    start_executor_process(Arc::new(config)).await?;
    Ok(())
}
