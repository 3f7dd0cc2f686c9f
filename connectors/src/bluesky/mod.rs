//! Bluesky's public reads, which take no login: accounts, posts, answers, searches. `parse` is what came back, this file the walk.
//!
//! Its OAuth (pushed requests, DPoP, a server for each person) is not spoken here: accounts are declared and stay unverified.

pub mod parse;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccounts, TokenSet},
    content::{Account, Comment, Cursor, Media, MediaRef, Mention, Order, Page, Query, Topic},
    error::{Error, Result},
    http::{Request, Transport},
    insights::MetricSet,
    network::Network,
    registry::Clock,
    settings::{Settings, SettingsError, below},
};

const NETWORK: Network = Network::Bluesky;

/// Posts of one question by address.
const MOST_POSTS: usize = 25;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Profile, ""),
    Offer::with(Capability::Followers, ""),
    Offer::with(Capability::Media, ""),
    Offer::with(Capability::MediaInsights, ""),
    Offer::with(Capability::Comments, ""),
    Offer::with(Capability::Mentions, ""),
    Offer::with(Capability::HashtagSearch, ""),
    Offer::with(Capability::KeywordSearch, ""),
    Offer::with(Capability::PublicLookup, ""),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The reader.
pub struct Bluesky {
    client: Client,
    base: Url,
}

impl Bluesky {
    /// Checks the settings; no client id is needed.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        let base = settings.base(NETWORK, "api_base", &settings.api_base, "https://public.api.bsky.app")?;
        Ok(Self { client: Client::new(NETWORK, &settings, &[], MANNERS, transport, clock), base })
    }

    fn get(&self, method: &'static str, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.base, &["xrpc", method]);
        url.query_pairs_mut().extend_pairs(query);
        Request::new(NETWORK, method, Method::GET, url)
    }

    async fn actor(&self, actor: &str) -> Result<Profile> {
        let now = self.client.now();
        self.client.read(self.get("app.bsky.actor.getProfile", &[("actor", actor)]), |body| parse::profile(body, now)).await
    }

    async fn found(&self, query: &[(&str, &str)], after: Option<&Cursor>) -> Result<Page<Media>> {
        const METHOD: &str = "app.bsky.feed.searchPosts";
        let mut query = query.to_vec();
        query.push(("limit", "100"));
        query.extend(after.map(|cursor| ("cursor", cursor.0.as_str())));
        let now = self.client.now();
        self.client.read(self.get(METHOD, &query), |body| parse::posts(body, "bluesky app.bsky.feed.searchPosts", now)).await
    }
}

#[async_trait]
impl Connector for Bluesky {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        Flavour::Public
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn uses_pkce(&self) -> bool {
        false
    }

    fn authorize_origin(&self) -> String {
        String::new()
    }

    fn authorize_url(&self, _: &AuthStart) -> Result<Url> {
        Err(Error::not_supported(NETWORK, "authorize", Capability::Login))
    }

    async fn exchange(&self, _: AuthCallback) -> Result<TokenSet> {
        Err(Error::not_supported(NETWORK, "token", Capability::Login))
    }

    async fn list_accounts(&self, _: &TokenSet) -> Result<RemoteAccounts> {
        Err(Error::not_supported(NETWORK, "accounts", Capability::Login))
    }

    async fn profile(&self, _: &TokenSet, external_id: &str) -> Result<Profile> {
        self.actor(external_id).await
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        let mut query = vec![("actor", account.external_id), ("limit", "100"), ("filter", "posts_no_replies")];
        query.extend(after.map(|cursor| ("cursor", cursor.0.as_str())));
        let now = self.client.now();
        self.client.read(self.get("app.bsky.feed.getAuthorFeed", &query), |body| parse::feed(body, now)).await
    }

    /// The public counters anew: Bluesky has no others.
    async fn media_insights(&self, _: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        let now = self.client.now();
        let mut sets = Vec::with_capacity(media.len());
        for some in media.chunks(MOST_POSTS) {
            let query: Vec<(&str, &str)> = some.iter().map(|one| ("uris", one.external_id.as_str())).collect();
            let endpoint = "bluesky app.bsky.feed.getPosts";
            let found = self.client.read(self.get("app.bsky.feed.getPosts", &query), |body| parse::posts(body, endpoint, now)).await?.items;
            sets.extend(some.iter().map(|one| MetricSet {
                external_id: one.external_id.clone(),
                window: None,
                readings:
                    found.iter().find(|post| post.external_id == one.external_id).map(|post| post.counters.clone()).unwrap_or_default(),
                endpoint: endpoint.into(),
                fetched_at: now,
            }));
        }
        Ok(sets)
    }

    async fn comments(&self, _: &Account<'_>, media: &MediaRef, _: Option<&Cursor>) -> Result<Page<Comment>> {
        let query = [("uri", media.external_id.as_str()), ("depth", "6"), ("parentHeight", "0")];
        self.client.read(self.get("app.bsky.feed.getPostThread", &query), |body| parse::thread(body, &media.external_id)).await
    }

    async fn mentions(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Mention>> {
        let query = [("q", "*"), ("mentions", account.external_id), ("sort", "latest")];
        Ok(self.found(&query, after).await?.map(parse::mention))
    }

    async fn lookup_public(&self, _: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        let wrong =
            |why: crate::HandleError| self.client.error("app.bsky.actor.getProfile", crate::ErrorKind::NotFound).detail(why.to_string());
        let handle = NETWORK.normalise_handle(handle).map_err(wrong)?;
        self.actor(handle.text()).await
    }

    async fn search(&self, _: Option<&Account<'_>>, query: &Query) -> Result<Page<Media>> {
        let sort = ("sort", if query.order == Order::Top { "top" } else { "latest" });
        match &query.topic {
            Topic::Hashtag(tag) => self.found(&[("q", &format!("#{tag}")), ("tag", tag), sort], query.after.as_ref()).await,
            Topic::Keyword(words) => self.found(&[("q", words), sort], query.after.as_ref()).await,
        }
    }
}
