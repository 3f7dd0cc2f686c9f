//! YouTube: the Data API for what is public, the Analytics API for a channel's own figures. The audience there are viewers, not
//! subscribers. `requests` is what to send, `parse` what came back, this file the walk.
//!
//! A read costs one unit of 10,000 a day for the whole project, a search one of 100; so videos are asked fifty at a time.

pub mod parse;
pub mod requests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use url::Url;

use crate::{
    client::{Client, Manners, of_client},
    connector::{AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccounts, TokenSet},
    content::{Account, Comment, Cursor, Media, MediaRef, Order, Page, Query, Topic},
    error::{Error, ErrorKind, Result},
    flow::Flow,
    http::Transport,
    insights::{Demographics, MetricSet, Window},
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    settings::{Settings, SettingsError, below},
};
use requests::{By, Hosts};

const NETWORK: Network = Network::Youtube;
const READ: &str = "https://www.googleapis.com/auth/youtube.readonly";
const ANALYTICS: &str = "https://www.googleapis.com/auth/yt-analytics.readonly";
const COMMENTS: &str = "https://www.googleapis.com/auth/youtube.force-ssl";
const SCOPES: [&str; 2] = [READ, ANALYTICS];

/// Videos of one report: their ids stand in its address.
const MOST_VIDEOS: usize = 100;

macro_rules! offers {
    ($comments:expr) => {
        CapabilitySet(&[
            Offer::with(Capability::Login, ""),
            Offer::with(Capability::Refresh, ""),
            Offer::with(Capability::Revoke, ""),
            Offer::with(Capability::Profile, READ),
            Offer::with(Capability::Followers, READ),
            Offer::with(Capability::Media, READ),
            Offer::with(Capability::Insights, ANALYTICS),
            Offer::with(Capability::MediaInsights, ANALYTICS),
            Offer::with(Capability::AudienceAge, ANALYTICS),
            Offer::with(Capability::AudienceGender, ANALYTICS),
            Offer::with(Capability::AudienceCountry, ANALYTICS),
            Offer::with(Capability::Comments, $comments),
            Offer::with(Capability::KeywordSearch, ""),
            Offer::with(Capability::PublicLookup, ""),
        ])
    };
}
const CAPABILITIES: CapabilitySet = offers!(COMMENTS);
/// With a key comments of public videos take no scope.
const WITH_KEY: CapabilitySet = offers!("");

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct Youtube {
    client: Client,
    flow: Flow,
    hosts: Hosts,
    authorize: Url,
    /// Channels' playlists of uploads, which do not change.
    uploads: Mutex<HashMap<String, String>>,
}

impl Youtube {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let auth = settings.base(NETWORK, "auth_base", &settings.auth_base, "https://accounts.google.com")?;
        let token = settings.base(NETWORK, "token_base", &settings.token_base, "https://oauth2.googleapis.com")?;
        let flow = Flow {
            token: below(&token, &["token"]),
            revoke: Some(below(&token, &["revoke"])),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: ClientAuth::Body,
            id_field: "client_id",
            extra: &[],
        };
        let hosts = Hosts {
            api_base: settings.base(NETWORK, "api_base", &settings.api_base, "https://www.googleapis.com")?,
            analytics_base: settings.base(
                NETWORK,
                "analytics_base",
                &settings.analytics_base,
                "https://youtubeanalytics.googleapis.com",
            )?,
            api_key: settings.api_key.clone(),
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock);
        Ok(Self { client, flow, hosts, authorize: below(&auth, &["o", "oauth2", "v2", "auth"]), uploads: Mutex::default() })
    }

    /// The key where there is one, since it costs no grant; else the account's grant.
    fn public<'a>(&'a self, endpoint: &'static str, via: Option<&Account<'a>>) -> Result<By<'a>> {
        match via {
            _ if !self.hosts.api_key.is_empty() => Ok(By::Key(&self.hosts.api_key)),
            Some(account) => Ok(By::Grant(account.tokens)),
            None => Err(Error::not_supported(NETWORK, endpoint, Capability::PublicLookup).detail("needs an api_key or a linked account")),
        }
    }

    async fn channel(&self, by: By<'_>, query: &[(&str, &str)]) -> Result<parse::Channel> {
        const ENDPOINT: &str = "channels";
        let mut fields = vec![("part", requests::CHANNEL_PARTS)];
        fields.extend_from_slice(query);
        let now = self.client.now();
        let found = self.client.read(self.hosts.data(ENDPOINT, by, &fields), |body| parse::channels(body, now)).await?;
        found.into_iter().next().ok_or_else(|| self.client.error(ENDPOINT, ErrorKind::NotFound))
    }

    async fn uploads(&self, account: &Account<'_>) -> Result<String> {
        let known = self.uploads.lock().unwrap_or_else(PoisonError::into_inner).get(account.external_id).cloned();
        if let Some(playlist) = known {
            return Ok(playlist);
        }
        let channel = self.channel(By::Grant(account.tokens), &[("id", account.external_id)]).await?;
        let playlist =
            channel.uploads.ok_or_else(|| self.client.error("channels", ErrorKind::Contract).detail("no playlist of uploads"))?;
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).insert(account.external_id.to_owned(), playlist.clone());
        Ok(playlist)
    }

    async fn videos(&self, by: By<'_>, ids: &[String], next: Option<Cursor>) -> Result<Page<Media>> {
        if ids.is_empty() {
            return Ok(Page { items: Vec::new(), next, left_out: 0 });
        }
        let now = self.client.now();
        let request =
            self.hosts.data("videos", by, &[("part", requests::VIDEO_PARTS), ("id", &ids.join(",")), ("maxResults", requests::LIMIT)]);
        let (items, told) = self.client.read(request, |body| parse::videos(body, now)).await?;
        Ok(Page { left_out: ids.len().saturating_sub(told), items, next })
    }

    async fn report(
        &self,
        endpoint: &'static str,
        account: &Account<'_>,
        (from, to): (NaiveDate, NaiveDate),
        query: &[(&str, &str)],
    ) -> Result<parse::Table> {
        self.client.needs(endpoint, account.tokens, ANALYTICS)?;
        let report = self.client.read(self.hosts.report(endpoint, account.tokens, from, to, query), parse::report).await;
        // YouTube says that a scope is missing, but not which.
        report.map_err(|error| match error.kind {
            ErrorKind::ScopeMissing { .. } => Error { kind: ErrorKind::ScopeMissing { scope: ANALYTICS.into() }, ..error },
            _ => error,
        })
    }
}

#[async_trait]
impl Connector for Youtube {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        Flavour::Oauth2
    }

    fn capabilities(&self) -> &CapabilitySet {
        if self.hosts.api_key.is_empty() { &CAPABILITIES } else { &WITH_KEY }
    }

    fn uses_pkce(&self) -> bool {
        true
    }

    fn authorize_origin(&self) -> String {
        self.authorize.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        // Without these there is no refresh token, or only at the first of several links.
        oauth::authorize_url(
            &self.authorize,
            &self.flow.client_id,
            start,
            &self.client.scopes,
            &[("access_type", "offline"), ("prompt", "consent")],
        )
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
        match self.channel(By::Grant(tokens), &[("mine", "true")]).await {
            Ok(channel) => Ok(RemoteAccounts { accounts: vec![parse::account(channel)], refusal: None }),
            // A Google account without a channel.
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(RemoteAccounts { accounts: Vec::new(), refusal: Some(ErrorKind::NotFound) })
            }
            Err(error) => Err(error),
        }
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let profile = self.channel(By::Grant(tokens), &[("id", external_id)]).await?.profile;
        if profile.external_id != external_id {
            return Err(self.client.error("channels", ErrorKind::Contract).detail("the answer is about another channel"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        let playlist = self.uploads(account).await?;
        let mut query = vec![("part", "contentDetails"), ("playlistId", playlist.as_str()), ("maxResults", requests::LIMIT)];
        query.extend(after.map(|cursor| ("pageToken", cursor.0.as_str())));
        let by = By::Grant(account.tokens);
        let (ids, next) = match self.client.read(self.hosts.data("playlistItems", by, &query), parse::ids).await {
            Ok(found) => found,
            // The playlist of a channel that never uploaded anything does not exist.
            Err(error) if error.kind == ErrorKind::NotFound && after.is_none() => return Ok(Page::whole(Vec::new())),
            Err(error) => return Err(error),
        };
        self.videos(by, &ids, next).await
    }

    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        const ENDPOINT: &str = "reports (videos)";
        let now = self.client.now();
        let mut sets = Vec::with_capacity(media.len());
        for some in media.chunks(MOST_VIDEOS) {
            if let Some(strange) = some.iter().find(|one| !requests::is_id(&one.external_id)) {
                return Err(self.client.error(ENDPOINT, ErrorKind::Bug).detail(format!("no id of a video: {}", strange.external_id.len())));
            }
            let first = some.iter().filter_map(|one| one.published_at).min().unwrap_or(now - Duration::days(3_650));
            let ids = some.iter().map(|one| one.external_id.as_str()).collect::<Vec<_>>().join(",");
            let (metrics, filters) = (requests::words(requests::VIDEO), format!("video=={ids}"));
            let query = [("metrics", metrics.as_str()), ("dimensions", "video"), ("filters", &filters)];
            // A day earlier: the day there may be the day before here.
            let days = ((first - Duration::days(1)).date_naive(), now.date_naive());
            let table = self.report(ENDPOINT, account, days, &query).await?;
            sets.extend(some.iter().map(|one| {
                let its = |row: &&Vec<serde_json::Value>| table.cell(row, "video").and_then(|id| id.as_str()) == Some(&one.external_id);
                let row = table.rows.iter().find(its).map(Vec::as_slice);
                MetricSet {
                    external_id: one.external_id.clone(),
                    window: None,
                    readings: parse::readings(&table, row, requests::VIDEO),
                    endpoint: "youtube reports by video".into(),
                    fetched_at: now,
                }
            }));
        }
        Ok(sets)
    }

    async fn account_insights(&self, account: &Account<'_>, window: Window) -> Result<MetricSet> {
        // Both days belong to a report; the window's end does not belong to the window.
        let days = (window.since.date_naive(), (window.until - Duration::seconds(1)).date_naive());
        let metrics = requests::words(requests::CHANNEL);
        let table = self.report("reports (channel)", account, days, &[("metrics", metrics.as_str())]).await?;
        Ok(MetricSet {
            external_id: account.external_id.to_owned(),
            window: Some(window),
            readings: parse::readings(&table, table.rows.first().map(Vec::as_slice), requests::CHANNEL),
            endpoint: "youtube reports".into(),
            fetched_at: self.client.now(),
        })
    }

    async fn demographics(&self, account: &Account<'_>) -> Result<Demographics> {
        let now = self.client.now();
        let days = ((now - Duration::days(90)).date_naive(), now.date_naive());
        let query = [("metrics", "viewerPercentage"), ("dimensions", "ageGroup,gender")];
        let mut breakdowns = parse::ages_and_genders(&self.report("reports (age, gender)", account, days, &query).await?);
        let query = [("metrics", "views"), ("dimensions", "country"), ("sort", "-views")];
        breakdowns.push(parse::countries(&self.report("reports (country)", account, days, &query).await?));
        Ok(Demographics { breakdowns, endpoint: "youtube reports, 90 days".into(), fetched_at: now })
    }

    async fn comments(&self, account: &Account<'_>, media: &MediaRef, after: Option<&Cursor>) -> Result<Page<Comment>> {
        const ENDPOINT: &str = "commentThreads";
        let by = self.public(ENDPOINT, Some(account))?;
        if let By::Grant(tokens) = by
            && !tokens.granted(COMMENTS)
        {
            return Err(self.client.error(ENDPOINT, ErrorKind::ScopeMissing { scope: COMMENTS.into() }));
        }
        let mut query =
            vec![("part", "snippet,replies"), ("videoId", media.external_id.as_str()), ("maxResults", "100"), ("order", "time")];
        query.extend(after.map(|cursor| ("pageToken", cursor.0.as_str())));
        let (items, left_out, next) =
            self.client.read(self.hosts.data(ENDPOINT, by, &query), |body| parse::comments(body, &media.external_id)).await?;
        Ok(Page { items, next, left_out })
    }

    async fn lookup_public(&self, via: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        const ENDPOINT: &str = "channels";
        let handle =
            NETWORK.normalise_handle(handle).map_err(|why| self.client.error(ENDPOINT, ErrorKind::NotFound).detail(why.to_string()))?;
        let by = self.public(ENDPOINT, via)?;
        let named = format!("@{}", handle.text());
        let query = if handle.text().starts_with("UC") && handle.text().len() == 24 {
            ("id", handle.text())
        } else {
            ("forHandle", named.as_str())
        };
        Ok(self.channel(by, &[query]).await?.profile)
    }

    async fn search(&self, via: Option<&Account<'_>>, query: &Query) -> Result<Page<Media>> {
        const ENDPOINT: &str = "search";
        let by = self.public(ENDPOINT, via)?;
        let words = match &query.topic {
            Topic::Hashtag(tag) => format!("#{tag}"),
            Topic::Keyword(words) => words.clone(),
        };
        let order = if query.order == Order::Top { "relevance" } else { "date" };
        let mut fields = vec![("part", "id"), ("type", "video"), ("maxResults", requests::LIMIT), ("order", order), ("q", &words)];
        fields.extend(query.after.as_ref().map(|cursor| ("pageToken", cursor.0.as_str())));
        // Searches have a bucket of their own.
        let request = self.hosts.data(ENDPOINT, by, &fields).weighing(0);
        let (ids, next) = self.client.read(request, parse::ids).await?;
        self.videos(by, &ids, next).await
    }
}
