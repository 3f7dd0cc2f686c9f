//! Every setting: defaults < `hibiki.toml` < environment (`HIBIKI_…`), read once at start.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

/// The settings in force. `hibiki.example.toml` lists and explains each.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where people reach this server; links in mails begin with it.
    pub public_url: url::Url,
    /// The address to listen at.
    pub listen: SocketAddr,
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Connections to the database.
    pub database_connections: u32,
    /// Where SQLite, captured mail and generated keys live.
    pub data_dir: PathBuf,
    /// Keys for what is stored sealed, `id:base64 of 32 bytes`, the current one first. Empty: made and kept in `data_dir`.
    pub keys: Vec<String>,
    /// Whether this process also does the queued work; false when `hibiki work` runs beside it.
    pub work: bool,
    /// A demo world: marked as such on every page, captured mail is shown, GraphiQL is on.
    pub demo: bool,
    /// Requests from these reverse proxies may say whom they forward for.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Seconds that a stopping server waits for requests and the job in hand.
    pub shutdown_seconds: u64,
    /// Chat messages that one person may send in a minute.
    pub messages_per_minute: u32,
    /// Mail.
    pub mail: MailConfig,
    /// Sessions and sign-in.
    pub auth: AuthConfig,
    /// The GraphQL API.
    pub graphql: GraphqlConfig,
    /// Addresses on the operator's own network that webhooks may go to, such as `http://10.0.0.5:9000`; all others must be public.
    pub webhook_origins: Vec<url::Url>,
    /// The networks that creators can link, by id (`instagram`).
    pub networks: BTreeMap<String, connectors::Settings>,
    /// Where large files are kept.
    pub files: FilesConfig,
    /// Reading linked accounts.
    pub sync: SyncConfig,
    /// Logging: `text` or `json`.
    pub log_format: String,
}

/// A bucket for large files, that speaks S3.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilesConfig {
    /// The bucket. Empty: a folder in `data_dir` instead.
    pub bucket: String,
    /// What stands before every name in it.
    pub prefix: String,
    /// The bucket's region; empty = `us-east-1`.
    pub region: String,
    /// The address of a server of one's own; empty = Amazon's.
    pub endpoint: String,
    /// The id of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: connectors::Secret,
}

/// How much is asked of the networks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncConfig {
    /// Accounts that are read at once.
    pub parallel: u32,
    /// YouTube: units of the project's quota.
    pub youtube_units_per_day: u32,
    /// YouTube: searches, which have a bucket of their own.
    pub youtube_searches_per_day: u32,
    /// X: the most that may be spent, in US cents. 0: X is not read.
    pub x_cents_per_month: u32,
    /// TikTok: calls.
    pub tiktok_calls_per_minute: u32,
    /// Twitch: points.
    pub twitch_points_per_minute: u32,
    /// Reddit: calls.
    pub reddit_calls_per_minute: u32,
    /// Pinterest: calls; 1,000 until the app has standard access.
    pub pinterest_calls_per_day: u32,
    /// Public accounts that all brands together look up.
    pub lookups_per_hour: u32,
    /// Mentions looked up an hour and network because the network told of them; more wait their turn.
    pub mentions_per_hour: u32,
}

/// Mail settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// `smtp://user:password@host:587?tls=required`, `smtps://…`, or `capture` to keep letters in `data_dir/mail`.
    pub transport: String,
    /// The address that letters come from.
    pub from: String,
    /// The name beside it when no brand speaks.
    pub from_name: String,
    /// The domain of return paths (`bounce+…@`); empty: that of `from`.
    pub bounce_domain: String,
    /// The operator's name and postal address, in every mail's footer.
    pub operator: String,
    /// Letters a second.
    pub per_second: u32,
    /// Seconds that the mail server may take for one letter, 1 to 40.
    pub timeout_seconds: u64,
    /// Creators that one organisation may invite by mail in a day.
    pub invitations_per_day: u32,
}

/// Session settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Hours without a request after which a session ends.
    pub idle_hours: i64,
    /// Days after which a session ends whatever happens.
    pub absolute_days: i64,
    /// Minutes for which a password counts as just given (B26).
    pub proven_minutes: i64,
    /// Whether platform admins, and owners where they change members and rights, need a second factor (B22). Everybody may have one.
    pub second_factor_required: bool,
}

/// API settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphqlConfig {
    /// Other origins whose pages may call the API with a bearer token.
    pub origins: Vec<String>,
    /// Whether anonymous callers may ask for the schema. Off: only callers with a token or session.
    pub anonymous_introspection: bool,
    /// Whether GraphiQL is served.
    pub graphiql: bool,
    /// Whether every operation must carry a name.
    pub require_operation_name: bool,
    /// Whether every client must name itself in the header `GraphQL-Client-Name`.
    pub require_client_name: bool,
    /// Manifests of documents that clients may name by their hash.
    pub documents: Vec<PathBuf>,
    /// Whether only those documents are accepted.
    pub only_documents: bool,
    /// The cost that a caller may spend at once.
    pub cost_capacity: u64,
    /// The cost that comes back each second.
    pub cost_per_second: u64,
    /// Seconds that a request may take.
    pub timeout_seconds: u64,
    /// Seconds within which an open socket notices that its session has ended.
    pub recheck_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: url::Url::parse("http://127.0.0.1:8080").unwrap_or_else(|_| unreachable!("a constant address")),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database_url: String::new(),
            database_connections: 16,
            data_dir: PathBuf::from(".hibiki"),
            keys: Vec::new(),
            work: true,
            demo: false,
            trusted_proxies: Vec::new(),
            shutdown_seconds: 20,
            messages_per_minute: 60,
            mail: MailConfig::default(),
            auth: AuthConfig::default(),
            graphql: GraphqlConfig::default(),
            webhook_origins: Vec::new(),
            networks: BTreeMap::new(),
            files: FilesConfig::default(),
            sync: SyncConfig::default(),
            log_format: "text".into(),
        }
    }
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            parallel: 8,
            youtube_units_per_day: 10_000,
            youtube_searches_per_day: 100,
            x_cents_per_month: 20_000,
            tiktok_calls_per_minute: 600,
            twitch_points_per_minute: 800,
            reddit_calls_per_minute: 100,
            pinterest_calls_per_day: 1_000,
            lookups_per_hour: 200,
            mentions_per_hour: 200,
        }
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            transport: "capture".into(),
            from: "hibiki@localhost.localdomain".into(),
            from_name: "Hibiki".into(),
            bounce_domain: String::new(),
            operator: "Hibiki".into(),
            per_second: 50,
            timeout_seconds: 30,
            invitations_per_day: 2_000,
        }
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self { idle_hours: 24 * 14, absolute_days: 90, proven_minutes: 15, second_factor_required: true }
    }
}

impl Default for GraphqlConfig {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            anonymous_introspection: false,
            graphiql: false,
            require_operation_name: false,
            require_client_name: false,
            documents: Vec::new(),
            only_documents: false,
            cost_capacity: 20_000,
            cost_per_second: 500,
            timeout_seconds: 15,
            recheck_seconds: 30,
        }
    }
}

impl Config {
    /// Reads the file (if there) and the environment: `HIBIKI_MAIL__FROM` sets `mail.from`.
    pub fn load(file: Option<&std::path::Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        figment = match file {
            Some(path) => figment.merge(Toml::file_exact(path)),
            None => figment.merge(Toml::file("hibiki.toml")),
        };
        // HIBIKI_SHARED and HIBIKI_TEST_… are for the tests.
        let env = Env::prefixed("HIBIKI_").filter(|key| !key.starts_with("shared") && !key.starts_with("test")).split("__");
        let mut config: Self = figment.merge(env).extract().map_err(|errors| anyhow::anyhow!("{}", told(errors)))?;
        if config.database_url.is_empty() {
            config.database_url = format!("sqlite://{}?mode=rwc", config.data_dir.join("hibiki.db").display());
        }
        config.check()?;
        Ok(config)
    }

    /// Refuses settings that are unsafe together.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.public_url.scheme() != "https" && !self.on_loopback() {
            anyhow::bail!("public_url must be https (plain http only on loopback): {}", self.public_url);
        }
        // A batch of letters must be through before another worker may take it up.
        if !(1..=40).contains(&self.mail.timeout_seconds) {
            anyhow::bail!("mail.timeout_seconds must be 1 to 40, not {}", self.mail.timeout_seconds);
        }
        if !self.demo && self.networks.values().any(|n| n.sandbox) {
            anyhow::bail!("a network's base address is the sandbox's: only `hibiki demo` may use it");
        }
        Ok(())
    }

    /// Every setting by its name, for admins to read. Keys, passwords and secrets are not in it.
    pub fn in_force(&self) -> Vec<(String, String)> {
        fn walk(name: String, value: serde_json::Value, out: &mut Vec<(String, String)>) {
            let text = match value {
                serde_json::Value::Object(fields) => {
                    for (key, value) in fields {
                        walk(if name.is_empty() { key } else { format!("{name}.{key}") }, value, out);
                    }
                    return;
                }
                serde_json::Value::Array(items) if name == "keys" => items.len().to_string(),
                serde_json::Value::Array(items) => {
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
                }
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => without_password(&text),
                other => other.to_string(),
            };
            out.push((name, text));
        }
        let mut out = Vec::new();
        walk(String::new(), serde_json::to_value(self).unwrap_or_default(), &mut out);
        out
    }

    /// Whether people reach this server by https.
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    fn on_loopback(&self) -> bool {
        match self.public_url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    /// `https://host[:port]` as browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }
}

/// What is wrong with the settings, a line each: which one, where it stands, and what was expected.
fn told(errors: figment::Error) -> String {
    use figment::error::Kind;
    let line = |error: figment::Error| {
        let place = error.metadata.as_ref().map(|found| match &found.source {
            Some(source) => format!("{} ({source})", found.name),
            None => found.name.to_string(),
        });
        let what = match &error.kind {
            Kind::UnknownField(field, known) => {
                let above: String = error.path.iter().filter(|part| *part != field).map(|part| format!("{part}.")).collect();
                let name = |last: &str| format!("{above}{last}");
                let near = known
                    .iter()
                    .min_by_key(|known| strsim::levenshtein(known, field))
                    .filter(|known| strsim::levenshtein(known, field) <= 3);
                let meant = near.map(|near| format!("; is it `{}`?", name(near))).unwrap_or_default();
                format!("there is no setting `{}`{meant}", name(field))
            }
            kind => format!("`{}`: {kind}", error.path.join(".")),
        };
        match place {
            Some(place) => format!("{what}, in {place}"),
            None => what,
        }
    };
    let lines: Vec<String> = errors.into_iter().map(line).collect();
    format!("{}. hibiki.example.toml names every setting.", lines.join("\n"))
}

/// An address as it may be shown.
fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => match url.set_password(Some("(hidden)")) {
            Ok(()) => url.to_string(),
            Err(()) => "…".to_owned(),
        },
        // Not an address that we can read: what stands before an @ could be one's credentials.
        Err(_) if text.contains("://") && text.contains('@') => "…".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_tells_no_secret() {
        let mut config =
            Config { database_url: "postgres://hibiki:hunter2@db/hibiki".into(), keys: vec!["a:hunter2".into()], ..Config::default() };
        config.mail.transport = "smtp://me:hunter2@mail.example:587?tls=required".into();
        let network = connectors::Settings { client_id: "1".into(), client_secret: "hunter2".into(), ..Default::default() };
        config.networks.insert("instagram".into(), network);
        let told = config.in_force();
        assert!(told.iter().all(|(_, value)| !value.contains("hunter2")), "{told:?}");
        let transport = told.iter().find(|(name, _)| name.ends_with("transport")).map(|(_, value)| value.as_str());
        assert_eq!(transport, Some("smtp://me:(hidden)@mail.example:587?tls=required"));
        assert_eq!(without_password("smtp://me:p@ss@[bad"), "…");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let wrong = |toml: &str| {
            let figment = Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(toml));
            told(figment.extract::<Config>().unwrap_err())
        };
        assert!(wrong("lissten = '127.0.0.1:1'").contains("there is no setting `lissten`; is it `listen`?"), "{}", wrong("lissten = 1"));
        assert!(wrong("[mail]\nsmtp = 'x'").contains("there is no setting `mail.smtp`"), "{}", wrong("[mail]\nsmtp = 'x'"));
        assert!(wrong("[mail]\ntimeout_seconds = 'soon'").contains("`mail.timeout_seconds`"));
        assert!(wrong("public_url = 'nowhere'").contains("`public_url`"));
    }

    /// The example file with its comments taken away.
    fn example() -> Figment {
        let text: String = include_str!("../../hibiki.example.toml")
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') => setting,
                _ => line,
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        Figment::from(Toml::string(&text))
    }

    fn keys(value: &figment::value::Value, path: &str, out: &mut Vec<String>) {
        match value.as_dict() {
            // Networks are named by whoever runs the installation.
            Some(dict) if path != "networks" => {
                dict.iter().for_each(|(key, value)| keys(value, format!("{path}.{key}").trim_start_matches('.'), out))
            }
            _ => out.push(path.to_owned()),
        }
    }

    #[test]
    fn the_example_names_every_setting_with_its_default() {
        let mut in_example = Vec::new();
        let mut in_code = Vec::new();
        for (figment, out) in [(example(), &mut in_example), (Figment::from(Serialized::defaults(Config::default())), &mut in_code)] {
            keys(&figment.find_value("").unwrap_or_else(|_| figment.extract().unwrap()), "", out);
        }
        in_example.sort();
        in_code.sort();
        assert_eq!(in_example, in_code);
        let mut written: Config = example().extract().unwrap();
        assert!(written.networks.remove("instagram").is_some());
        assert_eq!(serde_json::to_value(written).unwrap(), serde_json::to_value(Config::default()).unwrap());
    }
}
