//! Where a network lives and who we are there. Everything is a setting, since addresses and versions change.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{connector::Flavour, network::Network, secret::Secret};

/// The settings of one network. Only the client id and its secret must be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The app's id at the network. Empty: the network is not offered.
    #[serde(deserialize_with = "crate::secret::text_or_number")]
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
    /// Where people are sent to consent. Default: the network's own (Instagram: `https://www.facebook.com`).
    pub auth_base: Option<Url>,
    /// Where the server calls. Default: the network's own (Instagram: `https://graph.facebook.com`).
    pub api_base: Option<Url>,
    /// Where codes become tokens, where that is neither of the other two. Default: the network's own.
    pub token_base: Option<Url>,
    /// Where figures are asked, where that is another host (YouTube Analytics). Default: the network's own.
    pub analytics_base: Option<Url>,
    /// Version of the API in its paths. Default: the one that this release was written for (Instagram: `v26.0`).
    pub version: Option<String>,
    /// Facebook Login for Business: the id of a configuration, which then names the scopes.
    pub config_id: Option<String>,
    /// Scopes to ask for instead of the default ones.
    pub scopes: Option<Vec<String>>,
    /// Which of the network's logins, where it has several. Default: the first of them (Instagram: `facebook_login`).
    pub flavour: Option<Flavour>,
    /// X: the words its API takes and gives while it renames them.
    pub dialect: Dialect,
    /// A key for public reads without a login (YouTube).
    pub api_key: Secret,
    /// What proves a webhook to be the network's, where that is not the app's secret: Meta's verify token, X's consumer secret,
    /// the secret of Twitch's subscriptions. Empty: webhooks are refused.
    pub webhook_secret: Secret,
    /// Where the network shall send webhooks, for those that are told by call (Twitch).
    pub webhook_url: Option<Url>,
    /// The network has reviewed the app, so that what needs a review may be asked for.
    pub reviewed: bool,
    /// The addresses are the sandbox's: plain http to loopback, and nothing but loopback.
    pub sandbox: bool,
}

/// X's words: `tweet` until the renaming of August 2026, `post` after it. Answers are read in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `tweet.fields`, as the prose documentation has it.
    #[default]
    Tweet,
    /// `post.fields`, as the specification has it since 2.167.
    Post,
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The name is none of ours.
    #[error("no network is called `{0}`")]
    UnknownNetwork(String),
    /// The network is known, but there is no connector for it.
    #[error("{0} cannot be linked in this release")]
    NoConnector(Network),
    /// A base address is not one that we may call.
    #[error("{network}.{field}: {reason}")]
    Address {
        /// Of which network.
        network: Network,
        /// Which setting.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A value that has to be there is not.
    #[error("{network}.{field} is missing or not usable")]
    Missing {
        /// Of which network.
        network: Network,
        /// Which setting.
        field: &'static str,
    },
    /// The HTTP client could not be made.
    #[error("HTTP client: {0}")]
    Client(String),
}

/// Checks an address out of the settings: https without user, query or fragment, or with `sandbox` loopback alone.
pub(crate) fn checked_base(network: Network, field: &'static str, url: &Url, sandbox: bool) -> Result<(), SettingsError> {
    let refuse = |reason| Err(SettingsError::Address { network, field, reason });
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return refuse("must have no user, query or fragment");
    }
    match (sandbox, url.scheme()) {
        (true, "http" | "https") if is_loopback(url) => Ok(()),
        (true, _) => refuse("with `sandbox` it must be on loopback"),
        (false, "https") => Ok(()),
        (false, _) => refuse("must be https (plain http only to loopback, with `sandbox`)"),
    }
}

impl Settings {
    /// What every login takes.
    pub(crate) fn required(&self, network: Network) -> Result<(), SettingsError> {
        for (field, empty) in [("client_id", self.client_id.is_empty()), ("client_secret", self.client_secret.is_empty())] {
            if empty {
                return Err(SettingsError::Missing { network, field });
            }
        }
        Ok(())
    }

    /// A base address: the one given or else the network's own, checked.
    pub(crate) fn base(&self, network: Network, field: &'static str, given: &Option<Url>, own: &str) -> Result<Url, SettingsError> {
        let url = match given {
            Some(url) => url.clone(),
            None => Url::parse(own).map_err(|_| SettingsError::Missing { network, field })?,
        };
        checked_base(network, field, &url, self.sandbox)?;
        Ok(url)
    }

    /// The API's version, such as `v26.0`.
    pub(crate) fn version(&self, network: Network, own: &str) -> Result<String, SettingsError> {
        let version = self.version.as_deref().unwrap_or(own);
        let number = version.strip_prefix('v').unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(SettingsError::Missing { network, field: "version" });
        }
        Ok(version.to_owned())
    }
}

/// Whether the address names this machine itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `base` with more path behind it, whether or not it ends in a slash.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str, sandbox: bool) -> Result<(), SettingsError> {
        checked_base(Network::Instagram, "api_base", &Url::parse(url).unwrap(), sandbox)
    }

    #[test]
    fn plain_http_is_for_the_sandbox_alone() {
        assert!(base("https://graph.facebook.com", false).is_ok());
        assert!(base("http://graph.facebook.com", false).is_err());
        assert!(base("http://127.0.0.1:9", false).is_err());
        assert!(base("http://127.0.0.1:9/facebook", true).is_ok());
        assert!(base("http://[::1]:9", true).is_ok());
        assert!(base("https://graph.facebook.com", true).is_err(), "a demo never calls the real network");
        assert!(base("http://10.0.0.1", true).is_err());
        assert!(base("https://user@graph.facebook.com", false).is_err());
        assert!(base("https://graph.facebook.com/?x=1", false).is_err());
        assert!(base("ftp://localhost/", true).is_err());
    }

    #[test]
    fn only_the_client_is_needed() {
        let settings: Settings = serde_json::from_str(r#"{"client_id": 1234567890123456, "client_secret": "s"}"#).unwrap();
        assert_eq!(settings.client_id, "1234567890123456");
        assert!(!format!("{settings:?}").contains("\"s\""));
        assert!(serde_json::from_str::<Settings>(r#"{"clientid": "x"}"#).is_err(), "a typing error is told");
    }

    #[test]
    fn paths_are_joined_with_or_without_slash() {
        for base in ["http://localhost:1/facebook", "http://localhost:1/facebook/"] {
            let base = Url::parse(base).unwrap();
            assert_eq!(below(&base, &["v26.0", "me"]).as_str(), "http://localhost:1/facebook/v26.0/me");
        }
        assert_eq!(below(&Url::parse("https://h").unwrap(), &["a/../b"]).as_str(), "https://h/a%2F..%2Fb");
    }
}
