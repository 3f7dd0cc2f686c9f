//! The command line. Here and not in the program: what a program awaits is compiled with the program, so that all of the server would be
//! compiled twice.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use crate::{
    accounts,
    app::{App, connect},
    auth::{actors::Console, reseal::reseal, tokens::Token},
    base::{clock::Clock, lang::Locale},
    config::Config,
    creators, demo, events, insights, jobs, mail, seed, server,
};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use entity::enums::InsightScope;
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
    /// Fills a database with invented people for measuring; the same seed and figures make the same rows. See benches/README.md.
    Seed(SeedArgs),
    /// Serves the product, and does its queued work unless `work = false`.
    Serve,
    /// Only does the queued work; beside `serve` processes on the same PostgreSQL.
    Work,
    /// Brings the database up to date.
    Migrate,
    /// Seals anew, under the first of the keys, what older ones sealed. Afterwards those can be taken out of the settings.
    Reseal,
    /// Prints the GraphQL schema.
    Schema,
    /// Verifies the certificate of a score, and says what it certifies; asks no server. See docs/certificates.md.
    Verify {
        /// The file.
        file: PathBuf,
        /// Only this key counts: its `kid`, as the installation publishes it at /.well-known/jwks.json.
        #[arg(long)]
        key: Option<String>,
    },
    /// Serves the social networks on loopback, in their real wire shapes; prints its address as one line of JSON.
    Sandbox(SandboxArgs),
    /// Takes public lists in.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Writes what other programs compute with.
    #[command(subcommand)]
    Export(ExportCommand),
    /// What the mail server calls.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Looks after platform admins.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Subcommand)]
enum ExportCommand {
    /// What goes into the scores, for hibiki-batch: JSON Lines. See batch/README.md.
    Interactions {
        /// The file of lines.
        #[arg(long)]
        out: PathBuf,
        /// The file that says which creator each line is about, for `publish --creators`. Default: FILE.creators.csv.
        #[arg(long)]
        creators: Option<PathBuf>,
        /// Also what only a creator's grant shows; for `publish --full`.
        #[arg(long)]
        full: bool,
    },
}

#[derive(Subcommand)]
enum MailCommand {
    /// Takes in a mail that came back: a delivery status notification (RFC 3464) on standard input.
    Receive,
}

#[derive(Subcommand)]
enum Admin {
    /// Makes a person platform admin. A known address keeps its name and password; a new one gets these.
    Create(AdminCreate),
    /// Takes the second factor of somebody away who has lost it and every recovery code, and signs them out everywhere.
    ResetSecondFactor {
        /// The mail address.
        #[arg(long)]
        email: String,
    },
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

#[derive(Args)]
struct SeedArgs {
    /// How many creators; every fourth is registered.
    #[arg(long, default_value_t = 100_000)]
    creators: u64,
    /// How many campaigns, of 50 brands.
    #[arg(long, default_value_t = 1_000)]
    campaigns: u64,
    /// How many chat messages.
    #[arg(long, default_value_t = 200_000)]
    messages: u64,
    /// The same seed makes the same rows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For how many brand owners, and how many creators, API tokens are made.
    #[arg(long, default_value_t = 1)]
    tokens: u64,
    /// Everybody's password. Without it one that follows from the seed, which is printed.
    #[arg(long)]
    password: Option<String>,
    /// Also where people are in the database already.
    #[arg(long)]
    yes: bool,
    /// Prints one JSON object for scripts: `{rows, accounts: [{role, email, password, token, org}]}`.
    #[arg(long)]
    json: bool,
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

/// Does what the command line says.
pub fn run() -> anyhow::Result<()> {
    // Two TLS backends in one program would panic at the first connection: say which before anything else.
    rustls::crypto::ring::default_provider().install_default().ok();
    let cli = Cli::parse();
    match cli.command {
        Command::Schema => {
            print!("{}", crate::graph::schema::sdl());
            return Ok(());
        }
        Command::Sandbox(args) => return serve_sandbox(args),
        Command::Verify { file, key } => return verify(&file, key.as_deref()),
        _ => {}
    }
    // A demo heeds no settings: it must be the same everywhere.
    let for_show = matches!(cli.command, Command::Demo { .. });
    let config = if for_show { Config::default() } else { Config::load(cli.config.as_deref())? };
    log(&config, for_show);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(obey(cli.command, config))
}

/// Needs no settings and asks nobody.
fn verify(file: &std::path::Path, key: Option<&str>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (claims, used) = insights::certificate::verify(&text)?;
    anyhow::ensure!(key.is_none_or(|key| key == used.kid), "the signature holds, but by another key: {}", used.kid);
    let [low, high] = claims.interval;
    println!("The signature holds.");
    println!("  {}: score {:.1} ({low:.1} to {high:.1}), True Reach {} people a post", claims.name, claims.score, claims.true_reach);
    println!("  as of the end of {} (UTC), formula {}, inputs {}", claims.day, claims.formula, claims.inputs_hash);
    println!("  said by {} about {} at {}", claims.iss, claims.sub, insights::certificate::signed_at(&claims).to_rfc3339());
    println!("  key {}", used.kid);
    if key.is_none() {
        println!("  Whose key that is, compare with {}/.well-known/jwks.json", claims.iss);
    }
    Ok(())
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

fn log(config: &Config, quiet: bool) {
    let level = if quiet { "warn" } else { "info,sqlx=warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format.as_str() {
        "json" => log.json().init(),
        _ => log.with_target(false).init(),
    }
}

async fn obey(command: Command, config: Config) -> anyhow::Result<()> {
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
        Command::Schema | Command::Sandbox(_) | Command::Verify { .. } => Ok(()),
        Command::Demo { listen, dir, json } => demo::run(listen, dir, json, stop).await,
        Command::Seed(args) => {
            let app = App::open(config, Clock::system()).await?;
            let SeedArgs { creators, campaigns, messages, seed, tokens, password, yes, json } = args;
            let size = seed::Size { creators, campaigns, messages, seed, tokens, password };
            let (made, took) = seed::cli::run(&app, &size, yes).await?;
            seed::cli::tell(&made, took, json, std::io::stdout())
        }
        Command::Import(ImportCommand::Creators { list, map, report }) => {
            let app = App::open(config, Clock::system()).await?;
            let by = Console::at_the_machine();
            let done = creators::import::cli::run(&app, &by, &list, &map, report.as_deref()).await;
            let totals = done.map_err(said)?;
            creators::import::cli::summary(&totals, std::io::stdout())?;
            Ok(())
        }
        Command::Export(ExportCommand::Interactions { out, creators, full }) => {
            let app = App::open_existing(config, Clock::system()).await?;
            let who = creators.unwrap_or_else(|| {
                let mut name = out.clone().into_os_string();
                name.push(".creators.csv");
                name.into()
            });
            let file = |path: &std::path::Path| {
                let made = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
                Ok::<_, anyhow::Error>(std::io::BufWriter::new(made))
            };
            let (mut lines, mut names) = (file(&out)?, file(&who)?);
            let scope = if full { InsightScope::Full } else { InsightScope::Public };
            let done = insights::export::interactions(&app, scope, &mut lines, &mut names).await.map_err(said)?;
            println!("{} events of {} creators in {}; who they are in {}", done.events, done.creators, out.display(), who.display());
            Ok(())
        }
        Command::Mail(MailCommand::Receive) => {
            let mut raw = Vec::new();
            std::io::stdin().take(mail::bounce::MOST_BYTES).read_to_end(&mut raw)?;
            let app = App::open_existing(config, Clock::system()).await?;
            let notice = mail::bounce::receive(&app, &raw).await.map_err(said)?;
            println!("{} {} {}", notice.letter, notice.action, notice.status);
            Ok(())
        }
        Command::Migrate => {
            let db = connect(&config.database_url, 1).await?;
            migration::Migrator::up(&db, None).await?;
            if events::settle(&db).await? {
                println!("events of another PostgreSQL were set before those of this one");
            }
            println!("the database is up to date");
            Ok(())
        }
        Command::Reseal => {
            let app = App::open_existing(config, Clock::system()).await?;
            let count = reseal(&app).await.map_err(|error| anyhow::anyhow!("nothing was changed: {error}"))?;
            println!("{count} sealed anew; everything opens with the key {}", app.vault.current());
            Ok(())
        }
        Command::Serve => {
            let app = App::open(config, Clock::system()).await?;
            let listener = TcpListener::bind(app.config.listen)?;
            tracing::info!(url = %app.config.public_url, "serving");
            server::serve(app, listener, stop).await
        }
        Command::Admin(Admin::Create(input)) => create_admin(App::open_existing(config, Clock::system()).await?, input).await,
        Command::Admin(Admin::ResetSecondFactor { email }) => {
            let app = App::open_existing(config, Clock::system()).await?;
            let user = accounts::reset_second_factor_at_console(&app, &Console::at_the_machine(), &email).await.map_err(said)?;
            println!("{} <{}> signs in with the password alone again, and has been told by mail", user.name, user.email);
            Ok(())
        }
        Command::Work => {
            let app = App::open(config, Clock::system()).await?;
            jobs::runner::work(app, crate::handlers(), crate::queues(), stop).await;
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
    let user =
        accounts::create_admin(&app, &Console::at_the_machine(), &input.email, &input.name, &password, locale).await.map_err(said)?;
    println!("{} <{}> is platform admin", user.name, user.email);
    if known {
        println!("the address was known: its name and password stay as they were");
    } else if made_up {
        println!("password: {password}");
    }
    Ok(())
}

/// An operation's refusal in words, for the person at the shell.
fn said(error: crate::error::Error) -> anyhow::Error {
    anyhow::anyhow!("{}", error.in_words(Locale::En))
}
