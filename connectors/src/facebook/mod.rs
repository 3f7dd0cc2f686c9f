//! Facebook Pages, by Facebook Login: `requests` is what to ask for, `parse` what came back, this file the walk. A Page is read with
//! a token of its own, which comes from the person's and dies with it. Personal profiles have no API.

pub mod parse;
pub mod requests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::Duration;
use reqwest::Method;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    client::{Client, of_client},
    connector::{
        AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts, TokenSet,
    },
    content::{Account, Comment, Cursor, Media, MediaRef, Mention, Page},
    error::{Error, ErrorKind, Result},
    http::{Request, Transport},
    insights::{Demographics, Dimension, MetricSet, Window},
    meta::{self, MANNERS, Meta, VERSION, requests::Graph},
    metric::Metric,
    network::Network,
    registry::Clock,
    secret::Secret,
    settings::{Settings, SettingsError},
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};

const NETWORK: Network = Network::Facebook;
const PAGES: &str = "pages_show_list";
const READ: &str = "pages_read_engagement";
const INSIGHTS: &str = "read_insights";
const COMMENTS: &str = "pages_read_user_content";
const WEBHOOKS: &str = "pages_manage_metadata";
const SCOPES: [&str; 5] = [PAGES, READ, INSIGHTS, COMMENTS, WEBHOOKS];

/// Likes below which a Page has no insights, and people below which it has no audience.
const CROWD: u32 = 100;
/// The longest window that Page insights are asked for at once.
const MOST_DAYS: i64 = 90;
/// Pages' tokens that are kept.
const MOST_TOKENS: usize = 10_000;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, PAGES),
    Offer::with(Capability::Followers, PAGES),
    Offer::with(Capability::Media, READ),
    Offer::with(Capability::Insights, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::MediaInsights, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCity, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCountry, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::Comments, COMMENTS),
    Offer::with(Capability::Mentions, COMMENTS),
    Offer::with(Capability::PublicLookup, "").after_review(),
    Offer::with(Capability::Webhooks, WEBHOOKS).after_review(),
]);

/// The connector.
pub struct Facebook {
    meta: Meta,
    /// A Page's token, and of which person's token it was made.
    tokens: Mutex<HashMap<String, ([u8; 32], Secret)>>,
}

impl Facebook {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let graph = Graph {
            network: NETWORK,
            auth_base: settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.facebook.com")?,
            api_base: settings.base(NETWORK, "api_base", &settings.api_base, "https://graph.facebook.com")?,
            version: settings.version(NETWORK, VERSION)?,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            config_id: settings.config_id.clone(),
            proof: true,
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { meta: Meta::new(client, graph, settings.webhook_secret), tokens: Mutex::default() })
    }

    fn error(&self, endpoint: &'static str, kind: ErrorKind) -> Error {
        self.meta.client.error(endpoint, kind)
    }

    fn get(&self, endpoint: &'static str, id: &str, edge: Option<&str>, token: &Secret, query: &[(&str, &str)]) -> Result<Request> {
        self.meta
            .graph
            .node(endpoint, Method::GET, id, edge, token, query)
            .ok_or_else(|| self.error(endpoint, ErrorKind::Bug).detail("not an id of Facebook's"))
    }

    /// The Page's token. It is asked for once for each token of the person's.
    async fn page_token(&self, account: &Account<'_>) -> Result<Secret> {
        let made_of: [u8; 32] = Sha256::digest(account.tokens.access.expose()).into();
        let known = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(account.external_id).cloned();
        if let Some((_, token)) = known.filter(|(of, _)| *of == made_of) {
            return Ok(token);
        }
        let request = self.get("page token", account.external_id, None, &account.tokens.access, &[("fields", "access_token")])?;
        let token = self.meta.client.read(request, parse::page_token).await?;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MOST_TOKENS {
            tokens.clear();
        }
        tokens.insert(account.external_id.to_owned(), (made_of, token.clone()));
        Ok(token)
    }

    /// What is missing below the threshold is kept back; above it, not there yet.
    fn missing(account: &Account<'_>) -> Metric {
        if account.followers.is_some_and(|n| n < i64::from(CROWD)) { Metric::Suppressed { min: CROWD } } else { Metric::NotReady }
    }
}

#[async_trait]
impl Connector for Facebook {
    of_client!(meta.client);

    fn flavour(&self) -> Flavour {
        Flavour::FacebookLogin
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn uses_pkce(&self) -> bool {
        false
    }

    fn authorize_origin(&self) -> String {
        self.meta.graph.auth_base.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        self.meta.graph.authorize_url(start, &self.meta.client.scopes)
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.meta.exchange(&callback).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.meta.revoke(tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let pages = self.meta.pages(tokens, requests::PAGE_FIELDS).await?;
        let accounts: Vec<RemoteAccount> = pages
            .into_iter()
            .map(|page| RemoteAccount {
                external_id: page.id,
                handle: None,
                display_name: page.name,
                picture_url: page.picture_url,
                via: None,
                refused: None,
            })
            .collect();
        // Without the scope Meta shows an empty list, as if there were no Page.
        let unseen = tokens.missing_scopes.iter().any(|scope| scope == PAGES);
        let refusal = match (accounts.is_empty(), unseen) {
            (false, _) => None,
            (true, true) => Some(ErrorKind::ScopeMissing { scope: PAGES.into() }),
            (true, false) => Some(ErrorKind::NotBusinessAccount),
        };
        Ok(RemoteAccounts { accounts, refusal })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        const ENDPOINT: &str = "profile";
        let fields = format!("{},picture{{url}}", requests::PROFILE_FIELDS);
        let request = self.get(ENDPOINT, external_id, None, &tokens.access, &[("fields", &fields)])?;
        let now = self.meta.client.now();
        let profile = self.meta.client.read(request, |body| parse::profile(body, now)).await?;
        if profile.external_id != external_id {
            return Err(self.error(ENDPOINT, ErrorKind::Contract).detail("the answer is about another Page"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        self.meta.client.needs("published_posts", account.tokens, READ)?;
        let token = self.page_token(account).await?;
        let fields = format!("{},{}", requests::POST_FIELDS, requests::POST_SUMS);
        let mut query = vec![("fields", fields.as_str()), ("limit", requests::LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        let now = self.meta.client.now();
        self.meta
            .part(self.get("published_posts", account.external_id, Some("published_posts"), &token, &query)?, |row| parse::post(row, now))
            .await
    }

    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        const ENDPOINT: &str = "post insights";
        self.meta.client.needs(ENDPOINT, account.tokens, INSIGHTS)?;
        let token = self.page_token(account).await?;
        let mut sets = Vec::with_capacity(media.len());
        for one in media {
            let ask =
                |words: &str| self.get(ENDPOINT, &one.external_id, Some("insights"), &token, &[("metric", words), ("period", "lifetime")]);
            sets.push(MetricSet {
                external_id: one.external_id.clone(),
                window: None,
                readings: self.meta.insights_by(requests::POST, parse::post_readings, ask).await?,
                endpoint: "facebook /{post-id}/insights".into(),
                fetched_at: self.meta.client.now(),
            });
        }
        Ok(sets)
    }

    async fn account_insights(&self, account: &Account<'_>, window: Window) -> Result<MetricSet> {
        const ENDPOINT: &str = "page insights";
        self.meta.client.needs(ENDPOINT, account.tokens, INSIGHTS)?;
        let token = self.page_token(account).await?;
        let since = window.since.max(window.until - Duration::days(MOST_DAYS));
        let (from, to) = (since.timestamp().to_string(), window.until.timestamp().to_string());
        let ask = |words: &str| {
            let query = [("metric", words), ("period", "day"), ("since", &from), ("until", &to)];
            self.get(ENDPOINT, account.external_id, Some("insights"), &token, &query)
        };
        let missing = Self::missing(account);
        let readings = self.meta.insights_by(requests::PAGE, |rows, asked| parse::page_readings(rows, asked, missing), ask).await?;
        Ok(MetricSet {
            external_id: account.external_id.to_owned(),
            window: Some(Window { since, until: window.until }),
            readings,
            endpoint: "facebook /{page-id}/insights".into(),
            fetched_at: self.meta.client.now(),
        })
    }

    async fn demographics(&self, account: &Account<'_>) -> Result<Demographics> {
        const ENDPOINT: &str = "page insights (audience)";
        self.meta.client.needs(ENDPOINT, account.tokens, INSIGHTS)?;
        let token = self.page_token(account).await?;
        let mut breakdowns = Vec::new();
        // Meta's papers contradict each other about these two: a refusal means that they are not offered.
        for (by, metric) in [(Dimension::Country, "page_follows_country"), (Dimension::City, "page_follows_city")] {
            let request = self.get(ENDPOINT, account.external_id, Some("insights"), &token, &[("metric", metric), ("period", "day")])?;
            breakdowns.push(match self.meta.client.read(request, meta::insights::insights).await {
                Ok(rows) => parse::followers_by(&rows, by, Self::missing(account)),
                Err(error) if error.kind == ErrorKind::Bug => parse::followers_by(&[], by, Metric::NotOffered),
                Err(error) => parse::followers_by(&[], by, self.meta.client.instead(error)?),
            });
        }
        Ok(Demographics { breakdowns, endpoint: "facebook /{page-id}/insights".into(), fetched_at: self.meta.client.now() })
    }

    async fn comments(&self, account: &Account<'_>, media: &MediaRef, after: Option<&Cursor>) -> Result<Page<Comment>> {
        self.meta.client.needs("comments", account.tokens, COMMENTS)?;
        let token = self.page_token(account).await?;
        let mut query = vec![("fields", requests::COMMENT_FIELDS), ("limit", requests::LIMIT), ("filter", "stream")];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        let request = self.get("comments", &media.external_id, Some("comments"), &token, &query)?;
        self.meta.part(request, |row| parse::comment(row, &media.external_id)).await
    }

    async fn mentions(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Mention>> {
        self.meta.client.needs("tagged", account.tokens, COMMENTS)?;
        let token = self.page_token(account).await?;
        let mut query = vec![("fields", requests::TAGGED_FIELDS), ("limit", requests::LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        self.meta.part(self.get("tagged", account.external_id, Some("tagged"), &token, &query)?, parse::tagged).await
    }

    async fn lookup_public(&self, via: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        const ENDPOINT: &str = "public page";
        let via = via.ok_or_else(|| Error::not_supported(NETWORK, ENDPOINT, Capability::PublicLookup).detail("needs a linked account"))?;
        if !self.meta.client.reviewed {
            return Err(self.error(ENDPOINT, ErrorKind::AppNotApproved).detail("Page Public Metadata Access takes a review of the app"));
        }
        let handle = NETWORK.normalise_handle(handle).map_err(|why| self.error(ENDPOINT, ErrorKind::NotFound).detail(why.to_string()))?;
        let fields = format!("{},picture{{url}}", requests::PROFILE_FIELDS);
        let request = self.meta.graph.call(ENDPOINT, Method::GET, &[handle.text()], &via.tokens.access, &[("fields", &fields)]);
        let now = self.meta.client.now();
        self.meta.client.read(request, |body| parse::profile(body, now)).await
    }

    async fn subscribe(&self, account: &Account<'_>) -> Result<()> {
        const ENDPOINT: &str = "subscribed_apps";
        self.meta.client.needs(ENDPOINT, account.tokens, WEBHOOKS)?;
        let token = self.page_token(account).await?;
        let request = self
            .meta
            .graph
            .node(ENDPOINT, Method::POST, account.external_id, Some("subscribed_apps"), &token, &[("subscribed_fields", "feed,mention")])
            .ok_or_else(|| self.error(ENDPOINT, ErrorKind::Bug).detail("not an id of Facebook's"))?;
        self.meta.client.ask(request).await.map(drop)
    }

    fn webhook_challenge(&self, request: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        meta::webhooks::challenge(request, &self.meta.verify_token)
    }

    fn webhook_events(&self, request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        meta::webhooks::events(request, &self.meta.graph.client_secret)
    }
}
