//! X: users, posts with their impressions, mentions, seven days of search. No demographics, no stories, no unique reach.
//! `requests` is what to send, `parse` what came back, `webhooks` what X sends by itself, this file the walk.
//!
//! X is paid for by the post and user read; how much may be read is the caller's to decide.

pub mod parse;
pub mod requests;
pub mod webhooks;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{
        AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts, TokenSet,
    },
    content::{Account, Comment, Cursor, Media, MediaRef, Mention, Order, Page, Query, Topic},
    error::{Error, ErrorKind, Result},
    flow::Flow,
    http::{Request, Transport},
    insights::MetricSet,
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    secret::Secret,
    settings::{Settings, SettingsError, below},
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};
use requests::Api;

const NETWORK: Network = Network::X;
const POSTS: &str = "tweet.read";
const USERS: &str = "users.read";
const REFRESH: &str = "offline.access";
const SCOPES: [&str; 3] = [POSTS, USERS, REFRESH];

/// Days for which the owner sees more counters.
const YOUNG: i64 = 30;
/// Posts that one call can ask about.
const MOST_POSTS: usize = 100;
/// The longest query.
const MOST_WORDS: usize = 512;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, REFRESH),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, USERS),
    Offer::with(Capability::Followers, USERS),
    Offer::with(Capability::Media, POSTS),
    Offer::with(Capability::MediaInsights, POSTS),
    Offer::with(Capability::Comments, POSTS),
    Offer::with(Capability::Mentions, POSTS),
    Offer::with(Capability::HashtagSearch, POSTS),
    Offer::with(Capability::KeywordSearch, POSTS),
    Offer::with(Capability::PublicLookup, USERS),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct X {
    client: Client,
    flow: Flow,
    api: Api,
    authorize: Url,
    webhook_secret: Secret,
}

impl X {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://x.com")?;
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://api.x.com")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://api.x.com")?;
        let flow = Flow {
            token: below(&token, &["2", "oauth2", "token"]),
            revoke: Some(below(&token, &["2", "oauth2", "revoke"])),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Basic,
            id_field: "client_id",
            extra: &[],
        };
        let api = Api { base, dialect: settings.dialect };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, api, authorize: below(&auth, &["i", "oauth2", "authorize"]), webhook_secret: settings.webhook_secret })
    }

    async fn user(&self, endpoint: &'static str, path: &[&str], token: &Secret) -> Result<Profile> {
        let now = self.client.now();
        let request = self.api.get(endpoint, path, token, &[("user.fields", requests::USER_FIELDS)]);
        self.client.read(request, |body| parse::user(body, now)).await
    }

    /// Refuses an id that is none, so that nothing strange gets into a path.
    fn checked<'a>(&self, endpoint: &'static str, id: &'a str) -> Result<&'a str> {
        if requests::is_id(id) { Ok(id) } else { Err(self.client.error(endpoint, ErrorKind::Bug).detail("not an id of X's")) }
    }

    async fn list<T>(&self, request: Request, read: impl FnMut(&serde_json::Value, &[serde_json::Value]) -> Option<T>) -> Result<Page<T>> {
        Ok(self.client.read(request, parse::posts).await?.page(read))
    }

    async fn found(&self, account: &Account<'_>, words: &str, order: Order, after: Option<&Cursor>) -> Result<parse::Posts> {
        const ENDPOINT: &str = "tweets/search/recent";
        if words.chars().count() > MOST_WORDS {
            return Err(self.client.error(ENDPOINT, ErrorKind::Bug).detail("the query is longer than X takes"));
        }
        let order = if order == Order::Top { "relevancy" } else { "recency" };
        let more = [("query", words), ("sort_order", order)];
        let request = self.api.posts(ENDPOINT, &["tweets", "search", "recent"], &account.tokens.access, &more, ("next_token", after));
        self.client.read(request, parse::posts).await
    }
}

#[async_trait]
impl Connector for X {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        Flavour::Oauth2
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn uses_pkce(&self) -> bool {
        true
    }

    fn authorize_origin(&self) -> String {
        self.authorize.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        oauth::authorize_url(&self.authorize, &self.flow.client_id, start, &self.client.scopes, &[])
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
        let Profile { external_id, handle, display_name, picture_url, .. } =
            self.user("users/me", &["users", "me"], &tokens.access).await?;
        let account = RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        const ENDPOINT: &str = "users/me";
        let profile = self.user(ENDPOINT, &["users", "me"], &tokens.access).await?;
        if profile.external_id != external_id {
            return Err(self.client.error(ENDPOINT, ErrorKind::NotFound).detail("the grant is another person's"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        const ENDPOINT: &str = "users/:id/tweets";
        let id = self.checked(ENDPOINT, account.external_id)?;
        // What is passed on is another's work, and paid for all the same.
        let more = [("exclude", "retweets")];
        let request = self.api.posts(ENDPOINT, &["users", id, "tweets"], &account.tokens.access, &more, ("pagination_token", after));
        let now = self.client.now();
        self.list(request, |row, media| parse::post(row, media, "x /2/users/:id/tweets", now)).await
    }

    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        const ENDPOINT: &str = "tweets";
        let now = self.client.now();
        let is_young = |one: &MediaRef| one.published_at.is_some_and(|at| now - at < Duration::days(YOUNG));
        let (young, old): (Vec<&MediaRef>, Vec<&MediaRef>) = media.iter().partition(|one| is_young(one));
        let mut rows = Vec::new();
        // Asked together, X would leave out the old ones altogether.
        for (some, fields) in [(young, requests::OWN_FIELDS), (old, "created_at,public_metrics")] {
            for part in some.chunks(MOST_POSTS) {
                let ids = part.iter().map(|one| self.checked(ENDPOINT, &one.external_id)).collect::<Result<Vec<_>>>()?.join(",");
                let request =
                    self.api.get(ENDPOINT, &["tweets"], &account.tokens.access, &[("ids", &ids), (self.api.post_fields(), fields)]);
                match self.client.read(request, parse::posts).await {
                    Ok(found) => rows.extend(found.rows),
                    // All of them are gone.
                    Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Gone) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let set = |one: &MediaRef| MetricSet {
            external_id: one.external_id.clone(),
            window: None,
            readings: parse::readings(parse::by_id(&rows, &one.external_id).as_ref(), is_young(one)),
            endpoint: "x /2/tweets".into(),
            fetched_at: now,
        };
        Ok(media.iter().map(set).collect())
    }

    async fn comments(&self, account: &Account<'_>, media: &MediaRef, after: Option<&Cursor>) -> Result<Page<Comment>> {
        let id = self.checked("tweets/search/recent", &media.external_id)?;
        // Seven days back and no further: older answers are not offered.
        let found = self.found(account, &format!("conversation_id:{id} is:reply"), Order::Recent, after).await?;
        Ok(found.page(|row, _| parse::reply(row, id)))
    }

    async fn mentions(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Mention>> {
        const ENDPOINT: &str = "users/:id/mentions";
        let id = self.checked(ENDPOINT, account.external_id)?;
        let request = self.api.posts(ENDPOINT, &["users", id, "mentions"], &account.tokens.access, &[], ("pagination_token", after));
        self.list(request, |row, _| parse::mention(row)).await
    }

    async fn lookup_public(&self, via: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        const ENDPOINT: &str = "users/by/username";
        let via = via.ok_or_else(|| Error::not_supported(NETWORK, ENDPOINT, Capability::PublicLookup).detail("needs a linked account"))?;
        let handle =
            NETWORK.normalise_handle(handle).map_err(|why| self.client.error(ENDPOINT, ErrorKind::NotFound).detail(why.to_string()))?;
        self.user(ENDPOINT, &["users", "by", "username", handle.text()], &via.tokens.access).await
    }

    async fn search(&self, via: Option<&Account<'_>>, query: &Query) -> Result<Page<Media>> {
        let via = via.ok_or_else(|| Error::not_supported(NETWORK, "search", Capability::KeywordSearch).detail("needs a linked account"))?;
        let words = match &query.topic {
            Topic::Hashtag(tag) => format!("#{tag} -is:retweet"),
            Topic::Keyword(words) => format!("{words} -is:retweet"),
        };
        let now = self.client.now();
        let found = self.found(via, &words, query.order, query.after.as_ref()).await?;
        Ok(found.page(|row, media| parse::post(row, media, "x /2/tweets/search/recent", now)))
    }

    fn webhook_challenge(&self, request: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        webhooks::challenge(request, &self.webhook_secret)
    }

    fn webhook_events(&self, request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        webhooks::events(request, &self.webhook_secret)
    }
}
