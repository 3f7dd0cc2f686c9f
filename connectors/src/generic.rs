//! Any OAuth 2 server with PKCE and a userinfo endpoint. Our tests run it against an independent OpenID provider, since the
//! sandbox is ours and proves nothing alone.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use url::Url;

use crate::{
    connector::{
        AccountType, AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts,
        TokenSet,
    },
    error::{ErrorKind, Result, later},
    http::{Request, Transport},
    metric::Metric,
    network::Network,
    oauth::{ClientAuth, Endpoints, Oauth},
    registry::Clock,
    secret::Secret,
    settings::{SettingsError, checked_base},
};

/// Where the server is and who we are there.
#[derive(Clone, Debug)]
pub struct GenericSettings {
    /// The network that it stands for.
    pub network: Network,
    /// Where people consent.
    pub authorize_url: Url,
    /// Where codes become tokens.
    pub token_url: Url,
    /// Where tokens are taken back.
    pub revoke_url: Option<Url>,
    /// Who the person is.
    pub userinfo_url: Url,
    /// The issuer that callbacks must name (RFC 9207).
    pub issuer: Option<String>,
    /// Our id.
    pub client_id: String,
    /// Our secret.
    pub client_secret: Secret,
    /// How we name ourselves.
    pub auth: ClientAuth,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// Further parameters of the consent page, such as `prompt=consent`.
    pub extra: Vec<(String, String)>,
    /// The server is on loopback, by plain http.
    pub sandbox: bool,
}

/// The connector.
pub struct GenericOauth {
    settings: GenericSettings,
    oauth: Oauth,
    transport: Arc<dyn Transport>,
    clock: Clock,
}

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Login, ""),
    Offer::with(Capability::Refresh, ""),
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, ""),
]);

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    preferred_username: Option<String>,
    name: Option<String>,
    picture: Option<String>,
}

impl GenericOauth {
    /// Checks the addresses.
    pub fn new(settings: GenericSettings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        let urls = [
            ("authorize_url", Some(&settings.authorize_url)),
            ("token_url", Some(&settings.token_url)),
            ("revoke_url", settings.revoke_url.as_ref()),
            ("userinfo_url", Some(&settings.userinfo_url)),
        ];
        for (field, url) in urls {
            if let Some(url) = url {
                checked_base(settings.network, field, url, settings.sandbox)?;
            }
        }
        let endpoints = Endpoints {
            authorize: settings.authorize_url.clone(),
            token: settings.token_url.clone(),
            revoke: settings.revoke_url.clone(),
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            auth: settings.auth,
        };
        let oauth = Oauth::new(settings.network, endpoints, transport.clone(), clock.clone());
        Ok(Self { settings, oauth, transport, clock })
    }

    async fn userinfo(&self, tokens: &TokenSet) -> Result<UserInfo> {
        let request =
            Request::new(self.settings.network, "userinfo", Method::GET, self.settings.userinfo_url.clone()).bearer(tokens.access.expose());
        let answer = self.transport.send(request.clone()).await?;
        match answer.status {
            200 => serde_json::from_slice(&answer.body).map_err(|_| request.error(ErrorKind::Contract).detail("not a userinfo answer")),
            401 => Err(request.error(ErrorKind::TokenExpired)),
            403 => Err(request.error(ErrorKind::ScopeMissing { scope: "openid".into() })),
            429 => {
                let retry = answer.retry_after().and_then(|wait| later(self.clock.now(), wait));
                Err(request.error(ErrorKind::RateLimited { scope: crate::error::LimitScope::App }).retry_at(retry))
            }
            500.. => Err(request.error(ErrorKind::Transient)),
            status => Err(request.error(ErrorKind::Bug).detail(format!("status {status}"))),
        }
    }
}

#[async_trait]
impl Connector for GenericOauth {
    fn network(&self) -> Network {
        self.settings.network
    }

    fn flavour(&self) -> Flavour {
        Flavour::Oauth2
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn scopes(&self) -> &[String] {
        &self.settings.scopes
    }

    fn uses_pkce(&self) -> bool {
        true
    }

    fn is_sandbox(&self) -> bool {
        self.settings.sandbox
    }

    fn authorize_origin(&self) -> String {
        self.settings.authorize_url.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        let extra: Vec<(&str, &str)> = self.settings.extra.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.oauth.authorize_url(start, &self.settings.scopes, &extra)
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.oauth.exchange(&callback, &self.settings.scopes).await
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        self.oauth.refresh(tokens).await
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        self.oauth.revoke(tokens).await
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let who = self.userinfo(tokens).await?;
        let account = RemoteAccount {
            display_name: who.name.unwrap_or_else(|| who.sub.clone()),
            external_id: who.sub,
            handle: who.preferred_username,
            picture_url: who.picture.and_then(|url| Url::parse(&url).ok()),
            via: None,
            refused: None,
        };
        Ok(RemoteAccounts { accounts: vec![account], refusal: None })
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let who = self.userinfo(tokens).await?;
        if who.sub != external_id {
            return Err(
                crate::error::Error::new(self.settings.network, "userinfo", ErrorKind::NotFound).detail("the grant is another person's")
            );
        }
        Ok(Profile {
            network: self.settings.network,
            handle: who.preferred_username.unwrap_or_else(|| who.sub.clone()),
            external_id: who.sub,
            display_name: who.name.unwrap_or_default(),
            biography: String::new(),
            website: None,
            picture_url: who.picture.and_then(|url| Url::parse(&url).ok()),
            account_type: AccountType::Unknown,
            followers: Metric::NotOffered,
            following: Metric::NotOffered,
            posts: Metric::NotOffered,
            endpoint: "userinfo".into(),
            fetched_at: self.clock.now(),
        })
    }
}
