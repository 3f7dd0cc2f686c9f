//! LinkedIn: link and profile by OpenID, which is all that is open to everybody. The count of followers takes a restricted product.
//!
//! OpenID tells neither the name in the profile's address nor anything published.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AccountType, AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts,
        TokenSet,
    },
    error::{ErrorKind, Result},
    flow::Flow,
    http::{Request, Response, Transport},
    limits::Limit,
    metric::Metric,
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    settings::{Settings, SettingsError, below},
    wire::{Refusal, Unreadable, counter, id, list, number, object, text, web},
};

const NETWORK: Network = Network::Linkedin;
const PROFILE: &str = "profile";
const SCOPES: [&str; 2] = ["openid", PROFILE];
/// Of a product that LinkedIn grants to few.
const FOLLOWERS: &str = "r_member_profileAnalytics";

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Profile, PROFILE),
    Offer::with(Capability::Followers, FOLLOWERS).after_review(),
]);

const MANNERS: Manners = Manners { refusal, limits };

/// The connector.
pub struct Linkedin {
    client: Client,
    flow: Flow,
    authorize: Url,
    base: Url,
    /// Such as `202610`; LinkedIn ends each after about a year.
    version: Option<String>,
}

impl Linkedin {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        if settings.version.as_ref().is_some_and(|version| version.len() != 6 || !version.bytes().all(|b| b.is_ascii_digit())) {
            return Err(SettingsError::Missing { network: NETWORK, field: "version" });
        }
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.linkedin.com")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://www.linkedin.com")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://api.linkedin.com")?;
        let flow = Flow {
            token: below(&token, &["oauth", "v2", "accessToken"]),
            revoke: None,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Body,
            id_field: "client_id",
            extra: &[],
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, authorize: below(&auth, &["oauth", "v2", "authorization"]), base, version: settings.version })
    }

    fn get(&self, endpoint: &'static str, path: &[&str], tokens: &TokenSet, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.base, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request::new(NETWORK, endpoint, Method::GET, url).bearer(tokens.access.expose())
    }

    async fn person(&self, tokens: &TokenSet) -> Result<Profile> {
        let now = self.client.now();
        let mut profile = self.client.read(self.get("userinfo", &["v2", "userinfo"], tokens, &[]), |body| person(body, now)).await?;
        if let (true, Some(version)) = (tokens.granted(FOLLOWERS), &self.version) {
            let request = self
                .get("memberFollowersCount", &["rest", "memberFollowersCount"], tokens, &[("q", "me")])
                .with("linkedin-version", version)
                .with("x-restli-protocol-version", "2.0.0");
            profile.followers = self.client.read(request, followers).await?;
        }
        Ok(profile)
    }
}

/// A person by OpenID.
fn person(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let external_id = id(&raw, "sub").ok_or_else(|| Unreadable::without("sub"))?;
    Ok(Profile {
        network: NETWORK,
        // The name in the address is not told.
        handle: external_id.clone(),
        external_id,
        display_name: text(&raw, "name").unwrap_or_default(),
        biography: String::new(),
        website: None,
        picture_url: web(&raw, "picture"),
        account_type: AccountType::Personal,
        followers: Metric::NotGranted,
        following: Metric::NotOffered,
        posts: Metric::NotOffered,
        endpoint: "linkedin /v2/userinfo".into(),
        fetched_at: now,
    })
}

fn followers(body: &[u8]) -> Result<Metric, Unreadable> {
    let raw = object(body)?;
    Ok(list(&raw, "elements")?.first().map_or(Metric::NotReady, |row| counter(row, "memberFollowersCount", Metric::NotReady)))
}

/// LinkedIn does not publish its limits.
fn limits(_: &'static str, _: &Response, _: DateTime<Utc>) -> Vec<Limit> {
    Vec::new()
}

fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(message) = text(&body, "message") else { return Refusal::of_status(answer, now) };
    let code = body.get("serviceErrorCode").and_then(number).unwrap_or(0);
    let kind = match (answer.status, text(&body, "code").unwrap_or_default().as_str()) {
        (401, "REVOKED_ACCESS_TOKEN") => ErrorKind::Revoked,
        (401, _) => ErrorKind::TokenExpired,
        (403, _) => ErrorKind::ScopeMissing { scope: String::new() },
        (404, _) => ErrorKind::NotFound,
        // The version in the header is over.
        (410 | 426, _) => ErrorKind::Contract,
        (429, _) => ErrorKind::QuotaExhausted,
        (500.., _) => ErrorKind::Transient,
        (400..500, _) => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    // Days begin at midnight UTC there.
    let tomorrow = now.date_naive().succ_opt().map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    let retry_at = if kind == ErrorKind::QuotaExhausted { tomorrow } else { None };
    Some(Refusal::new(kind, format!("status {} code {code}: {message}", answer.status)).until(retry_at))
}

#[async_trait]
impl Connector for Linkedin {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        Flavour::Oauth2
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn uses_pkce(&self) -> bool {
        false
    }

    fn authorize_origin(&self) -> String {
        self.authorize.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        let start = AuthStart { verifier: None, ..start.clone() };
        oauth::authorize_url(&self.authorize, &self.flow.client_id, &start, &self.client.scopes, &[])
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.flow.exchange(&self.client, &callback).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.flow.refresh(&self.client, tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let Profile { external_id, display_name, picture_url, .. } = self.person(tokens).await?;
        let account = RemoteAccount { external_id, handle: None, display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let profile = self.person(tokens).await?;
        if profile.external_id != external_id {
            return Err(self.client.error("userinfo", ErrorKind::NotFound).detail("the grant is another person's"));
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERSON: &str = r#"{"sub":"782bbtaQ","name":"Ada","given_name":"Ada","picture":"https://media.example/a.jpg","locale":"en-US"}"#;
    const COUNT: &str = r#"{"elements":[{"memberFollowersCount":1240}]}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = person(PERSON.as_bytes(), at()).unwrap();
        assert_eq!((ada.external_id.as_str(), ada.followers), ("782bbtaQ", Metric::NotGranted));
        assert_eq!(followers(COUNT.as_bytes()).unwrap(), Metric::Value(1_240));
        let kind = |status: u16, code: &str| {
            refusal(&Response::of(status, &[], format!(r#"{{"code":"{code}","message":"m","status":{status}}}"#)), at()).unwrap()
        };
        assert_eq!(kind(401, "REVOKED_ACCESS_TOKEN").kind, ErrorKind::Revoked);
        assert_eq!(kind(401, "EXPIRED_ACCESS_TOKEN").kind, ErrorKind::TokenExpired);
        let limited = kind(429, "");
        assert_eq!(
            (limited.kind, limited.retry_at.unwrap().to_rfc3339().as_str()),
            (ErrorKind::QuotaExhausted, "2026-11-03T00:00:00+00:00")
        );
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PERSON, COUNT])) {
            let _ = (person(&body, at()), followers(&body), refusal(&Response::of(403, &[], body), at()));
        }
    }
}
