//! Programs that we did not write and test ours against: PostgreSQL, a mail server, an OAuth server, a browser. `bin/test` brings them.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
};

use chrono::{DateTime, Utc};
use server::config::Config;

use crate::stage::until;

/// A switch of the test run.
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting of the product")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0")
}

/// Something is not installed: said, and a failure where everything has to be there.
pub fn missing(what: &str) {
    assert!(setting("HIBIKI_TEST_PEERS_REQUIRED").is_none(), "missing: {what}");
    eprintln!("skipped: {what}");
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's root")
}

/// A Node program that prints its address first and ends with our end of its standard input.
pub struct Peer {
    child: Child,
    lines: mpsc::Receiver<String>,
    /// The first line that it printed.
    pub address: String,
}

impl Peer {
    /// Starts `script` in `folder` (from the workspace's root); none if its packages are not installed.
    pub fn start(folder: &str, package: &str, script: &str, args: &[&str]) -> Option<Self> {
        let dir = root().join(folder);
        if !dir.join("node_modules").join(package).exists() {
            missing(&format!("{package}: npm ci --prefix {folder}"));
            return None;
        }
        let mut child = Command::new("node")
            .arg(script)
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = mpsc::channel();
        // What it says must not fill the pipe while nobody listens.
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let address = lines.recv().expect("its first line");
        Some(Self { child, lines, address })
    }

    /// The next line that it prints; waits for it.
    pub fn line(&self) -> String {
        self.lines.recv().expect("a line")
    }

    /// The next line, if it has printed one.
    pub fn printed(&self) -> Option<String> {
        self.lines.try_recv().ok()
    }

    /// Gives it a line.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().expect("its input"), "{line}").expect("a line");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// npm smtp-server; see `tests/peers/smtp.mjs`.
pub fn smtp(args: &[&str]) -> Option<Peer> {
    Peer::start("tests/peers", "smtp-server", "smtp.mjs", args)
}

/// Our own stand-in for the networks, as the server that these settings are for finds it. Without a `start` its clock is the machine's.
pub fn sandbox(config: &mut Config, start: Option<DateTime<Utc>>) -> sandbox::Handle {
    let back = format!("{}oauth/instagram/callback", config.public_url);
    let options = sandbox::Options { redirect_uris: vec![back], start, ..sandbox::Options::default() };
    let sandbox = sandbox::start(options).expect("the sandbox starts");
    let base: url::Url = sandbox.facebook().parse().expect("an address");
    let settings = connectors::Settings {
        client_id: sandbox::CLIENT_ID.into(),
        client_secret: sandbox::CLIENT_SECRET.into(),
        auth_base: Some(base.clone()),
        api_base: Some(base),
        sandbox: true,
        ..connectors::Settings::default()
    };
    config.networks.insert("instagram".into(), settings);
    sandbox
}

/// The networks of the sandbox that are linked by consent, by their ids.
pub const NETWORKS: [&str; 10] =
    ["instagram", "facebook", "youtube", "x", "tiktok", "twitch", "pinterest", "linkedin", "reddit", "mastodon"];

/// The same with all of its networks, whose app has been reviewed.
pub fn sandboxes(config: &mut Config, start: Option<DateTime<Utc>>) -> sandbox::Handle {
    let backs = NETWORKS.map(|network| format!("{}oauth/{network}/callback", config.public_url));
    let options = sandbox::Options { redirect_uris: backs.into(), start, ..sandbox::Options::default() };
    let sandbox = sandbox::start(options).expect("the sandbox starts");
    for network in NETWORKS {
        let base: url::Url = sandbox.base(network).parse().expect("an address");
        let settings = connectors::Settings {
            client_id: sandbox::CLIENT_ID.into(),
            client_secret: sandbox::CLIENT_SECRET.into(),
            auth_base: Some(base.clone()),
            token_base: Some(base.clone()),
            analytics_base: Some(base.clone()),
            api_base: Some(base),
            webhook_secret: "sandbox-webhook-secret".into(),
            webhook_url: format!("{}hooks/{network}", config.public_url).parse().ok(),
            reviewed: true,
            sandbox: true,
            ..connectors::Settings::default()
        };
        config.networks.insert(network.into(), settings);
    }
    sandbox
}

/// Our own program as `hibiki serve` runs it: a process of its own, that can be killed.
pub struct Program {
    child: Child,
    /// Where it serves.
    pub url: String,
}

impl Program {
    /// Serves what these settings name, at a port of its own, and waits until it is ready.
    pub async fn serve(config: &Config) -> Self {
        Self::serving(config, &[], Stdio::inherit()).await
    }

    /// As [`Program::serve`], and writes its whole log, as JSON, to a file. Leaves the queued work to others.
    pub async fn serve_and_log(config: &Config, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a log");
        Self::serving(config, &[("RUST_LOG", "info"), ("HIBIKI_LOG_FORMAT", "json"), ("HIBIKI_WORK", "false")], log.into()).await
    }

    async fn serving(config: &Config, more: &[(&str, &str)], log: Stdio) -> Self {
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let url = format!("http://{listen}");
        let child = command(config, &["serve"])
            .env("HIBIKI_LISTEN", listen.to_string())
            .envs(more.iter().copied())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let (client, ready) = (reqwest::Client::builder().build().expect("a client"), format!("{url}/readyz"));
        until("the program", async || client.get(&ready).send().await.ok().filter(|r| r.status() == 200)).await;
        Self { child, url }
    }

    /// As [`Program::serve`], and leaves the queued work to others.
    pub async fn serve_only(config: &Config) -> Self {
        Self::serving(config, &[("HIBIKI_WORK", "false"), ("HIBIKI_GRAPHQL__RECHECK_SECONDS", "1")], Stdio::inherit()).await
    }

    /// Only does the queued work.
    pub fn work(config: &Config) -> Self {
        Self { child: command(config, &["work"]).spawn().expect("the program starts"), url: String::new() }
    }

    /// The same with networks of the sandbox, which takes saying that all of it is for show.
    pub fn work_at_sandbox(config: &Config) -> Self {
        let mut command = command(config, &["work"]);
        command.env("HIBIKI_DEMO", "true");
        for (id, network) in &config.networks {
            let mut set = |name: &str, value: &str| {
                command.env(format!("HIBIKI_NETWORKS__{}__{name}", id.to_uppercase()), value);
            };
            set("CLIENT_ID", sandbox::CLIENT_ID);
            set("CLIENT_SECRET", sandbox::CLIENT_SECRET);
            set("SANDBOX", "true");
            set("REVIEWED", "true");
            let bases = [
                ("AUTH_BASE", &network.auth_base),
                ("TOKEN_BASE", &network.token_base),
                ("ANALYTICS_BASE", &network.analytics_base),
                ("API_BASE", &network.api_base),
            ];
            for (name, base) in bases {
                base.iter().for_each(|base| set(name, base.as_str()));
            }
        }
        Self { child: command.spawn().expect("the program starts"), url: String::new() }
    }

    /// Asks it to end, as an operator or a container does.
    pub fn terminate(&self) {
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status().expect("sh");
        assert!(asked.success());
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().expect("a status")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// Our own program as an operator runs it, to its end: what it printed, if it went well.
pub fn run(config: &Config, args: &[&str]) -> String {
    let output = command(config, args).output().expect("the program starts");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{args:?}: {}", said(&output.stderr));
    said(&output.stdout)
}

fn command(config: &Config, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(args)
        .current_dir(&config.data_dir)
        // The switches of the test run are no settings of the program.
        .env_clear()
        .env("HIBIKI_PUBLIC_URL", config.public_url.as_str())
        .env("HIBIKI_DATABASE_URL", &config.database_url)
        .env("HIBIKI_DATA_DIR", &config.data_dir)
        .env("HIBIKI_MAIL__TRANSPORT", &config.mail.transport)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null());
    command
}

/// A public data set that is not ours to ship: below `HIBIKI_SHARED`, by default `../shared`. Said and passed where it is not there, unless
/// `HIBIKI_SHARED_REQUIRED` is set.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = root().join(setting("HIBIKI_SHARED").unwrap_or_else(|| "../shared".into())).join(path);
    if !found.exists() {
        assert!(setting("HIBIKI_SHARED_REQUIRED").is_none(), "missing: {}", found.display());
        eprintln!("skipped: {} is not there (HIBIKI_SHARED)", found.display());
        return None;
    }
    Some(found)
}

/// The program as it stands, built by whoever asks first.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let build = ["build", "--quiet", "--locked", "--package", "hibiki", "--message-format", "json-render-diagnostics"];
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo tells a test of its own package would make other packages look changed.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
        let output = cargo.args(build).current_dir(root()).stderr(Stdio::inherit()).output().expect("cargo");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let built = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let path = built.filter_map(|m| m["executable"].as_str().map(PathBuf::from)).next_back();
        path.expect("the program builds")
    })
}
