//! The program `hibiki`.

use std::{net::TcpListener, path::PathBuf};

use clap::{Parser, Subcommand};
use hibiki::{
    app::{App, connect},
    base::clock::Clock,
    config::Config,
    jobs, server,
};
use sea_orm_migration::MigratorTrait;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(name = "hibiki", version, about = "The open, self-hosted platform for influencer marketing")]
struct Cli {
    /// The settings file; without it `hibiki.toml`, if there.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the product, and does its queued work unless `work = false`.
    Serve,
    /// Only does the queued work; beside `serve` processes on the same PostgreSQL.
    Work,
    /// Brings the database up to date.
    Migrate,
    /// Prints the GraphQL schema.
    Schema,
}

fn main() -> anyhow::Result<()> {
    // Two TLS backends in one program would panic at the first connection: say which before anything else.
    rustls::crypto::ring::default_provider().install_default().ok();
    let cli = Cli::parse();
    if matches!(cli.command, Command::Schema) {
        print!("{}", hibiki::graph::schema::sdl());
        return Ok(());
    }
    let config = Config::load(cli.config.as_deref())?;
    log(&config);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(cli.command, config))
}

fn log(config: &Config) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,hibiki=info,sqlx=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format.as_str() {
        "json" => log.json().init(),
        _ => log.with_target(false).init(),
    }
}

async fn run(command: Command, config: Config) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            server::asked_to_stop().await;
            tracing::info!("stopping");
            stop.cancel();
        }
    });
    match command {
        Command::Schema => Ok(()),
        Command::Migrate => {
            let db = connect(&config.database_url, 1).await?;
            migration::Migrator::up(&db, None).await?;
            println!("the database is up to date");
            Ok(())
        }
        Command::Serve => {
            let app = App::open(config, Clock::system()).await?;
            let listener = TcpListener::bind(app.config.listen)?;
            tracing::info!(url = %app.config.public_url, "serving");
            server::serve(app, listener, stop).await
        }
        Command::Work => {
            let app = App::open(config, Clock::system()).await?;
            jobs::runner::work(app, hibiki::handlers(), stop).await;
            Ok(())
        }
    }
}
