//! The trait that every network implements, and what its answers are made of.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

pub use crate::capability::{Availability, Capability, CapabilitySet, Flavour, Offer};
use crate::{
    content::{Account, Comment, Cursor, Media, MediaRef, Mention, Page, Query, Story},
    error::{Error, ErrorKind, Result},
    insights::{Demographics, MetricSet, Window},
    metric::Metric,
    network::{Handle, Network},
    secret::Secret,
    webhook::{Event, RawRequest, RawResponse, WebhookError},
};

/// One way into one network. Knows how to ask, not when: the caller schedules, stores and locks.
///
/// A method that a network has no answer for keeps its default body and says [`ErrorKind::NotSupported`]; a caller asks
/// [`Connector::capabilities`] first, so that a page can say "not available" without a call.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Which network.
    fn network(&self) -> Network;

    /// Which of the network's logins.
    fn flavour(&self) -> Flavour;

    /// What this login can give, and on which conditions.
    fn capabilities(&self) -> &CapabilitySet;

    /// The scopes that people are asked for.
    fn scopes(&self) -> &[String];

    /// Whether `verifier` of [`AuthStart`] and [`AuthCallback`] is needed.
    fn uses_pkce(&self) -> bool;

    /// Whether this is the sandbox: everything from it is demo data.
    fn is_sandbox(&self) -> bool;

    /// The origin that people are sent to, for the `form-action` of the page with the button.
    fn authorize_origin(&self) -> String;

    /// Where to send the person.
    fn authorize_url(&self, start: &AuthStart) -> Result<Url>;

    /// Trades the code for tokens. The scopes that were not granted stand in the answer; they do not fail it.
    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet>;

    /// New tokens for old. May rotate: the caller holds a lock and stores the answer before using it.
    async fn refresh(&self, _tokens: &TokenSet) -> Result<TokenSet> {
        Err(Error::not_supported(self.network(), "refresh", Capability::Refresh))
    }

    /// Takes the grant back at the network. An already dead grant is a success.
    async fn revoke(&self, _tokens: &TokenSet) -> Result<()> {
        Err(Error::not_supported(self.network(), "revoke", Capability::Revoke))
    }

    /// Whether the grant still lives, by one call; for networks with [`Capability::HourlyCheck`].
    async fn check(&self, _tokens: &TokenSet) -> Result<()> {
        Err(Error::not_supported(self.network(), "check", Capability::HourlyCheck))
    }

    /// The accounts that the grant reaches, each usable or refused with its reason.
    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts>;

    /// One account's profile, by the network's own id.
    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile>;

    /// What the account published, the newest first. Stories are not in it.
    async fn media(&self, _account: &Account<'_>, _after: Option<&Cursor>) -> Result<Page<Media>> {
        Err(Error::not_supported(self.network(), "media", Capability::Media))
    }

    /// The stories that are up now.
    async fn stories(&self, _account: &Account<'_>) -> Result<Vec<Story>> {
        Err(Error::not_supported(self.network(), "stories", Capability::Stories))
    }

    /// Figures of publications, one set for each in the order asked. What the network keeps back of one of them stands in its
    /// readings; a limit or a dead grant fails the whole call.
    async fn media_insights(&self, _account: &Account<'_>, _media: &[MediaRef]) -> Result<Vec<MetricSet>> {
        Err(Error::not_supported(self.network(), "media insights", Capability::MediaInsights))
    }

    /// Figures of the account over a window.
    async fn account_insights(&self, _account: &Account<'_>, _window: Window) -> Result<MetricSet> {
        Err(Error::not_supported(self.network(), "account insights", Capability::Insights))
    }

    /// Who the audience is, as far as the network tells.
    async fn demographics(&self, _account: &Account<'_>) -> Result<Demographics> {
        Err(Error::not_supported(self.network(), "demographics", Capability::AudienceAge))
    }

    /// What others say under a publication.
    async fn comments(&self, _account: &Account<'_>, _media: &MediaRef, _after: Option<&Cursor>) -> Result<Page<Comment>> {
        Err(Error::not_supported(self.network(), "comments", Capability::Comments))
    }

    /// Where others name the account.
    async fn mentions(&self, _account: &Account<'_>, _after: Option<&Cursor>) -> Result<Page<Mention>> {
        Err(Error::not_supported(self.network(), "mentions", Capability::Mentions))
    }

    /// Somebody else's public profile by handle, asked for by way of a linked account (`None`: without any, where the network
    /// allows that).
    async fn lookup_public(&self, _via: Option<&Account<'_>>, _handle: &str) -> Result<Profile> {
        Err(Error::not_supported(self.network(), "public lookup", Capability::PublicLookup))
    }

    /// The publication or comment that an event of the kind [`crate::EventKind::Mention`] speaks of.
    async fn mentioned(&self, _account: &Account<'_>, _event: &Event) -> Result<Mention> {
        Err(Error::not_supported(self.network(), "mentioned", Capability::Mentions))
    }

    /// Publications of anybody's on a topic, asked for by way of a linked account (`None`: as above).
    async fn search(&self, _via: Option<&Account<'_>>, _query: &Query) -> Result<Page<Media>> {
        Err(Error::not_supported(self.network(), "search", Capability::KeywordSearch))
    }

    /// Asks the network to send this account's events from now on.
    async fn subscribe(&self, _account: &Account<'_>) -> Result<()> {
        Err(Error::not_supported(self.network(), "subscribe", Capability::Webhooks))
    }

    /// The answer to a network that checks whether the address of our webhook is ours; `None`: this request is no such check.
    fn webhook_challenge(&self, _request: &RawRequest) -> Result<Option<RawResponse>, WebhookError> {
        Err(WebhookError::NotSetUp)
    }

    /// The events of a request, after its signature was checked over its raw bytes.
    fn webhook_events(&self, _request: &RawRequest) -> Result<Vec<Event>, WebhookError> {
        Err(WebhookError::NotSetUp)
    }

    /// Whether the operator says that the network has reviewed the app.
    fn is_reviewed(&self) -> bool {
        false
    }

    /// What it takes for an account with these scopes and followers (`None` = not known) to have a capability here.
    fn availability(&self, capability: Capability, granted: &[String], followers: Option<i64>) -> Availability {
        self.capabilities().of_account(capability, granted, followers, self.is_reviewed())
    }
}

/// What a walk to the network's consent page begins with. The caller keeps `state` and `verifier` with the session.
#[derive(Clone, Debug)]
pub struct AuthStart {
    /// Our callback, exactly as registered at the network.
    pub redirect_uri: Url,
    /// One-time, bound to the session; see [`crate::oauth::new_state`].
    pub state: String,
    /// The PKCE verifier, where [`Connector::uses_pkce`]; see [`crate::oauth::new_verifier`].
    pub verifier: Option<Secret>,
}

/// What the network's redirect brought, as the query of our callback.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallbackQuery {
    /// The code.
    pub code: Option<Secret>,
    /// Our state: the caller compares it before anything else.
    pub state: Option<String>,
    /// Set instead of a code.
    pub error: Option<String>,
    /// The network's words for it.
    pub error_description: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
}

impl CallbackQuery {
    /// The callback to exchange, or why there is none: the person declined, or the network refuses us.
    pub fn answer(self, network: Network, redirect_uri: Url, verifier: Option<Secret>) -> Result<AuthCallback> {
        const ENDPOINT: &str = "callback";
        if let Some(error) = self.error {
            let kind = match error.as_str() {
                "access_denied" | "user_cancelled_login" | "user_cancelled_authorize" => ErrorKind::Declined,
                "server_error" | "temporarily_unavailable" => ErrorKind::Transient,
                "unauthorized_client" | "unsupported_response_type" => ErrorKind::AppNotApproved,
                "invalid_scope" | "invalid_request" => ErrorKind::Bug,
                _ => ErrorKind::Contract,
            };
            let detail = format!("{error} {}", self.error_description.unwrap_or_default());
            return Err(Error::new(network, ENDPOINT, kind).detail(detail.trim()));
        }
        match self.code.filter(|code| !code.is_empty()) {
            Some(code) => Ok(AuthCallback { code, redirect_uri, verifier, iss: self.iss }),
            None => Err(Error::new(network, ENDPOINT, ErrorKind::Contract).detail("neither code nor error")),
        }
    }
}

/// What is traded for tokens.
#[derive(Clone, Debug)]
pub struct AuthCallback {
    /// The code.
    pub code: Secret,
    /// The same as at the start.
    pub redirect_uri: Url,
    /// The same as at the start.
    pub verifier: Option<Secret>,
    /// The issuer that the callback named.
    pub iss: Option<String>,
}

/// The tokens of one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// For calls.
    pub access: Secret,
    /// For new tokens, where the network has such.
    pub refresh: Option<Secret>,
    /// When `access` ends; `None`: the network did not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// When `refresh` ends; `None`: the network did not say.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// What the creator granted.
    pub scopes: Vec<String>,
    /// What was asked for and not granted.
    pub missing_scopes: Vec<String>,
    /// Whose grant it is, in the network's word, where the token's answer tells.
    pub subject: Option<String>,
}

/// The stored form of a [`TokenSet`]. Short names: it is sealed, not read.
#[derive(Serialize, Deserialize)]
struct Stored {
    a: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<DateTime<Utc>>,
    #[serde(default)]
    s: Vec<String>,
    #[serde(default)]
    m: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<String>,
}

impl TokenSet {
    /// No grant at all, for reads of what is public.
    pub fn none() -> Self {
        Self {
            access: Secret::default(),
            refresh: None,
            expires_at: None,
            refresh_expires_at: None,
            scopes: Vec::new(),
            missing_scopes: Vec::new(),
            subject: None,
        }
    }

    /// As text, **to be sealed** before it is stored.
    pub fn to_sealable(&self) -> Secret {
        let stored = Stored {
            a: self.access.expose().to_owned(),
            r: self.refresh.as_ref().map(|r| r.expose().to_owned()),
            e: self.expires_at,
            f: self.refresh_expires_at,
            s: self.scopes.clone(),
            m: self.missing_scopes.clone(),
            u: self.subject.clone(),
        };
        Secret::new(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// Back from [`TokenSet::to_sealable`].
    pub fn from_sealable(text: &Secret) -> Option<Self> {
        let stored: Stored = serde_json::from_str(text.expose()).ok()?;
        Some(Self {
            access: stored.a.into(),
            refresh: stored.r.map(Into::into),
            expires_at: stored.e,
            refresh_expires_at: stored.f,
            scopes: stored.s,
            missing_scopes: stored.m,
            subject: stored.u,
        })
    }

    /// Whether the creator granted `scope`.
    pub fn granted(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// What the network says an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// A private person's.
    Personal,
    /// A business's.
    Business,
    /// A creator's.
    Creator,
    /// Business or creator: the network does not say which.
    Professional,
    /// The network does not say.
    Unknown,
}

/// An account that a grant reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccount {
    /// The network's id. For a Page that has no account of its own on this network, the Page's id.
    pub external_id: String,
    /// Its handle, where the listing tells.
    pub handle: Option<String>,
    /// Its name for people.
    pub display_name: String,
    /// Its picture.
    pub picture_url: Option<Url>,
    /// The Page that it hangs on.
    pub via: Option<String>,
    /// Why it cannot be linked; `None`: it can.
    pub refused: Option<ErrorKind>,
}

/// All accounts that a grant reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccounts {
    /// Usable ones first.
    pub accounts: Vec<RemoteAccount>,
    /// Why none can be linked; `None`: at least one can.
    pub refusal: Option<ErrorKind>,
}

impl RemoteAccounts {
    /// Those that can be linked.
    pub fn usable(&self) -> impl Iterator<Item = &RemoteAccount> {
        self.accounts.iter().filter(|account| account.refused.is_none())
    }
}

/// An account's profile, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// On which network.
    pub network: Network,
    /// The network's id.
    pub external_id: String,
    /// As the network writes it.
    pub handle: String,
    /// The name for people; may be empty.
    pub display_name: String,
    /// May be empty.
    pub biography: String,
    /// As its owner typed it: unchecked.
    pub website: Option<String>,
    /// At the network's host; expires, so copy it.
    pub picture_url: Option<Url>,
    /// What the network says it is.
    pub account_type: AccountType,
    /// Who follows it.
    pub followers: Metric,
    /// Whom it follows.
    pub following: Metric,
    /// What it has published.
    pub posts: Metric,
    /// The endpoint that said so.
    pub endpoint: String,
    /// When it said so.
    pub fetched_at: DateTime<Utc>,
}

impl Profile {
    /// The handle in one form, if it is one by our rules.
    pub fn normalised(&self) -> Option<Handle> {
        self.network.normalise_handle(&self.handle).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_both_ways_and_are_not_printed() {
        let tokens = TokenSet {
            access: "access-token".into(),
            refresh: Some("refresh-token".into()),
            expires_at: DateTime::from_timestamp(1_800_000_000, 0),
            refresh_expires_at: None,
            scopes: vec!["a".into()],
            missing_scopes: vec!["b".into()],
            subject: Some("1".into()),
        };
        assert_eq!(TokenSet::from_sealable(&tokens.to_sealable()), Some(tokens.clone()));
        assert_eq!(TokenSet::from_sealable(&"{}".into()), None);
        let printed = format!("{tokens:?}");
        assert!(!printed.contains("access-token") && !printed.contains("refresh-token"), "{printed}");
    }

    #[test]
    fn a_refusal_is_no_code() {
        let answer = |query: &str| {
            let query: CallbackQuery = serde_urlencoded::from_str(query).unwrap();
            query.answer(Network::Instagram, Url::parse("http://localhost/cb").unwrap(), None)
        };
        assert_eq!(answer("error=access_denied&error_reason=user_denied&state=s").unwrap_err().kind, ErrorKind::Declined);
        assert_eq!(answer("state=s").unwrap_err().kind, ErrorKind::Contract);
        assert_eq!(answer("code=&state=s").unwrap_err().kind, ErrorKind::Contract);
        assert_eq!(answer("code=abc&state=s").unwrap().code.expose(), "abc");
    }
}
