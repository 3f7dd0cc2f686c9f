//! The program `hibiki`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};
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
    /// Serves the social networks on loopback, in their real wire shapes; prints its address as one line of JSON.
    Sandbox(SandboxArgs),
}

#[derive(Args)]
struct SandboxArgs {
    /// The address to listen at, on loopback; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A redirect address registered for the app, compared exactly: `PUBLIC_URL/oauth/instagram/callback`. May be given several times.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// The app's id.
    #[arg(long, default_value = sandbox::CLIENT_ID)]
    client_id: String,
    /// The app's secret; it opens nothing but this.
    #[arg(long, default_value = sandbox::CLIENT_SECRET)]
    client_secret: String,
    /// Makes ids, tokens and figures; the same seed makes the same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The address that browsers reach it by, if not that of the listener.
    #[arg(long)]
    public_url: Option<String>,
    /// Ends when standard input does, and so with the process that holds its other end.
    #[arg(long)]
    with_parent: bool,
}

fn main() -> anyhow::Result<()> {
    // Two TLS backends in one program would panic at the first connection: say which before anything else.
    rustls::crypto::ring::default_provider().install_default().ok();
    let cli = Cli::parse();
    match cli.command {
        Command::Schema => {
            print!("{}", hibiki::graph::schema::sdl());
            return Ok(());
        }
        Command::Sandbox(args) => return serve_sandbox(args),
        _ => {}
    }
    let config = Config::load(cli.config.as_deref())?;
    log(&config);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(cli.command, config))
}

/// The networks of our own. It reads no settings and touches no database.
fn serve_sandbox(args: SandboxArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.listen.ip().is_loopback(), "the sandbox listens on loopback only, not at {}", args.listen);
    let listener = TcpListener::bind(args.listen)?;
    let url = args.public_url.unwrap_or_else(|| format!("http://{}", listener.local_addr().unwrap_or(args.listen)));
    let url = url.trim_end_matches('/').to_owned();
    let mut out = std::io::stdout();
    // Connections are queued from here on, so whoever reads the line may call at once.
    writeln!(out, "{}", serde_json::json!({ "url": url, "facebook": format!("{url}{}", sandbox::FACEBOOK), "client_id": args.client_id }))?;
    out.flush()?;
    if args.with_parent {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }
    let options = sandbox::Options {
        client_id: args.client_id,
        client_secret: args.client_secret,
        redirect_uris: args.redirect_uris,
        seed: args.seed,
        start: None,
        public_url: Some(url),
    };
    actix_web::rt::System::new().block_on(sandbox::serve(listener, options))?;
    Ok(())
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
        // These two ran without settings.
        Command::Schema | Command::Sandbox(_) => Ok(()),
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
