//! What to send to the Graph API. Pure.

use reqwest::Method;
use url::Url;

use super::appsecret_proof;
use crate::{
    connector::{AuthCallback, AuthStart},
    error::Result,
    http::Request,
    network::Network,
    oauth,
    secret::Secret,
    settings::below,
};

/// Where the Graph API is and who we are there.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Where people consent.
    pub auth_base: Url,
    /// Where we call.
    pub api_base: Url,
    /// Such as `v26.0`.
    pub version: String,
    /// Our app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// A configuration of Facebook Login for Business.
    pub config_id: Option<String>,
}

/// What `/me/accounts` is asked for. Page tokens are not: nothing of ours needs them yet.
pub const PAGE_FIELDS: &str = "id,name,instagram_business_account{id,username,name,profile_picture_url}";

/// What an account is asked for.
pub const PROFILE_FIELDS: &str = "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count";

/// How many Pages an answer may hold.
const LIMIT: &str = "100";

impl Graph {
    /// The consent page. A configuration names its scopes itself.
    pub fn authorize_url(&self, start: &AuthStart, scopes: &[String]) -> Result<Url> {
        let authorize = below(&self.auth_base, &[&self.version, "dialog", "oauth"]);
        // Meta separates scopes by commas.
        let joined = scopes.join(",");
        // `rerequest` asks again for what was unticked before, or a relink could never mend a missing scope.
        let extra: Vec<(&str, &str)> = match &self.config_id {
            Some(id) => vec![("config_id", id), ("auth_type", "rerequest")],
            None => vec![("scope", &joined), ("auth_type", "rerequest")],
        };
        let start = AuthStart { verifier: None, ..start.clone() };
        oauth::authorize_url(&authorize, &self.client_id, &start, &[], &extra)
    }

    /// A code for a short-lived token. Meta wants a GET with the secret in the query.
    pub fn code(&self, callback: &AuthCallback) -> Request {
        self.token("oauth/access_token", &[("redirect_uri", callback.redirect_uri.as_str()), ("code", callback.code.expose())])
    }

    /// A short-lived token for one of about 60 days.
    pub fn long_lived(&self, short: &Secret) -> Request {
        self.token("oauth/access_token (long-lived)", &[("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.expose())])
    }

    /// Which scopes were granted.
    pub fn permissions(&self, token: &Secret) -> Request {
        self.call("me/permissions", Method::GET, &["me", "permissions"], token, &[])
    }

    /// Whose grant it is.
    pub fn me(&self, token: &Secret) -> Request {
        self.call("me", Method::GET, &["me"], token, &[("fields", "id")])
    }

    /// Takes the whole grant back.
    pub fn revoke(&self, token: &Secret) -> Request {
        self.call("me/permissions (delete)", Method::DELETE, &["me", "permissions"], token, &[])
    }

    /// The person's Pages with their Instagram accounts.
    pub fn accounts(&self, token: &Secret, after: Option<&str>) -> Request {
        let mut query = vec![("fields", PAGE_FIELDS), ("limit", LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor)));
        self.call("me/accounts", Method::GET, &["me", "accounts"], token, &query)
    }

    /// An account's profile; `None` if the id is none, so that nothing strange gets into a path.
    pub fn profile(&self, token: &Secret, id: &str) -> Option<Request> {
        let good = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        good.then(|| self.call("profile", Method::GET, &[id], token, &[("fields", PROFILE_FIELDS)]))
    }

    /// Whether an address out of an answer leads to the host that we call.
    pub fn is_ours(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.api_base.origin())
    }

    fn token(&self, endpoint: &'static str, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.api_base, &[&self.version, "oauth", "access_token"]);
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose())
            .extend_pairs(query);
        Request::new(Network::Instagram, endpoint, Method::GET, url)
    }

    fn call(&self, endpoint: &'static str, method: Method, path: &[&str], token: &Secret, query: &[(&str, &str)]) -> Request {
        let mut url = below(&below(&self.api_base, &[&self.version]), path);
        url.query_pairs_mut().extend_pairs(query).append_pair("appsecret_proof", &appsecret_proof(token, &self.client_secret));
        Request::new(Network::Instagram, endpoint, method, url).bearer(token.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        Graph {
            auth_base: Url::parse("https://www.facebook.com").unwrap(),
            api_base: Url::parse("https://graph.facebook.com").unwrap(),
            version: "v26.0".into(),
            client_id: "123".into(),
            client_secret: "Jefe".into(),
            config_id: None,
        }
    }

    fn start() -> AuthStart {
        AuthStart { redirect_uri: Url::parse("https://h.example/cb?x=1").unwrap(), state: "st".into(), verifier: Some("v".into()) }
    }

    #[test]
    fn the_consent_page() {
        let url = graph().authorize_url(&start(), &["instagram_basic".into(), "pages_show_list".into()]).unwrap();
        assert!(
            url.as_str().starts_with("https://www.facebook.com/v26.0/dialog/oauth?response_type=code&client_id=123&state=st&"),
            "{url}"
        );
        assert!(url.as_str().contains("redirect_uri=https%3A%2F%2Fh.example%2Fcb%3Fx%3D1"), "{url}");
        assert!(url.as_str().contains("scope=instagram_basic%2Cpages_show_list"), "{url}");
        assert!(!url.as_str().contains("code_challenge"), "{url}");
        let configured = Graph { config_id: Some("77".into()), ..graph() };
        let url = configured.authorize_url(&start(), &["instagram_basic".into()]).unwrap();
        assert!(url.as_str().contains("config_id=77") && !url.as_str().contains("scope="), "{url}");
    }

    #[test]
    fn a_token_travels_in_the_header() {
        let request = graph().accounts(&"what do ya want for nothing?".into(), Some("CUR"));
        assert_eq!(request.headers["authorization"], "Bearer what do ya want for nothing?");
        let url = request.url.as_str();
        assert!(url.starts_with("https://graph.facebook.com/v26.0/me/accounts?fields=id%2Cname%2C"), "{url}");
        assert!(url.contains("&after=CUR&appsecret_proof=5bdcc146"), "{url}");
        assert!(!url.contains("want"), "{url}");
    }

    #[test]
    fn ids_are_numbers() {
        for strange in ["", "me", "1/../2", "1?x=2", "１", &"9".repeat(33)] {
            assert!(graph().profile(&"t".into(), strange).is_none(), "{strange}");
        }
        assert!(graph().profile(&"t".into(), "17841400000000001").is_some());
    }

    #[test]
    fn other_hosts_are_not_ours() {
        for foreign in ["https://evil.example/v26.0/me", "http://graph.facebook.com/", "https://graph.facebook.com:8443/", "//x", ""] {
            assert!(!graph().is_ours(foreign), "{foreign}");
        }
        assert!(graph().is_ours("https://graph.facebook.com/v26.0/me/accounts?after=x"));
    }
}
