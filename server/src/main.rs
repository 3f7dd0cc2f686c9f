//! The program `hibiki`.

use std::{net::TcpListener, path::PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use hibiki::{
    accounts,
    app::{App, connect},
    auth::{actors::Console, tokens::Token},
    base::{clock::Clock, lang::Locale},
    config::Config,
    error::Error,
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
    /// Looks after platform admins.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Subcommand)]
enum Admin {
    /// Makes a person platform admin. A known address keeps its name and password; a new one gets these.
    Create(AdminCreate),
}

#[derive(Args)]
struct AdminCreate {
    /// The mail address.
    #[arg(long)]
    email: String,
    /// The name of a new person.
    #[arg(long)]
    name: String,
    /// The language of a new person: en or ja.
    #[arg(long, default_value = "en", value_parser = ["en", "ja"])]
    locale: String,
    /// Reads a new person's password from the first line of standard input. Without it one is made up and printed once.
    #[arg(long)]
    password_stdin: bool,
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
        Command::Admin(Admin::Create(input)) => create_admin(App::open(config, Clock::system()).await?, input).await,
        Command::Work => {
            let app = App::open(config, Clock::system()).await?;
            jobs::runner::work(app, hibiki::handlers(), stop).await;
            Ok(())
        }
    }
}

async fn create_admin(app: App, input: AdminCreate) -> anyhow::Result<()> {
    let (password, made_up) = if input.password_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("no password on standard input")?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), false)
    } else {
        (Token::new("").reveal().to_owned(), true)
    };
    let locale: Locale = input.locale.parse().unwrap_or(Locale::En);
    let known = accounts::queries::by_email(app.db(), &input.email.trim().to_ascii_lowercase()).await.map_err(said)?.is_some();
    let user = accounts::create_admin(&app, &Console::at_the_machine(), &input.email, &input.name, &password, locale).await.map_err(said)?;
    println!("{} <{}> is platform admin", user.name, user.email);
    if known {
        println!("the address was known: its name and password stay as they were");
    } else if made_up {
        println!("password: {password}");
    }
    Ok(())
}

/// An operation's refusal in words, for the person at the shell.
fn said(error: Error) -> anyhow::Error {
    match error {
        Error::User(problems) => {
            let lines: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.field, p.wrong.text(Locale::En))).collect();
            anyhow::anyhow!("{}", lines.join("\n"))
        }
        Error::Fault(fault) => fault,
        other => anyhow::anyhow!("{other}"),
    }
}
