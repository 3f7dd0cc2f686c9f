//! TikTok's Login Kit and Display API: the own profile and public videos with their counters, nothing else. `parse` is what came
//! back, this file the walk.

pub mod parse;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts, TokenSet,
    },
    content::{Account, Cursor, Media, MediaRef, Page},
    error::{Error, ErrorKind, Result},
    flow::Flow,
    http::{Request, Transport},
    insights::MetricSet,
    network::Network,
    oauth::ClientAuth,
    registry::Clock,
    settings::{Settings, SettingsError, below},
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};

const NETWORK: Network = Network::Tiktok;
const BASIC: &str = "user.info.basic";
const STATS: &str = "user.info.stats";
const VIDEOS: &str = "video.list";
const SCOPES: [&str; 4] = [BASIC, "user.info.profile", STATS, VIDEOS];

/// Videos of one answer, and of one question by id.
const MOST_VIDEOS: usize = 20;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, BASIC),
    Offer::with(Capability::Followers, STATS),
    Offer::with(Capability::Media, VIDEOS),
    Offer::with(Capability::MediaInsights, VIDEOS),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct Tiktok {
    client: Client,
    flow: Flow,
    authorize: Url,
    base: Url,
}

impl Tiktok {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.tiktok.com")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://open.tiktokapis.com")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://open.tiktokapis.com")?;
        let flow = Flow {
            token: below(&token, &["v2", "oauth", "token", ""]),
            revoke: Some(below(&token, &["v2", "oauth", "revoke", ""])),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Body,
            id_field: "client_key",
            extra: &[],
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, authorize: below(&auth, &["v2", "auth", "authorize", ""]), base })
    }

    fn request(&self, endpoint: &'static str, method: Method, path: &[&str], fields: &str, tokens: &TokenSet) -> Request {
        let mut url = below(&self.base, path);
        url.query_pairs_mut().append_pair("fields", fields);
        Request::new(NETWORK, endpoint, method, url).bearer(tokens.access.expose())
    }

    async fn user(&self, tokens: &TokenSet) -> Result<Profile> {
        let fields = parse::user_fields(|scope| tokens.granted(scope));
        let (now, counted) = (self.client.now(), tokens.granted(STATS));
        let request = self.request("user/info", Method::GET, &["v2", "user", "info", ""], &fields, tokens);
        self.client.read(request, |body| parse::user(body, counted, now)).await
    }

    /// TikTok says that a scope is missing, but not which.
    fn named(error: Error, scope: &str) -> Error {
        match error.kind {
            ErrorKind::ScopeMissing { .. } => Error { kind: ErrorKind::ScopeMissing { scope: scope.to_owned() }, ..error },
            _ => error,
        }
    }
}

#[async_trait]
impl Connector for Tiktok {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        Flavour::Oauth2
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn uses_pkce(&self) -> bool {
        // For apps on phones and desktops only.
        false
    }

    fn authorize_origin(&self) -> String {
        self.authorize.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        let mut url = self.authorize.clone();
        // By hand: the client's id has another name here, and scopes are joined by commas.
        url.query_pairs_mut()
            .append_pair("client_key", &self.flow.client_id)
            .append_pair("response_type", "code")
            .append_pair("scope", &self.client.scopes.join(","))
            .append_pair("redirect_uri", start.redirect_uri.as_str())
            .append_pair("state", &start.state);
        Ok(url)
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.flow.exchange(&self.client, &callback).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.flow.refresh(&self.client, tokens).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.flow.revoke(&self.client, &tokens.access).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let Profile { external_id, handle, display_name, picture_url, .. } = self.user(tokens).await?;
        let handle = Some(handle).filter(|handle| *handle != external_id);
        let account = RemoteAccount { external_id, handle, display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let profile = self.user(tokens).await?;
        if profile.external_id != external_id {
            return Err(self.client.error("user/info", ErrorKind::NotFound).detail("the grant is another person's"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        const ENDPOINT: &str = "video/list";
        self.client.needs(ENDPOINT, account.tokens, VIDEOS)?;
        let mut body = json!({ "max_count": MOST_VIDEOS });
        if let Some(cursor) = after {
            let time: i64 = cursor.0.parse().map_err(|_| self.client.error(ENDPOINT, ErrorKind::Bug).detail("not a cursor of TikTok's"))?;
            body["cursor"] = time.into();
        }
        let now = self.client.now();
        let request = self.request(ENDPOINT, Method::POST, &["v2", "video", "list", ""], parse::VIDEO_FIELDS, account.tokens).json(&body);
        self.client.read(request, |body| parse::videos(body, now)).await.map_err(|error| Self::named(error, VIDEOS))
    }

    /// The counters anew: TikTok has no others.
    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        const ENDPOINT: &str = "video/query";
        self.client.needs(ENDPOINT, account.tokens, VIDEOS)?;
        let now = self.client.now();
        let mut sets = Vec::with_capacity(media.len());
        for some in media.chunks(MOST_VIDEOS) {
            let ids: Vec<&str> = some.iter().map(|one| one.external_id.as_str()).collect();
            let body = json!({"filters": {"video_ids": ids}});
            let request =
                self.request(ENDPOINT, Method::POST, &["v2", "video", "query", ""], parse::VIDEO_FIELDS, account.tokens).json(&body);
            let found = self.client.read(request, |body| parse::videos(body, now)).await.map_err(|error| Self::named(error, VIDEOS))?.items;
            sets.extend(some.iter().map(|one| MetricSet {
                external_id: one.external_id.clone(),
                window: None,
                readings: parse::readings(&found, &one.external_id),
                endpoint: "tiktok /v2/video/query/".into(),
                fetched_at: now,
            }));
        }
        Ok(sets)
    }

    fn webhook_challenge(&self, _: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        // TikTok checks nothing before it sends.
        Ok(None)
    }

    fn webhook_events(&self, request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        parse::events(request, &self.flow.client_secret, self.client.now())
    }
}
