//! Pinterest v5: the own account, its pins, and figures of both for ninety days back. No demographics, no comments, no others.
//! `parse` is what came back, this file the walk.

pub mod parse;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AccountType, AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts,
        TokenSet,
    },
    content::{Account, Cursor, Media, MediaRef, Page},
    error::{ErrorKind, Result},
    flow::Flow,
    http::{Request, Transport},
    insights::{MetricSet, Reading, Window},
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    settings::{Settings, SettingsError, below},
};

const NETWORK: Network = Network::Pinterest;
const USER: &str = "user_accounts:read";
const PINS: &str = "pins:read";
const SCOPES: [&str; 3] = [USER, PINS, "boards:read"];

/// How far back figures reach.
const MOST_DAYS: i64 = 90;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Profile, USER),
    Offer::with(Capability::Followers, USER),
    Offer::with(Capability::Media, PINS),
    Offer::with(Capability::Insights, USER),
    Offer::with(Capability::MediaInsights, PINS),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct Pinterest {
    client: Client,
    flow: Flow,
    authorize: Url,
    base: Url,
}

impl Pinterest {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.pinterest.com")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://api.pinterest.com/v5")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://api.pinterest.com/v5")?;
        let flow = Flow {
            token: below(&token, &["oauth", "token"]),
            // Pinterest takes back the tokens of its own systems' users alone.
            revoke: None,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Basic,
            id_field: "client_id",
            // Apps made before 25 September 2025 get a refresh token that lasts only with this.
            extra: &[("continuous_refresh", "true")],
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, authorize: below(&auth, &["oauth", ""]), base })
    }

    fn get(&self, endpoint: &'static str, path: &[&str], tokens: &TokenSet, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.base, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request::new(NETWORK, endpoint, Method::GET, url).bearer(tokens.access.expose())
    }

    async fn account(&self, tokens: &TokenSet) -> Result<Profile> {
        let now = self.client.now();
        self.client.read(self.get("user_account", &["user_account"], tokens, &[]), |body| parse::account(body, now)).await
    }

    /// The days that may be asked for: so many back from today as Pinterest has it.
    fn days(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> (String, String) {
        let today = self.client.networks_now();
        let earliest = today - Duration::days(MOST_DAYS - 1);
        let until = until.min(today).max(earliest);
        (since.max(earliest).min(until).date_naive().to_string(), until.date_naive().to_string())
    }
}

#[async_trait]
impl Connector for Pinterest {
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
        // Scopes are joined by commas here.
        oauth::authorize_url(&self.authorize, &self.flow.client_id, &start, &[], &[("scope", &self.client.scopes.join(","))])
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.flow.exchange(&self.client, &callback).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.flow.refresh(&self.client, tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let Profile { external_id, handle, display_name, picture_url, .. } = self.account(tokens).await?;
        let display_name = if display_name.is_empty() { handle.clone() } else { display_name };
        let account = RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let profile = self.account(tokens).await?;
        if profile.external_id != external_id {
            return Err(self.client.error("user_account", ErrorKind::NotFound).detail("the grant is another person's"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        self.client.needs("pins", account.tokens, PINS)?;
        let mut query = vec![("page_size", "100"), ("pin_metrics", "true")];
        query.extend(after.map(|cursor| ("bookmark", cursor.0.as_str())));
        let now = self.client.now();
        self.client.read(self.get("pins", &["pins"], account.tokens, &query), |body| parse::pins(body, now)).await
    }

    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        const ENDPOINT: &str = "pins/:id/analytics";
        self.client.needs(ENDPOINT, account.tokens, PINS)?;
        let now = self.client.now();
        let words = parse::METRICS.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(",");
        let mut sets = Vec::with_capacity(media.len());
        for one in media {
            if one.external_id.is_empty() || !one.external_id.bytes().all(|b| b.is_ascii_digit()) {
                return Err(self.client.error(ENDPOINT, ErrorKind::Bug).detail("not an id of Pinterest's"));
            }
            let (from, to) = self.days(one.published_at.unwrap_or(now - Duration::days(MOST_DAYS)), now);
            let query = [("start_date", from.as_str()), ("end_date", &to), ("metric_types", &words)];
            let request = self.get(ENDPOINT, &["pins", &one.external_id, "analytics"], account.tokens, &query);
            let window = Window { since: now - Duration::days(MOST_DAYS), until: now };
            let readings = match self.client.read(request, |body| parse::analytics(body, parse::METRICS)).await {
                Ok(readings) => readings,
                Err(error) => {
                    let metric = self.client.instead(error)?;
                    parse::METRICS.iter().map(|(measure, word)| Reading::new(*measure, word, metric)).collect()
                }
            };
            sets.push(MetricSet {
                external_id: one.external_id.clone(),
                window: Some(window),
                readings,
                endpoint: "pinterest /pins/:id/analytics".into(),
                fetched_at: now,
            });
        }
        Ok(sets)
    }

    async fn account_insights(&self, account: &Account<'_>, window: Window) -> Result<MetricSet> {
        const ENDPOINT: &str = "user_account/analytics";
        self.client.needs(ENDPOINT, account.tokens, USER)?;
        let now = self.client.now();
        let (from, to) = self.days(window.since, window.until - Duration::seconds(1));
        let words = parse::ACCOUNT.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(",");
        let query = [("start_date", from.as_str()), ("end_date", &to), ("metric_types", &words)];
        let request = self.get(ENDPOINT, &["user_account", "analytics"], account.tokens, &query);
        let readings = match self.client.read(request, |body| parse::analytics(body, parse::ACCOUNT)).await {
            Ok(readings) => readings,
            // A private person's account has no figures, whatever Pinterest's words for it.
            Err(error) if matches!(error.kind, ErrorKind::Bug | ErrorKind::AppNotApproved) => {
                let personal = self.account(account.tokens).await?.account_type == AccountType::Personal;
                return Err(if personal { self.client.error(ENDPOINT, ErrorKind::NotBusinessAccount).detail(error.detail) } else { error });
            }
            Err(error) => return Err(error),
        };
        let window = Window { since: window.since.max(now - Duration::days(MOST_DAYS)), until: window.until };
        let endpoint = "pinterest /user_account/analytics".into();
        Ok(MetricSet { external_id: account.external_id.to_owned(), window: Some(window), readings, endpoint, fetched_at: now })
    }
}
