//! A sandbox with a connector of one network beside it, on the sandbox's clock.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use hibiki_connectors::{
    Account, AuthStart, CallbackQuery, Clock, Connector, Error, HttpLimits, Media, Network, RawRequest, Registry, Result, Secret, Settings,
    TokenSet, oauth,
};
use sandbox::{Fault, Handle, Options};
use url::Url;

use super::kept::Kept;

/// Where the networks send people back to.
pub const REDIRECT: &str = "http://127.0.0.1:1/networks/callback";

/// The sandbox and a connector to it.
pub struct Stage {
    pub sandbox: Arc<Handle>,
    pub connector: Arc<dyn Connector>,
    /// What the connector asked.
    pub kept: Arc<Kept>,
}

/// When the sandbox's clock starts.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_600_000, 0).unwrap()
}

impl Stage {
    /// With the settings that the sandbox wants.
    pub fn new(network: Network) -> Self {
        Self::with(network, |settings| settings)
    }

    /// With settings of the test's.
    pub fn with(network: Network, bent: impl FnOnce(Settings) -> Settings) -> Self {
        Self::behind(network, bent, chrono::Duration::zero())
    }

    /// Whose clock is behind the network's.
    pub fn behind(network: Network, bent: impl FnOnce(Settings) -> Settings, by: chrono::Duration) -> Self {
        let options = Options { redirect_uris: vec![REDIRECT.into()], start: Some(noon()), ..Options::default() };
        let sandbox = Arc::new(sandbox::start(options).unwrap());
        let base: Url = sandbox.base(network.id()).parse().unwrap();
        let settings = bent(Settings {
            client_id: sandbox::CLIENT_ID.into(),
            client_secret: sandbox::CLIENT_SECRET.into(),
            auth_base: Some(base.clone()),
            token_base: Some(base.clone()),
            analytics_base: Some(base.clone()),
            api_base: Some(base),
            webhook_secret: "sandbox-webhook-secret".into(),
            sandbox: true,
            ..Settings::default()
        });
        let limits = HttpLimits { connect: Duration::from_secs(1), total: Duration::from_secs(2), body: 1 << 20 };
        let clock = Clock::new({
            let sandbox = Arc::downgrade(&sandbox);
            move || sandbox.upgrade().map_or(noon(), |sandbox| sandbox.now()) - by
        });
        let kept = Kept::new(limits);
        let registry = Registry::with(BTreeMap::from([(network.id().to_owned(), settings)]), kept.clone(), clock).unwrap();
        Self { sandbox, connector: registry.get(network).unwrap(), kept }
    }

    /// The way to the consent page and back, with the scopes that stay unticked.
    pub async fn linked(&self, person: &str, unticked: &[&str]) -> TokenSet {
        self.try_link(person, unticked).await.unwrap()
    }

    /// The same, whatever becomes of it.
    pub async fn try_link(&self, person: &str, unticked: &[&str]) -> Result<TokenSet> {
        let verifier = self.connector.uses_pkce().then(oauth::new_verifier);
        let start = AuthStart { redirect_uri: Url::parse(REDIRECT).unwrap(), state: "the state".into(), verifier: verifier.clone() };
        let url = self.connector.authorize_url(&start).unwrap();
        let back = self.sandbox.consent(url.as_str(), person, unticked).unwrap();
        self.callback(&back, verifier).await
    }

    /// Trades what the redirect brought.
    pub async fn callback(&self, location: &str, verifier: Option<Secret>) -> Result<TokenSet> {
        let location = Url::parse(location).unwrap();
        let field = |name: &str| location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(field("state").as_deref(), Some("the state"));
        let query =
            CallbackQuery { code: field("code").map(Into::into), error: field("error"), iss: field("iss"), ..CallbackQuery::default() };
        let callback = query.answer(self.connector.network(), Url::parse(REDIRECT).unwrap(), verifier)?;
        self.connector.exchange(callback).await
    }
}

/// A delivery as our server receives it.
pub fn received(delivered: &sandbox::Delivery) -> RawRequest {
    let mut headers = reqwest::header::HeaderMap::new();
    for (name, value) in &delivered.headers {
        headers.insert(reqwest::header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    RawRequest { headers, body: delivered.body.clone(), ..RawRequest::default() }
}

/// Everything that an account published.
pub async fn everything(connector: &dyn Connector, account: &Account<'_>) -> Vec<Media> {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..500 {
        let page = connector.media(account, after.as_ref()).await.unwrap();
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
    panic!("the list has no end");
}

/// What the profile fails with while a fault is due at `path`.
pub async fn profile_fault(stage: &Stage, tokens: &TokenSet, id: &str, path: &str, fault: Fault) -> Error {
    stage.sandbox.fault(path, fault, 1);
    let error = stage.connector.profile(tokens, id).await.unwrap_err();
    assert!(!error.to_string().contains(tokens.access.expose()), "{error}");
    error
}
