//! Reddit: link and profile. The rest of its API takes a contract for commercial use, and is not asked.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AccountType, AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts,
        TokenSet,
    },
    error::{ErrorKind, LimitScope, Result},
    flow::Flow,
    http::{Request, Response, Transport},
    limits::Limit,
    metric::Metric,
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    settings::{Settings, SettingsError, below},
    wire::{Refusal, Unreadable, counter, id, object, text, web_address},
};

const NETWORK: Network = Network::Reddit;
const IDENTITY: &str = "identity";
const SCOPES: [&str; 1] = [IDENTITY];

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, IDENTITY),
    Offer::with(Capability::Followers, IDENTITY),
]);

const MANNERS: Manners = Manners { refusal, limits };

/// The connector.
pub struct Reddit {
    client: Client,
    flow: Flow,
    authorize: Url,
    base: Url,
}

impl Reddit {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.reddit.com")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://www.reddit.com")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://oauth.reddit.com")?;
        let flow = Flow {
            token: below(&token, &["api", "v1", "access_token"]),
            revoke: Some(below(&token, &["api", "v1", "revoke_token"])),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Basic,
            id_field: "client_id",
            extra: &[],
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, authorize: below(&auth, &["api", "v1", "authorize"]), base })
    }

    async fn me(&self, tokens: &TokenSet) -> Result<Profile> {
        let now = self.client.now();
        let request = Request::new(NETWORK, "me", Method::GET, below(&self.base, &["api", "v1", "me"])).bearer(tokens.access.expose());
        self.client.read(request, |body| me(body, now)).await
    }
}

/// The grant's own account. Who follows it subscribes to the profile's own board.
fn me(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let board = raw.get("subreddit").filter(|board| board.is_object()).cloned().unwrap_or_default();
    Ok(Profile {
        network: NETWORK,
        external_id: id(&raw, "id").ok_or_else(|| Unreadable::without("id"))?,
        handle: text(&raw, "name").ok_or_else(|| Unreadable::without("name"))?,
        display_name: text(&board, "title").unwrap_or_default(),
        biography: text(&board, "public_description").unwrap_or_default(),
        website: None,
        // Reddit writes `&amp;` into addresses.
        picture_url: text(&raw, "icon_img").and_then(|url| web_address(&url.replace("&amp;", "&"))),
        account_type: AccountType::Unknown,
        followers: counter(&board, "subscribers", Metric::NotReady),
        following: Metric::NotOffered,
        posts: Metric::NotOffered,
        endpoint: "reddit /api/v1/me".into(),
        fetched_at: now,
    })
}

/// Calls of our app in ten minutes, as decimals; the reset in seconds.
fn limits(_: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| {
        let value = answer.header(name)?.trim().parse::<f64>().ok();
        value.filter(|value| (0.0..1e9).contains(value)).map(|value| value as u64)
    };
    let (Some(used), Some(remaining)) = (header("x-ratelimit-used"), header("x-ratelimit-remaining")) else { return Vec::new() };
    let reset = header("x-ratelimit-reset").and_then(|seconds| i64::try_from(seconds).ok()).map(|seconds| now + Duration::seconds(seconds));
    vec![Limit::counted(LimitScope::App, "", used + remaining, remaining, reset, now)]
}

fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(message) = text(&body, "message") else { return Refusal::of_status(answer, now) };
    let kind = match answer.status {
        401 => ErrorKind::TokenExpired,
        403 => ErrorKind::ScopeMissing { scope: String::new() },
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited { scope: LimitScope::App },
        500.. => ErrorKind::Transient,
        400..500 => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    Some(Refusal::new(kind, format!("status {}: {message}", answer.status)))
}

#[async_trait]
impl Connector for Reddit {
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
        // Without it there is no refresh token.
        oauth::authorize_url(&self.authorize, &self.flow.client_id, &start, &self.client.scopes, &[("duration", "permanent")])
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.flow.exchange(&self.client, &callback).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.flow.refresh(&self.client, tokens).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.flow.revoke(&self.client, tokens.refresh.as_ref().unwrap_or(&tokens.access)).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let Profile { external_id, handle, display_name, picture_url, .. } = self.me(tokens).await?;
        let display_name = if display_name.is_empty() { handle.clone() } else { display_name };
        let account = RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let profile = self.me(tokens).await?;
        if profile.external_id != external_id {
            return Err(self.client.error("me", ErrorKind::NotFound).detail("the grant is another person's"));
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ME: &str = r#"{"id":"1w72","name":"ada_bakes","icon_img":"https://styles.example/a.png?width=256&amp;s=x","total_karma":4210,"subreddit":{"title":"Ada","public_description":"Bread","subscribers":82}}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = me(ME.as_bytes(), at()).unwrap();
        assert_eq!((ada.handle.as_str(), ada.followers), ("ada_bakes", Metric::Value(82)));
        assert_eq!(ada.picture_url.unwrap().query(), Some("width=256&s=x"));
        let limited = Response::of(
            429,
            &[("x-ratelimit-used", "1000"), ("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "240")],
            r#"{"message":"Too Many Requests","error":429}"#,
        );
        assert_eq!(limits("", &limited, at())[0].blocked_until(at()), Some(at() + Duration::minutes(4)));
        assert_eq!(refusal(&limited, at()).unwrap().kind, ErrorKind::RateLimited { scope: LimitScope::App });
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[ME])) {
            let _ = (me(&body, at()), refusal(&Response::of(403, &[], body), at()));
        }

        #[test]
        fn no_header_breaks_the_limits(used in "[-0-9.eE]{0,12}", reset in "[-0-9.eE]{0,12}") {
            let _ = limits("", &Response::of(200, &[("x-ratelimit-used", &used), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", &reset)], ""), at());
        }
    }
}
