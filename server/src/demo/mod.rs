//! `hibiki demo`: the product with a world in it, on SQLite in a folder of its own, with captured mail and sandbox networks.
//!
//! The world is made by the product's own operations, as people would, by a clock that starts weeks ago; what they cannot do does not
//! happen in it. Everybody shares one password, and all of it is invented.

mod history;
mod listed;
mod world;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context;
use connectors::{Http, HttpLimits, Network, Registry, Request, Secret, Settings, Transport};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{app::App, auth::tokens::Token, base::clock::Clock, config::Config, server};

/// The password of everybody in the world.
const PASSWORD: &str = "hibiki-demo";

/// Somebody to sign in as.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// `brand`, `creator` or `admin`.
    pub role: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// A personal API token, good for a year.
    pub token: String,
}

/// What is printed when the world is ready.
#[derive(Clone, Debug, Serialize)]
struct Ready<'a> {
    url: String,
    mailbox: String,
    accounts: &'a [Account],
}

/// Makes the world unless the folder holds one, and serves it until `stop`.
pub async fn run(listen: SocketAddr, dir: Option<PathBuf>, json: bool, stop: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen at {listen}; try --listen 127.0.0.1:0"))?;
    let dir = dir.unwrap_or_else(|| std::env::temp_dir().join(format!("hibiki-demo-{}", std::process::id())));
    let mut config = settings(&listener, &dir)?;
    let sandbox = Sandbox::start(&config).await?;
    config.networks = sandbox.networks.clone();
    config.check()?;

    let file = dir.join("accounts.json");
    let accounts: Vec<Account> = match std::fs::read(&file) {
        Ok(known) => serde_json::from_slice(&known)?,
        Err(_) => {
            let made = make_world(&config).await?;
            std::fs::write(&file, serde_json::to_vec_pretty(&made)?)?;
            made
        }
    };
    let app = App::open(config, Clock::system()).await?;
    tell(&app, &accounts, &dir, json)?;
    server::serve(app, listener, stop).await
}

/// Makes the world in the database that the settings name, and gives those whom a visitor can sign in as.
pub async fn make_world(config: &Config) -> anyhow::Result<Vec<Account>> {
    world::make(config).await.map_err(|error| anyhow::anyhow!("the demo world cannot be made: {error}"))
}

fn settings(listener: &TcpListener, dir: &Path) -> anyhow::Result<Config> {
    let at = listener.local_addr()?;
    let host = if at.ip().is_unspecified() { "127.0.0.1".to_owned() } else { at.ip().to_string() };
    let mut config = Config {
        public_url: format!("http://{host}:{}", at.port()).parse()?,
        listen: at,
        database_url: format!("sqlite://{}?mode=rwc", dir.join("hibiki.db").display()),
        data_dir: dir.to_owned(),
        demo: true,
        ..Config::default()
    };
    config.graphql.graphiql = true;
    // A visitor has no phone that knows these people.
    config.auth.second_factor_required = false;
    config.mail.operator = "Hibiki demo, 1-1 Resonance Street".into();
    Ok(config)
}

fn tell(app: &App, accounts: &[Account], dir: &Path, json: bool) -> anyhow::Result<()> {
    let ready = Ready { url: app.link("/"), mailbox: app.link("/mailbox"), accounts };
    if json {
        println!("{}", serde_json::to_string(&ready)?);
        return Ok(());
    }
    println!("\n  Hibiki 響 - a demo world in {}\n", dir.display());
    println!("  pages     {}", ready.url);
    println!("  mailbox   {}", ready.mailbox);
    println!("  GraphiQL  {}\n", app.link("/graphiql"));
    println!("  sign in with the password {PASSWORD}, or call the API with the token:");
    for account in accounts {
        println!("  {:<8}  {:<22}  {}", account.role, account.email, account.token);
    }
    println!("\n  Ctrl-C ends it.\n");
    Ok(())
}

/// The networks' stand-in, in a process of its own: the server knows it by its address only.
struct Sandbox {
    networks: BTreeMap<String, Settings>,
    _process: Child,
}

impl Sandbox {
    async fn start(config: &Config) -> anyhow::Result<Self> {
        // Nobody but this demo can use it.
        let client_secret = Token::new("").reveal().to_owned();
        let mut process = Command::new(std::env::current_exe()?)
            // It ends when the pipe to it closes, so that it never outlives us, however we end.
            .args(["sandbox", "--with-parent"])
            .args(redirect_uris(config).iter().flat_map(|uri| ["--redirect-uri", uri]))
            // In one piece: a random secret may begin with a dash.
            .arg(format!("--client-secret={client_secret}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("the sandbox has no output")?;
        let line = BufReader::new(output).lines().next_line().await?.context("the sandbox did not start")?;
        let started: Started = serde_json::from_str(&line)?;
        Ok(Self { networks: networks(&started.url, &started.client_id, &client_secret)?, _process: process })
    }
}

/// Where the sandbox sends people back to.
fn redirect_uris(config: &Config) -> Vec<String> {
    let root = config.public_url.as_str().trim_end_matches('/');
    Registry::CONNECTORS.iter().map(|network| format!("{root}/oauth/{network}/callback")).collect()
}

/// Every network that can be linked, at the sandbox; its app has passed every review.
fn networks(sandbox: &Url, client_id: &str, client_secret: &str) -> anyhow::Result<BTreeMap<String, Settings>> {
    let of = |network: &Network| {
        // Instagram is reached by Facebook's login.
        let base = sandbox.join(if *network == Network::Instagram { "facebook" } else { network.id() })?;
        let settings = Settings {
            client_id: client_id.to_owned(),
            client_secret: Secret::new(client_secret.to_owned()),
            auth_base: Some(base.clone()),
            token_base: Some(base.clone()),
            analytics_base: Some(base.clone()),
            api_base: Some(base),
            reviewed: true,
            sandbox: true,
            ..Settings::default()
        };
        Ok((network.id().to_owned(), settings))
    };
    // Bluesky and pages are read, and not linked.
    Registry::CONNECTORS.iter().chain(&[Network::Bluesky, Network::Blog]).map(of).collect()
}

/// Somebody who lives in the sandbox consents at its page: where that sends the browser back to.
async fn consent(page: &Url, who: &str) -> anyhow::Result<Url> {
    #[derive(Deserialize)]
    struct Back {
        location: Url,
    }
    let asked = serde_json::json!({ "authorize_url": page, "person": who });
    let mut request = Request::new(Network::Instagram, "consent", Method::POST, page.join("/_control/consent")?);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.body = serde_json::to_vec(&asked)?;
    let answer = Http::new(HttpLimits::default())?.send(request).await?;
    Ok(serde_json::from_slice::<Back>(&answer.body).with_context(|| format!("{who} cannot consent"))?.location)
}

/// What the sandbox prints when it listens.
#[derive(Deserialize)]
struct Started {
    url: Url,
    client_id: String,
}

#[cfg(test)]
mod tests {
    use entity::creator;
    use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_world_is_made_by_the_product_itself() {
        let dir = std::env::temp_dir().join(format!("hibiki-world-{}", std::process::id()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = settings(&listener, &dir).unwrap();
        let sandbox = sandbox::start(sandbox::Options { redirect_uris: redirect_uris(&config), ..Default::default() }).unwrap();
        config.networks = networks(&sandbox.url().parse().unwrap(), sandbox::CLIENT_ID, sandbox::CLIENT_SECRET).unwrap();
        let accounts = make_world(&config).await.unwrap();
        assert_eq!(accounts.iter().map(|a| a.role.as_str()).collect::<Vec<_>>(), ["brand", "creator", "linked", "admin"]);
        let app = App::open(config, Clock::system()).await.unwrap();
        for account in &accounts {
            assert!(crate::auth::sessions::by_token(&app, &account.token).await.unwrap().is_some(), "{}", account.role);
        }
        // Who linked is shown with the network's word: badge and picture. The visitor has that before them.
        let linked = creator::Entity::find().filter(creator::Column::NetworkPictureId.is_not_null()).count(app.db()).await.unwrap();
        assert_eq!(linked, 4);
        // The visitor's own invitation is the newest, and waits.
        let mails = crate::mail::page::captured(&app).await.unwrap();
        assert!(mails[0].to.contains("creator@demo.example") && mails[0].text.contains("/i/"), "{}", mails[0].subject);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
