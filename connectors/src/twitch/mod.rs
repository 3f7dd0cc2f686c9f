//! Twitch Helix: users, followers, recordings, clips and what is on now; EventSub. No demographics, no reach, no comments.
//! `parse` is what came back, `eventsub` what Twitch sends by itself, this file the walk.

pub mod eventsub;
pub mod parse;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts, TokenSet,
    },
    content::{Account, Cursor, Media, Page},
    error::{Error, ErrorKind, Result},
    flow::Flow,
    http::{Request, Transport},
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    secret::Secret,
    settings::{Settings, SettingsError, below},
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};

const NETWORK: Network = Network::Twitch;

/// Everything that is read takes no scope; Twitch allows a login without any.
const SCOPES: [&str; 0] = [];

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, ""),
    Offer::with(Capability::Followers, ""),
    Offer::with(Capability::Media, ""),
    Offer::with(Capability::PublicLookup, ""),
    Offer::with(Capability::Webhooks, ""),
    Offer::with(Capability::HourlyCheck, ""),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct Twitch {
    client: Client,
    flow: Flow,
    authorize: Url,
    validate: Url,
    base: Url,
    webhook_secret: Secret,
    webhook_url: Option<Url>,
}

impl Twitch {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://id.twitch.tv")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://id.twitch.tv")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://api.twitch.tv")?;
        let flow = Flow {
            token: below(&token, &["oauth2", "token"]),
            revoke: Some(below(&token, &["oauth2", "revoke"])),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Body,
            id_field: "client_id",
            extra: &[],
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self {
            client,
            flow,
            authorize: below(&auth, &["oauth2", "authorize"]),
            validate: below(&token, &["oauth2", "validate"]),
            base,
            webhook_secret: settings.webhook_secret,
            webhook_url: settings.webhook_url,
        })
    }

    fn request(&self, endpoint: &'static str, method: Method, path: &[&str], token: &Secret, query: &[(&str, &str)]) -> Request {
        let mut url = below(&below(&self.base, &["helix"]), path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request::new(NETWORK, endpoint, method, url).bearer(token.expose()).with("client-id", &self.flow.client_id)
    }

    /// Twitch wants every token to be validated when it is first used and once an hour; [`Connector::list_accounts`],
    /// [`Connector::profile`] and [`Connector::check`] do it. It takes none of the points, but is counted as if it did.
    pub async fn validate(&self, tokens: &TokenSet) -> Result<()> {
        let request = Request::new(NETWORK, "validate", Method::GET, self.validate.clone()).bearer(tokens.access.expose());
        self.client.read(request, parse::validated).await
    }

    /// `expected`: whom the answer must be about, before anything else is asked of them.
    async fn user(&self, token: &Secret, query: &[(&str, &str)], expected: Option<&str>) -> Result<Profile> {
        const ENDPOINT: &str = "users";
        let now = self.client.now();
        let found = self.client.read(self.request(ENDPOINT, Method::GET, &["users"], token, query), |body| parse::users(body, now)).await?;
        let mut profile = found.into_iter().next().ok_or_else(|| self.client.error(ENDPOINT, ErrorKind::NotFound))?;
        if expected.is_some_and(|expected| expected != profile.external_id) {
            return Err(self.client.error(ENDPOINT, ErrorKind::Contract).detail("the answer is about another user"));
        }
        let query = [("broadcaster_id", profile.external_id.as_str()), ("first", "1")];
        let request = self.request("channels/followers", Method::GET, &["channels", "followers"], token, &query);
        profile.followers = self.client.read(request, parse::followers).await?;
        Ok(profile)
    }

    /// The app's own token: subscriptions by webhook are the app's and not the person's.
    async fn app_token(&self) -> Result<Secret> {
        let form = [
            ("client_id", self.flow.client_id.as_str()),
            ("client_secret", self.flow.client_secret.expose()),
            ("grant_type", "client_credentials"),
        ];
        let request = Request::new(NETWORK, "token (app)", Method::POST, self.flow.token.clone()).form(&form).weighing(0);
        self.client.read(request, parse::app_token).await
    }

    async fn now_on(&self, account: &Account<'_>) -> Result<Vec<Media>> {
        let request = self.request("streams", Method::GET, &["streams"], &account.tokens.access, &[("user_id", account.external_id)]);
        let (rows, _) = self.client.read(request, parse::part).await?;
        let now = self.client.now();
        Ok(rows.iter().filter_map(|row| parse::stream(row, now)).collect())
    }
}

#[async_trait]
impl Connector for Twitch {
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
        // The parameter has to be there, and is empty for a login without scopes.
        oauth::authorize_url(&self.authorize, &self.flow.client_id, &start, &[], &[("scope", &self.client.scopes.join(" "))])
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

    async fn check(&self, tokens: &TokenSet) -> Result<()> {
        self.validate(tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        self.validate(tokens).await?;
        let Profile { external_id, handle, display_name, picture_url, .. } = self.user(&tokens.access, &[], None).await?;
        let account = RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        self.validate(tokens).await?;
        self.user(&tokens.access, &[("id", external_id)], Some(external_id)).await
    }

    /// What is on now, then recordings and uploads, then clips.
    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        let now = self.client.now();
        // Two lists, one after the other: the cursor says which.
        let (clips, cursor) = match after.map(|cursor| cursor.0.split_once(':').unwrap_or((cursor.0.as_str(), ""))) {
            Some(("clips", cursor)) => (true, cursor),
            Some((_, cursor)) => (false, cursor),
            None => (false, ""),
        };
        let (endpoint, path, whose) = if clips { ("clips", "clips", "broadcaster_id") } else { ("videos", "videos", "user_id") };
        let mut query = vec![(whose, account.external_id), ("first", "100")];
        if !cursor.is_empty() {
            query.push(("after", cursor));
        }
        let request = self.request(endpoint, Method::GET, &[path], &account.tokens.access, &query);
        let (rows, next) = self.client.read(request, parse::part).await?;
        let (found, left_out) = crate::wire::rows(&rows, |row| if clips { parse::clip(row, now) } else { parse::video(row, now) });
        let mut items = if after.is_none() { self.now_on(account).await? } else { Vec::new() };
        items.extend(found);
        let next = match (next, clips) {
            (Some(next), _) => Some(Cursor(format!("{path}:{next}"))),
            (None, false) => Some(Cursor("clips:".to_owned())),
            (None, true) => None,
        };
        Ok(Page { items, next, left_out })
    }

    async fn lookup_public(&self, via: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        const ENDPOINT: &str = "users";
        let handle =
            NETWORK.normalise_handle(handle).map_err(|why| self.client.error(ENDPOINT, ErrorKind::NotFound).detail(why.to_string()))?;
        let token = match via {
            Some(account) => account.tokens.access.clone(),
            None => self.app_token().await?,
        };
        self.user(&token, &[("login", handle.text())], None).await
    }

    async fn subscribe(&self, account: &Account<'_>) -> Result<()> {
        const ENDPOINT: &str = "eventsub/subscriptions";
        // Twitch takes secrets of 10 to 100 characters.
        let Some(callback) = self.webhook_url.as_ref().filter(|_| (10..=100).contains(&self.webhook_secret.expose().len())) else {
            return Err(Error::not_supported(NETWORK, ENDPOINT, Capability::Webhooks).detail("needs webhook_url and webhook_secret"));
        };
        let token = self.app_token().await?;
        for (kind, version) in eventsub::TYPES {
            let body = eventsub::subscription(kind, version, account.external_id, callback.as_str(), &self.webhook_secret);
            let request = self.request(ENDPOINT, Method::POST, &["eventsub", "subscriptions"], &token, &[]).json(&body);
            let answer = self.client.transport.send(request).await?;
            // It is subscribed to already, which is what was wanted.
            if answer.status != 409
                && let Some(refusal) = parse::refusal(&answer, self.client.now())
            {
                return Err(self.client.error(ENDPOINT, refusal.kind).detail(refusal.detail));
            }
        }
        Ok(())
    }

    fn webhook_challenge(&self, request: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        eventsub::challenge(request, &self.webhook_secret, self.client.now())
    }

    fn webhook_events(&self, request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        eventsub::events(request, &self.webhook_secret, self.client.now())
    }
}
