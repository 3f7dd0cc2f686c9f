//! The program `hibiki`.

use std::{
    io::Read,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use hibiki::{
    accounts,
    app::{App, connect},
    auth::{actors::Console, tokens::Token},
    base::{clock::Clock, lang::Locale},
    config::Config,
    creators, demo,
    error::Error,
    jobs, mail, server,
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
    /// Serves a demo world: SQLite in a folder of its own, captured mail at a page, sandbox networks, GraphiQL.
    Demo {
        /// The address to listen at; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// The folder of the world; one that holds a world already is served as it was left. Default: a fresh one.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Prints one JSON object for scripts: `{url, mailbox, accounts: [{role, email, password, token}]}`.
        #[arg(long)]
        json: bool,
    },
    /// Serves the networks' stand-ins on loopback, in their real wire shapes, and prints where as one JSON object. Started by `demo`.
    Sandbox {
        /// The address to listen at; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// An address that consent pages may lead back to; several may be given.
        #[arg(long)]
        redirect_uri: Vec<String>,
        /// Stops when standard input ends, that is, with the program that started it.
        #[arg(long)]
        until_input_ends: bool,
    },
    /// Serves the product, and does its queued work unless `work = false`.
    Serve,
    /// Only does the queued work; beside `serve` processes on the same PostgreSQL.
    Work,
    /// Brings the database up to date.
    Migrate,
    /// Prints the GraphQL schema.
    Schema,
    /// Takes public lists in.
    #[command(subcommand)]
    Import(ImportCommand),
    /// What the mail server calls.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Looks after platform admins.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Subcommand)]
enum MailCommand {
    /// Takes in a mail that came back: a delivery status notification (RFC 3464) on standard input.
    Receive,
}

#[derive(Subcommand)]
enum ImportCommand {
    /// Makes unclaimed profiles, accounts and dated figures of a CSV list. The same list twice changes nothing. See docs/import.md.
    Creators {
        /// The list: CSV in UTF-8 with a header line.
        list: PathBuf,
        /// Which column means what: `field=column`, or `field==the same for every row`, with commas between; or a file of such lines.
        #[arg(long)]
        map: Vec<String>,
        /// Writes every refused row with its line and the reason to this CSV file.
        #[arg(long)]
        report: Option<PathBuf>,
    },
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
    // A demo heeds no settings: it must be the same everywhere.
    let for_show = matches!(cli.command, Command::Demo { .. } | Command::Sandbox { .. });
    let config = if for_show { Config::default() } else { Config::load(cli.config.as_deref())? };
    log(&config, for_show);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(cli.command, config))
}

fn log(config: &Config, quiet: bool) {
    let level = if quiet { "warn" } else { "info,sqlx=warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
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
        Command::Demo { listen, dir, json } => demo::run(listen, dir, json, stop).await,
        Command::Sandbox { listen, redirect_uri, until_input_ends } => {
            let listener = TcpListener::bind(listen)?;
            let options = sandbox::Options { redirect_uris: redirect_uri, ..Default::default() };
            let (client_id, client_secret) = (&options.client_id, &options.client_secret);
            println!("{}", serde_json::json!({
                "url": format!("http://{}/", listener.local_addr()?), "client_id": client_id, "client_secret": client_secret,
            }));
            let end = async {
                if until_input_ends {
                    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await.ok();
                } else {
                    stop.cancelled().await;
                }
            };
            tokio::select! {
                served = sandbox::serve(listener, options) => Ok(served?),
                () = end => Ok(()),
            }
        }
        Command::Import(ImportCommand::Creators { list, map, report }) => {
            let app = App::open(config, Clock::system()).await?;
            let by = Console::at_the_machine();
            let done = creators::import::cli::run(&app, &by, &list, &map, report.as_deref()).await;
            let totals = done.map_err(|error| anyhow::anyhow!("{}", error.in_words(Locale::En)))?;
            creators::import::cli::summary(&totals, std::io::stdout())?;
            Ok(())
        }
        Command::Mail(MailCommand::Receive) => {
            let mut raw = Vec::new();
            std::io::stdin().take(mail::bounce::MOST_BYTES).read_to_end(&mut raw)?;
            let app = App::open(config, Clock::system()).await?;
            let notice = mail::bounce::receive(&app, &raw).await.map_err(|error| anyhow::anyhow!("{error}"))?;
            println!("{} {} {}", notice.letter, notice.action, notice.status);
            Ok(())
        }
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
