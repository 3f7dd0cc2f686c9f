//! Mastodon: login on the one server of the settings, public reads on any. `parse` is what came back, this file the walk.
//!
//! Other servers are named by people, so they are asked through the guard alone ([`crate::guard`]), and never with a token.

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
    content::{Account, Comment, Cursor, Media, MediaRef, Mention, Page, Query, Topic},
    error::{Error, ErrorKind, Result},
    flow::Flow,
    http::{Request, Transport},
    network::Network,
    oauth::{self, ClientAuth},
    registry::Clock,
    settings::{Settings, SettingsError, below},
};

const NETWORK: Network = Network::Mastodon;
const ACCOUNTS: &str = "read:accounts";
const STATUSES: &str = "read:statuses";
const NOTIFICATIONS: &str = "read:notifications";
const SCOPES: [&str; 3] = [ACCOUNTS, STATUSES, NOTIFICATIONS];

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, ""),
    Offer::with(Capability::Followers, ""),
    Offer::with(Capability::Media, ""),
    Offer::with(Capability::Comments, ""),
    Offer::with(Capability::Mentions, NOTIFICATIONS),
    Offer::with(Capability::HashtagSearch, ""),
    Offer::with(Capability::PublicLookup, ""),
]);

/// Without an app of ours on a server.
const PUBLIC: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Profile, ""),
    Offer::with(Capability::Followers, ""),
    Offer::with(Capability::Media, ""),
    Offer::with(Capability::Comments, ""),
    Offer::with(Capability::HashtagSearch, ""),
    Offer::with(Capability::PublicLookup, ""),
]);

const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The connector.
pub struct Mastodon {
    client: Client,
    /// The way to servers that people named.
    guarded: Client,
    /// Login, where the settings name a server and our app there.
    flow: Option<Flow>,
    home: Url,
    authorize: Url,
}

impl Mastodon {
    /// Checks the settings. Without a client id there are public reads alone. `guarded` must be a transport that reaches public
    /// addresses only.
    pub fn new(
        settings: Settings,
        transport: Arc<dyn Transport>,
        guarded: Arc<dyn Transport>,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        let home = settings.base(NETWORK, "api_base", &settings.api_base, "https://mastodon.social")?;
        let auth = match &settings.auth_base {
            Some(_) => settings.base(NETWORK, "auth_base", &settings.auth_base, "")?,
            None => home.clone(),
        };
        let flow = if settings.client_id.is_empty() {
            None
        } else {
            settings.required(NETWORK)?;
            Some(Flow {
                token: below(&home, &["oauth", "token"]),
                revoke: Some(below(&home, &["oauth", "revoke"])),
                client_id: settings.client_id.clone(),
                client_secret: settings.client_secret.clone(),
                auth: ClientAuth::Body,
                id_field: "client_id",
                extra: &[],
            })
        };
        let client = Client::new(NETWORK, &settings, &SCOPES, MANNERS, transport, clock.clone());
        let guarded = Client::new(NETWORK, &settings, &[], MANNERS, guarded, clock);
        Ok(Self { client, guarded, flow, authorize: below(&auth, &["oauth", "authorize"]), home })
    }

    fn flow(&self, endpoint: &'static str) -> Result<&Flow> {
        self.flow.as_ref().ok_or_else(|| Error::not_supported(NETWORK, endpoint, Capability::Login).detail("no client_id is set"))
    }

    fn host(&self) -> &str {
        self.home.host_str().unwrap_or_default()
    }

    /// An id of ours as the server's own and the server.
    fn parts<'a>(&self, endpoint: &'static str, external_id: &'a str) -> Result<(&'a str, &'a str)> {
        let found = external_id
            .split_once('@')
            .filter(|(id, host)| (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty());
        found.ok_or_else(|| self.client.error(endpoint, ErrorKind::Bug).detail("not an id of ours"))
    }

    /// A read on a server: at home with the token where there is one, elsewhere through the guard and without.
    fn get(
        &self,
        endpoint: &'static str,
        host: &str,
        path: &[&str],
        query: &[(&str, &str)],
        tokens: Option<&TokenSet>,
    ) -> Result<(&Client, Request, Url)> {
        let at_home = host == self.host();
        let base = if at_home {
            self.home.clone()
        } else {
            Url::parse(&format!("https://{host}/"))
                .map_err(|_| self.client.error(endpoint, ErrorKind::NotFound).detail("not the name of a server"))?
        };
        let mut url = below(&base, &["api", "v1"]);
        url = below(&url, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::new(NETWORK, endpoint, Method::GET, url);
        let token = tokens.filter(|tokens| at_home && !tokens.access.is_empty());
        let request = match token {
            Some(tokens) => request.bearer(tokens.access.expose()),
            None => request,
        };
        Ok((if at_home { &self.client } else { &self.guarded }, request, base))
    }

    async fn account(&self, host: &str, path: &[&str], query: &[(&str, &str)], tokens: Option<&TokenSet>) -> Result<Profile> {
        let (client, request, _) = self.get("accounts", host, path, query, tokens)?;
        let now = client.now();
        client.read(request, |body| parse::account(body, host, now)).await
    }

    async fn list<T>(
        &self,
        endpoint: &'static str,
        host: &str,
        path: &[&str],
        query: &[(&str, &str)],
        tokens: Option<&TokenSet>,
        read: impl FnMut(&serde_json::Value) -> Option<T>,
    ) -> Result<Page<T>> {
        let (client, request, base) = self.get(endpoint, host, path, query, tokens)?;
        let answer = client.ask(request).await?;
        let (rows, next) = parse::rows(&answer, &base).map_err(|e| client.error(endpoint, ErrorKind::Contract).detail(e.to_string()))?;
        let (items, left_out) = crate::wire::rows(&rows, read);
        Ok(Page { items, next, left_out })
    }
}

#[async_trait]
impl Connector for Mastodon {
    of_client!(client);

    fn flavour(&self) -> Flavour {
        if self.flow.is_some() { Flavour::Oauth2 } else { Flavour::Public }
    }

    fn capabilities(&self) -> &CapabilitySet {
        if self.flow.is_some() { &CAPABILITIES } else { &PUBLIC }
    }

    fn uses_pkce(&self) -> bool {
        true
    }

    fn authorize_origin(&self) -> String {
        self.authorize.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        oauth::authorize_url(&self.authorize, &self.flow("authorize")?.client_id, start, &self.client.scopes, &[])
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.flow("token")?.exchange(&self.client, &callback).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.flow("revoke")?.revoke(&self.client, &tokens.access).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        self.flow("accounts")?;
        let found = self.account(self.host(), &["accounts", "verify_credentials"], &[], Some(tokens)).await?;
        let Profile { external_id, handle, display_name, picture_url, .. } = found;
        let account = RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let (id, host) = self.parts("accounts", external_id)?;
        let profile = self.account(host, &["accounts", id], &[], Some(tokens)).await?;
        if profile.external_id != external_id {
            return Err(self.client.error("accounts", ErrorKind::Contract).detail("the answer is about another account"));
        }
        Ok(profile)
    }

    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        const ENDPOINT: &str = "statuses";
        let (id, host) = self.parts(ENDPOINT, account.external_id)?;
        let mut query = vec![("limit", "40"), ("exclude_reblogs", "true"), ("exclude_replies", "true")];
        query.extend(after.map(|cursor| ("max_id", cursor.0.as_str())));
        let now = self.client.now();
        self.list(ENDPOINT, host, &["accounts", id, "statuses"], &query, Some(account.tokens), |row| parse::status(row, host, now)).await
    }

    async fn comments(&self, account: &Account<'_>, media: &MediaRef, _: Option<&Cursor>) -> Result<Page<Comment>> {
        const ENDPOINT: &str = "context";
        let (_, host) = self.parts(ENDPOINT, account.external_id)?;
        let (client, request, _) = self.get(ENDPOINT, host, &["statuses", &media.external_id, "context"], &[], Some(account.tokens))?;
        let found = client.read(request, |body| Ok(crate::wire::list(&crate::wire::object(body)?, "descendants")?.to_vec())).await?;
        let (items, left_out) = crate::wire::rows(&found, |row| parse::reply(row, host, &media.external_id));
        Ok(Page { items, next: None, left_out })
    }

    async fn mentions(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Mention>> {
        const ENDPOINT: &str = "notifications";
        self.client.needs(ENDPOINT, account.tokens, NOTIFICATIONS)?;
        let mut query = vec![("types[]", "mention"), ("limit", "40")];
        query.extend(after.map(|cursor| ("max_id", cursor.0.as_str())));
        let (host, now) = (self.host(), self.client.now());
        self.list(ENDPOINT, host, &["notifications"], &query, Some(account.tokens), |row| parse::mention(row, host, now)).await
    }

    async fn lookup_public(&self, _: Option<&Account<'_>>, handle: &str) -> Result<Profile> {
        let wrong = |why: crate::HandleError| self.client.error("accounts", ErrorKind::NotFound).detail(why.to_string());
        let handle = NETWORK.normalise_handle(handle).map_err(wrong)?;
        let (name, host) = handle.text().split_once('@').unwrap_or((handle.text(), self.host()));
        self.account(host, &["accounts", "lookup"], &[("acct", name)], None).await
    }

    async fn search(&self, via: Option<&Account<'_>>, query: &Query) -> Result<Page<Media>> {
        const ENDPOINT: &str = "timelines/tag";
        let Topic::Hashtag(tag) = &query.topic else { return Err(Error::not_supported(NETWORK, ENDPOINT, Capability::KeywordSearch)) };
        let mut fields = vec![("limit", "40")];
        fields.extend(query.after.as_ref().map(|cursor| ("max_id", cursor.0.as_str())));
        let (host, now) = (self.host(), self.client.now());
        let tokens = via.map(|account| account.tokens);
        self.list(ENDPOINT, host, &["timelines", "tag", tag], &fields, tokens, |row| parse::status(row, host, now)).await
    }
}
