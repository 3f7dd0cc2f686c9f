//! What is sent to the Graph API, whichever of Meta's networks is asked. Pure.

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
    /// Which network.
    pub network: Network,
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
    /// Whether calls carry the proof that we hold the secret; documented for graph.facebook.com alone.
    pub proof: bool,
}

/// Numbers, or for a Facebook post the Page's number, `_` and the post's.
pub fn is_id(id: &str) -> bool {
    let number = |part: &str| (1..=32).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match id.split_once('_') {
        Some((page, post)) => number(page) && number(post),
        None => number(id),
    }
}

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

    /// The person's Pages.
    pub fn accounts(&self, token: &Secret, fields: &str, after: Option<&str>) -> Request {
        let mut query = vec![("fields", fields), ("limit", LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor)));
        self.call("me/accounts", Method::GET, &["me", "accounts"], token, &query)
    }

    /// A node by its id, or one of its edges; `None` if the id is none, so that nothing strange gets into a path.
    pub fn node(
        &self,
        endpoint: &'static str,
        method: Method,
        id: &str,
        edge: Option<&str>,
        token: &Secret,
        query: &[(&str, &str)],
    ) -> Option<Request> {
        let path: Vec<&str> = [id].into_iter().chain(edge).collect();
        is_id(id).then(|| self.call(endpoint, method, &path, token, query))
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
        Request::new(self.network, endpoint, Method::GET, url)
    }

    /// A call with the token in a header and the proof that we hold the secret.
    pub fn call(&self, endpoint: &'static str, method: Method, path: &[&str], token: &Secret, query: &[(&str, &str)]) -> Request {
        let mut url = below(&below(&self.api_base, &[&self.version]), path);
        url.query_pairs_mut().extend_pairs(query);
        if self.proof {
            url.query_pairs_mut().append_pair("appsecret_proof", &appsecret_proof(token, &self.client_secret));
        }
        Request::new(self.network, endpoint, method, url).bearer(token.expose())
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
            network: Network::Instagram,
            proof: true,
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
        let request = graph().accounts(&"what do ya want for nothing?".into(), "id,name", Some("CUR"));
        assert_eq!(request.headers["authorization"], "Bearer what do ya want for nothing?");
        let url = request.url.as_str();
        assert!(url.starts_with("https://graph.facebook.com/v26.0/me/accounts?fields=id%2Cname&"), "{url}");
        assert!(url.contains("&after=CUR&appsecret_proof=5bdcc146"), "{url}");
        assert!(!url.contains("want"), "{url}");
    }

    #[test]
    fn ids_are_numbers() {
        for strange in ["", "me", "1/../2", "1?x=2", "１", &"9".repeat(33), "1_", "1_2_3", "_"] {
            assert!(graph().node("x", Method::GET, strange, None, &"t".into(), &[]).is_none(), "{strange}");
        }
        for good in ["17841400000000001", "1000_2000"] {
            assert!(graph().node("x", Method::GET, good, Some("media"), &"t".into(), &[]).is_some(), "{good}");
        }
    }

    #[test]
    fn other_hosts_are_not_ours() {
        for foreign in ["https://evil.example/v26.0/me", "http://graph.facebook.com/", "https://graph.facebook.com:8443/", "//x", ""] {
            assert!(!graph().is_ours(foreign), "{foreign}");
        }
        assert!(graph().is_ours("https://graph.facebook.com/v26.0/me/accounts?after=x"));
    }

    proptest::proptest! {
        #[test]
        fn no_id_leads_to_another_place(id in "\\PC{0,24}|[0-9_./?#%]{0,12}") {
            if let Some(request) = graph().node("x", Method::GET, &id, Some("insights"), &"t".into(), &[("fields", &id)]) {
                proptest::prop_assert_eq!(request.url.host_str(), Some("graph.facebook.com"));
                let path = format!("/v26.0/{id}/insights");
                proptest::prop_assert_eq!(request.url.path(), path.as_str());
                proptest::prop_assert_eq!(request.url.query_pairs().count(), 2, "the fields and the proof");
            }
        }
    }
}
