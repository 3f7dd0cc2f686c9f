//! Instagram's professional accounts, by Facebook Login or by Instagram's own: `requests` is what to send, `parse` what came back,
//! `login` the two logins, this file the walk.
//!
//! By Facebook Login there is no refresh: the token lasts about 60 days and then the creator logs in again. Instagram's own login
//! lengthens its token, but knows neither hashtags nor other accounts.

mod login;
pub mod parse;
pub mod requests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use reqwest::Method;
use url::Url;

use crate::{
    client::{Client, of_client},
    connector::{AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccounts, TokenSet},
    content::{Account, Comment, Cursor, Format, Media, MediaRef, Mention, MentionKind, Order, Page, Query, Story, Topic},
    error::{Error, ErrorKind, Result},
    http::{Request, Transport},
    insights::{Crowd, Demographics, Dimension, MetricSet, Window},
    meta::{self, MANNERS, Meta, requests::Graph},
    metric::Metric,
    network::Network,
    registry::Clock,
    settings::{Settings, SettingsError},
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};
use login::Login;
pub use meta::VERSION;

const NETWORK: Network = Network::Instagram;

/// Without the first two there is no account to link.
const PAGES: &str = "pages_show_list";
const BASIC: &str = "instagram_basic";
const INSIGHTS: &str = "instagram_manage_insights";
const COMMENTS: &str = "instagram_manage_comments";
/// For webhooks, which are the Page's there; not asked for unless the settings say so.
const WEBHOOKS: &str = "pages_manage_metadata";
const SCOPES: [&str; 5] = [BASIC, INSIGHTS, COMMENTS, PAGES, "pages_read_engagement"];

const OWN_BASIC: &str = "instagram_business_basic";
const OWN_INSIGHTS: &str = "instagram_business_manage_insights";
const OWN_COMMENTS: &str = "instagram_business_manage_comments";
const OWN_SCOPES: [&str; 3] = [OWN_BASIC, OWN_INSIGHTS, OWN_COMMENTS];

/// Followers, or engagements, below which Instagram tells nothing about who they are.
const CROWD: u32 = 100;

/// The longest window that account insights are asked for at once.
const MOST_DAYS: i64 = 30;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, BASIC),
    Offer::with(Capability::Followers, BASIC),
    Offer::with(Capability::Media, BASIC),
    Offer::with(Capability::Stories, BASIC),
    Offer::with(Capability::Insights, INSIGHTS),
    Offer::with(Capability::MediaInsights, INSIGHTS),
    Offer::with(Capability::AudienceAge, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceGender, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCity, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCountry, INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::Comments, COMMENTS),
    Offer::with(Capability::Mentions, COMMENTS),
    Offer::with(Capability::HashtagSearch, BASIC).after_review(),
    Offer::with(Capability::PublicLookup, BASIC),
    Offer::with(Capability::Webhooks, WEBHOOKS).after_review(),
]);

const OWN_CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Profile, OWN_BASIC),
    Offer::with(Capability::Followers, OWN_BASIC),
    Offer::with(Capability::Media, OWN_BASIC),
    Offer::with(Capability::Stories, OWN_BASIC),
    Offer::with(Capability::Insights, OWN_INSIGHTS),
    Offer::with(Capability::MediaInsights, OWN_INSIGHTS),
    Offer::with(Capability::AudienceAge, OWN_INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceGender, OWN_INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCity, OWN_INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::AudienceCountry, OWN_INSIGHTS).from_followers(CROWD),
    Offer::with(Capability::Comments, OWN_COMMENTS),
    Offer::with(Capability::Mentions, OWN_COMMENTS),
    Offer::with(Capability::Webhooks, OWN_BASIC).after_review(),
]);

/// The connector.
pub struct Instagram {
    meta: Meta,
    login: Login,
    /// Ids of hashtags, which are the same for everybody for ever.
    hashtags: Mutex<HashMap<String, String>>,
}

impl Instagram {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        settings.required(NETWORK)?;
        let (login, api, scopes): (_, _, &[&str]) = match settings.flavour {
            None | Some(Flavour::FacebookLogin) => (Login::Facebook, "https://graph.facebook.com", &SCOPES),
            Some(Flavour::InstagramLogin) => (Login::own(&settings)?, "https://graph.instagram.com", &OWN_SCOPES),
            Some(_) => return Err(SettingsError::Missing { network: NETWORK, field: "flavour" }),
        };
        let graph = Graph {
            network: NETWORK,
            auth_base: settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.facebook.com")?,
            api_base: settings.base(NETWORK, "api_base", &settings.api_base, api)?,
            version: settings.version(NETWORK, VERSION)?,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            config_id: settings.config_id.clone(),
            proof: matches!(login, Login::Facebook),
        };
        let client = Client::new(NETWORK, &settings, scopes, MANNERS, transport, clock);
        Ok(Self { meta: Meta::new(client, graph, settings.webhook_secret), login, hashtags: Mutex::default() })
    }

    /// A read below an account, publication or other node.
    fn get(&self, account: &Account<'_>, endpoint: &'static str, id: &str, edge: Option<&str>, query: &[(&str, &str)]) -> Result<Request> {
        requests::get(&self.meta.graph, endpoint, id, edge, &account.tokens.access, query)
            .ok_or_else(|| self.error(endpoint, ErrorKind::Bug).detail("not an id of Instagram's"))
    }

    fn error(&self, endpoint: &'static str, kind: ErrorKind) -> Error {
        self.meta.client.error(endpoint, kind)
    }

    /// The scope that this login has for a purpose of the other.
    fn scope(&self, by_facebook: &'static str) -> &'static str {
        match (&self.login, by_facebook) {
            (Login::Facebook, scope) => scope,
            (Login::Own(_), INSIGHTS) => OWN_INSIGHTS,
            (Login::Own(_), COMMENTS) => OWN_COMMENTS,
            (Login::Own(_), _) => OWN_BASIC,
        }
    }

    fn needs(&self, endpoint: &'static str, account: &Account<'_>, scope: &'static str) -> Result<()> {
        self.meta.client.needs(endpoint, account.tokens, self.scope(scope))
    }

    fn only_by_facebook(&self, endpoint: &'static str, capability: Capability) -> Result<()> {
        match self.login {
            Login::Facebook => Ok(()),
            Login::Own(_) => Err(Error::not_supported(NETWORK, endpoint, capability)),
        }
    }

    async fn insights_of(&self, account: &Account<'_>, media: &MediaRef) -> Result<MetricSet> {
        const ENDPOINT: &str = "media insights";
        let id = media.external_id.as_str();
        let ask = |query: &[(&str, &str)]| self.get(account, ENDPOINT, id, Some("insights"), query);
        let mut readings = self.meta.insights(requests::metrics(&media.format), |words| ask(&[("metric", words)])).await?;
        if media.format == Format::Story && readings.iter().all(|reading| reading.metric != (Metric::Suppressed { min: 5 })) {
            // Asked alone: a breakdown on a metric without one is an unknown error.
            let request = ask(&[("metric", "navigation"), ("breakdown", "story_navigation_action_type")])?;
            match self.meta.client.read(request, meta::insights::insights).await {
                Ok(rows) => readings.extend(parse::navigation(&rows)),
                Err(error) => {
                    let metric = self.meta.client.instead(error)?;
                    readings.push(crate::Reading::new(crate::Measure::Navigation, "navigation", metric));
                }
            }
        }
        let endpoint = "instagram /{media-id}/insights".into();
        Ok(MetricSet { external_id: id.to_owned(), window: None, readings, endpoint, fetched_at: self.meta.client.now() })
    }

    async fn hashtag_id(&self, via: &Account<'_>, tag: &str) -> Result<String> {
        const ENDPOINT: &str = "ig_hashtag_search";
        let known = self.hashtags.lock().unwrap_or_else(PoisonError::into_inner).get(tag).cloned();
        if let Some(id) = known {
            return Ok(id);
        }
        let query = [("user_id", via.external_id), ("q", tag)];
        let request = self.meta.graph.call(ENDPOINT, Method::GET, &["ig_hashtag_search"], &via.tokens.access, &query);
        let id = self.meta.client.read(request, parse::hashtag).await?.ok_or_else(|| self.error(ENDPOINT, ErrorKind::NotFound))?;
        let mut known = self.hashtags.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < 10_000 {
            known.insert(tag.to_owned(), id.clone());
        }
        Ok(id)
    }
}

#[async_trait]
impl Connector for Instagram {
    of_client!(meta.client);

    fn flavour(&self) -> Flavour {
        match self.login {
            Login::Facebook => Flavour::FacebookLogin,
            Login::Own(_) => Flavour::InstagramLogin,
        }
    }

    fn capabilities(&self) -> &CapabilitySet {
        match self.login {
            Login::Facebook => &CAPABILITIES,
            Login::Own(_) => &OWN_CAPABILITIES,
        }
    }

    fn uses_pkce(&self) -> bool {
        // Meta has it for the OpenID variant alone, marked as in testing.
        false
    }

    fn authorize_origin(&self) -> String {
        self.login.authorize_origin(&self.meta.graph)
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        self.login.authorize_url(&self.meta, start)
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.login.exchange(&self.meta, &callback).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.login.refresh(&self.meta, tokens).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.only_by_facebook("revoke", Capability::Revoke)?;
        self.meta.revoke(tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        self.login.accounts(&self.meta, tokens).await
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        const ENDPOINT: &str = "profile";
        let fields = match self.login {
            Login::Facebook => requests::PROFILE_FIELDS,
            Login::Own(_) => requests::OWN_PROFILE_FIELDS,
        };
        let request = self.get(&Account::new(tokens, external_id), ENDPOINT, external_id, None, &[("fields", fields)])?;
        let now = self.meta.client.now();
        let profile = self.meta.client.read(request, |body| parse::profile(body, now)).await?;
        if profile.external_id != external_id {
            return Err(self.error(ENDPOINT, ErrorKind::Contract).detail("the answer is about another account"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        let mut query = vec![("fields", requests::MEDIA_FIELDS), ("limit", requests::LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        let request = self.get(account, "media", account.external_id, Some("media"), &query)?;
        let now = self.meta.client.now();
        self.meta.part(request, |row| parse::media(row, "instagram /{ig-id}/media", now)).await
    }

    async fn stories(&self, account: &Account<'_>) -> Result<Vec<Story>> {
        let query = [("fields", requests::MEDIA_FIELDS), ("limit", "100")];
        let request = self.get(account, "stories", account.external_id, Some("stories"), &query)?;
        let now = self.meta.client.now();
        Ok(self.meta.part(request, |row| parse::story(row, now)).await?.items)
    }

    async fn media_insights(&self, account: &Account<'_>, media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        self.needs("media insights", account, INSIGHTS)?;
        let mut sets = Vec::with_capacity(media.len());
        for one in media {
            sets.push(self.insights_of(account, one).await?);
        }
        Ok(sets)
    }

    async fn account_insights(&self, account: &Account<'_>, window: Window) -> Result<MetricSet> {
        const ENDPOINT: &str = "account insights";
        self.needs(ENDPOINT, account, INSIGHTS)?;
        let since = window.since.max(window.until - chrono::Duration::days(MOST_DAYS));
        let (from, to) = (since.timestamp().to_string(), window.until.timestamp().to_string());
        let ask = |words: &str, more: &[(&str, &str)]| {
            let mut query = vec![("metric", words), ("period", "day"), ("metric_type", "total_value"), ("since", &from), ("until", &to)];
            query.extend_from_slice(more);
            self.get(account, ENDPOINT, account.external_id, Some("insights"), &query)
        };
        let mut readings = self.meta.insights(requests::ACCOUNT, |words| ask(words, &[])).await?;
        let request = ask("follows_and_unfollows", &[("breakdown", "follow_type")])?;
        match self.meta.client.read(request, meta::insights::insights).await {
            Ok(rows) => readings.extend(parse::follows(&rows)),
            // Below a hundred followers Meta refuses this one alone.
            Err(error) if matches!(error.kind, ErrorKind::Bug | ErrorKind::BelowThreshold { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(MetricSet {
            external_id: account.external_id.to_owned(),
            window: Some(Window { since, until: window.until }),
            readings,
            endpoint: "instagram /{ig-id}/insights".into(),
            fetched_at: self.meta.client.now(),
        })
    }

    async fn demographics(&self, account: &Account<'_>) -> Result<Demographics> {
        const ENDPOINT: &str = "demographics";
        self.needs(ENDPOINT, account, INSIGHTS)?;
        let by = [(Dimension::Age, "age"), (Dimension::Gender, "gender"), (Dimension::City, "city"), (Dimension::Country, "country")];
        let crowds = [(Crowd::Followers, "follower_demographics"), (Crowd::Engaged, "engaged_audience_demographics")];
        let few = account.followers.is_some_and(|n| n < i64::from(CROWD));
        let mut breakdowns = Vec::new();
        for ((crowd, metric), (dimension, word)) in crowds.into_iter().flat_map(|crowd| by.map(|by| (crowd, by))) {
            // Nothing is asked that the rule answers.
            if few && crowd == Crowd::Followers {
                breakdowns.push(parse::breakdown(&[], crowd, dimension, Metric::Suppressed { min: CROWD }));
                continue;
            }
            let query = [
                ("metric", metric),
                ("period", "lifetime"),
                ("metric_type", "total_value"),
                ("timeframe", "this_month"),
                ("breakdown", word),
            ];
            let request = self.get(account, ENDPOINT, account.external_id, Some("insights"), &query)?;
            // Nobody tells how many engagements there were, so an empty answer about them is the threshold's.
            let empty = if crowd == Crowd::Engaged { Metric::Suppressed { min: CROWD } } else { Metric::NotReady };
            breakdowns.push(match self.meta.client.read(request, meta::insights::insights).await {
                Ok(rows) => parse::breakdown(&rows, crowd, dimension, empty),
                Err(error) => parse::breakdown(&[], crowd, dimension, self.meta.client.instead(error)?),
            });
        }
        Ok(Demographics { breakdowns, endpoint: "instagram /{ig-id}/insights".into(), fetched_at: self.meta.client.now() })
    }

    async fn comments(&self, account: &Account<'_>, media: &MediaRef, after: Option<&Cursor>) -> Result<Page<Comment>> {
        self.needs("comments", account, COMMENTS)?;
        let fields = format!("{},{}{{{}}}", requests::COMMENT_FIELDS, requests::REPLIES, requests::COMMENT_FIELDS);
        let mut query = vec![("fields", fields.as_str()), ("limit", requests::LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        let request = self.get(account, "comments", &media.external_id, Some("comments"), &query)?;
        let threads = self.meta.part(request, |row| parse::thread(row, &media.external_id)).await?;
        Ok(Page { items: threads.items.into_iter().flatten().collect(), next: threads.next, left_out: threads.left_out })
    }

    async fn mentions(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Mention>> {
        self.needs("tags", account, COMMENTS)?;
        let mut query = vec![("fields", requests::TAG_FIELDS), ("limit", requests::LIMIT)];
        query.extend(after.map(|cursor| ("after", cursor.0.as_str())));
        let request = self.get(account, "tags", account.external_id, Some("tags"), &query)?;
        self.meta.part(request, |row| parse::mention(row, MentionKind::Tag)).await
    }

    /// Nothing comes when its author's account is private.
    async fn mentioned(&self, account: &Account<'_>, event: &Event) -> Result<Mention> {
        const ENDPOINT: &str = "mentioned";
        self.only_by_facebook(ENDPOINT, Capability::Mentions)?;
        let id = |field: &str| crate::wire::id(&event.payload, field).filter(|id| meta::requests::is_id(id));
        let fields = match (id("comment_id"), id("media_id")) {
            (Some(comment), _) => format!("mentioned_comment.comment_id({comment}){{{}}}", requests::MENTIONED_COMMENT_FIELDS),
            (None, Some(media)) => format!("mentioned_media.media_id({media}){{{}}}", requests::TAG_FIELDS),
            (None, None) => {
                return Err(self.error(ENDPOINT, ErrorKind::Contract).detail("the event names neither publication nor comment"));
            }
        };
        let request = self.get(account, ENDPOINT, account.external_id, None, &[("fields", &fields)])?;
        self.meta.client.read(request, parse::mentioned).await
    }

    async fn lookup_public(&self, via: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        const ENDPOINT: &str = "business discovery";
        self.only_by_facebook(ENDPOINT, Capability::PublicLookup)?;
        let via = via.ok_or_else(|| Error::not_supported(NETWORK, ENDPOINT, Capability::PublicLookup).detail("needs a linked account"))?;
        let handle = NETWORK.normalise_handle(handle).map_err(|why| self.error(ENDPOINT, ErrorKind::NotFound).detail(why.to_string()))?;
        let request = self.get(via, ENDPOINT, via.external_id, None, &[("fields", &requests::discovery(&handle))])?;
        let now = self.meta.client.now();
        self.meta.client.read(request, |body| parse::discovered(body, now)).await
    }

    async fn search(&self, via: Option<&Account<'_>>, query: &Query) -> Result<Page<Media>> {
        const ENDPOINT: &str = "hashtag";
        self.only_by_facebook(ENDPOINT, Capability::HashtagSearch)?;
        let Topic::Hashtag(tag) = &query.topic else {
            return Err(Error::not_supported(NETWORK, ENDPOINT, Capability::KeywordSearch));
        };
        let via = via.ok_or_else(|| Error::not_supported(NETWORK, ENDPOINT, Capability::HashtagSearch).detail("needs a linked account"))?;
        let id = self.hashtag_id(via, &tag.to_lowercase()).await?;
        let edge = if query.order == Order::Top { "top_media" } else { "recent_media" };
        let mut fields = vec![("user_id", via.external_id), ("fields", requests::FOUND_FIELDS), ("limit", requests::LIMIT)];
        fields.extend(query.after.as_ref().map(|cursor| ("after", cursor.0.as_str())));
        let request = self.get(via, ENDPOINT, &id, Some(edge), &fields)?;
        let now = self.meta.client.now();
        self.meta.part(request, |row| parse::media(row, "instagram /{hashtag-id}", now)).await
    }

    async fn subscribe(&self, account: &Account<'_>) -> Result<()> {
        self.login.subscribe(&self.meta, account).await
    }

    fn webhook_challenge(&self, request: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        meta::webhooks::challenge(request, &self.meta.verify_token)
    }

    fn webhook_events(&self, request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        meta::webhooks::events(request, &self.meta.graph.client_secret)
    }
}
