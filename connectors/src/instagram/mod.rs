//! Instagram's professional accounts by Facebook Login: `requests` is what to send, `parse` what came back, this file the walk.
//!
//! There is no refresh: the long-lived token lasts about 60 days and then the creator logs in again.

pub mod parse;
pub mod requests;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use url::Url;

use crate::{
    connector::{
        AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Flavour, Offer, Profile, RemoteAccount, RemoteAccounts, TokenSet,
        Usage,
    },
    error::{Error, ErrorKind, Result, later},
    http::{Request, Response, Transport},
    network::Network,
    registry::Clock,
    secret::Secret,
    settings::{Settings, SettingsError, checked_base},
};
use requests::Graph;

/// The version of the Graph API that this was written for.
pub const VERSION: &str = "v26.0";

/// Without these there is no account to link.
const PAGES: &str = "pages_show_list";
const BASIC: &str = "instagram_basic";
const INSIGHTS: &str = "instagram_manage_insights";
const COMMENTS: &str = "instagram_manage_comments";

const SCOPES: [&str; 5] = [BASIC, INSIGHTS, COMMENTS, PAGES, "pages_read_engagement"];

/// Whoever has more Pages than this is not a creator.
const MOST_PAGES_OF_ANSWERS: usize = 40;

/// From here on we slow down; the scheduler reads [`Connector::usage`].
const SLOW_PERCENT: u32 = 75;

const CAPABILITIES: CapabilitySet = CapabilitySet(&[
    Offer::with(Capability::Revoke, ""),
    Offer::with(Capability::Profile, BASIC),
    Offer::with(Capability::Followers, BASIC),
    Offer::with(Capability::Media, BASIC),
    Offer::with(Capability::Stories, BASIC),
    Offer::with(Capability::Insights, INSIGHTS),
    Offer::with(Capability::AudienceAge, INSIGHTS).from_followers(100),
    Offer::with(Capability::AudienceGender, INSIGHTS).from_followers(100),
    Offer::with(Capability::AudienceCity, INSIGHTS).from_followers(100),
    Offer::with(Capability::AudienceCountry, INSIGHTS).from_followers(100),
    Offer::with(Capability::Comments, COMMENTS),
    Offer::with(Capability::Mentions, COMMENTS),
    Offer::with(Capability::HashtagSearch, BASIC).after_review(),
    Offer::with(Capability::PublicLookup, BASIC),
    Offer::with(Capability::Webhooks, BASIC).after_review(),
]);

/// The connector.
pub struct Instagram {
    graph: Graph,
    scopes: Vec<String>,
    sandbox: bool,
    transport: Arc<dyn Transport>,
    clock: Clock,
    usage: Mutex<Option<Usage>>,
}

impl Instagram {
    /// Checks the settings.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        const NETWORK: Network = Network::Instagram;
        let default = |url: Option<Url>, real: &str, field| match url {
            Some(url) => Ok(url),
            None => Url::parse(real).map_err(|_| SettingsError::Missing { network: NETWORK, field }),
        };
        let auth_base = default(settings.auth_base, "https://www.facebook.com", "auth_base")?;
        let api_base = default(settings.api_base, "https://graph.facebook.com", "api_base")?;
        checked_base(NETWORK, "auth_base", &auth_base, settings.sandbox)?;
        checked_base(NETWORK, "api_base", &api_base, settings.sandbox)?;
        let version = settings.version.unwrap_or_else(|| VERSION.to_owned());
        let number = version.strip_prefix('v').unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(SettingsError::Missing { network: NETWORK, field: "version" });
        }
        if settings.client_id.is_empty() {
            return Err(SettingsError::Missing { network: NETWORK, field: "client_id" });
        }
        if settings.client_secret.is_empty() {
            return Err(SettingsError::Missing { network: NETWORK, field: "client_secret" });
        }
        let graph = Graph {
            auth_base,
            api_base,
            version,
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            config_id: settings.config_id,
        };
        let scopes = settings.scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec());
        Ok(Self { graph, scopes, sandbox: settings.sandbox, transport, clock, usage: Mutex::default() })
    }

    /// Sends, notes the limits, and reads a refusal as an error.
    async fn ask(&self, request: Request) -> Result<Response> {
        let (network, endpoint) = (request.network, request.endpoint);
        let answer = self.transport.send(request).await?;
        if let Some(usage) = parse::usage(&answer) {
            if usage.percent() >= SLOW_PERCENT {
                tracing::warn!(%network, endpoint, percent = usage.percent(), "most of the network's limit is used up");
            }
            *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = Some(usage);
        }
        match parse::refusal(&answer) {
            None => Ok(answer),
            Some(refusal) => Err(Error::new(network, endpoint, refusal.kind)
                .detail(refusal.detail)
                .retry_at(refusal.wait.and_then(|wait| later(self.clock.now(), wait)))),
        }
    }

    /// Asks, and reads the answer with a pure parser.
    async fn read<T>(&self, request: Request, parse: impl FnOnce(&[u8]) -> Result<T, parse::Unreadable>) -> Result<T> {
        let (network, endpoint) = (request.network, request.endpoint);
        let answer = self.ask(request).await?;
        parse(&answer.body).map_err(|e| Error::new(network, endpoint, ErrorKind::Contract).detail(e.to_string()))
    }
}

#[async_trait]
impl Connector for Instagram {
    fn network(&self) -> Network {
        Network::Instagram
    }

    fn flavour(&self) -> Flavour {
        Flavour::FacebookLogin
    }

    fn capabilities(&self) -> &CapabilitySet {
        &CAPABILITIES
    }

    fn scopes(&self) -> &[String] {
        &self.scopes
    }

    fn uses_pkce(&self) -> bool {
        // Meta has it for the OpenID variant alone, marked as in testing.
        false
    }

    fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    fn authorize_origin(&self) -> String {
        self.graph.auth_base.origin().ascii_serialization()
    }

    fn authorize_url(&self, start: &AuthStart) -> Result<Url> {
        self.graph.authorize_url(start, &self.scopes)
    }

    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        let short = self.read(self.graph.code(&callback), parse::token).await?;
        let long = self.read(self.graph.long_lived(&short.access), parse::token).await?;
        let granted = self.read(self.graph.permissions(&long.access), parse::permissions).await?;
        // One person's grant may carry several accounts; taking it back ends them all, so it matters whose it is.
        let subject = self.read(self.graph.me(&long.access), parse::subject).await?;
        Ok(TokenSet {
            expires_at: long.life.and_then(|life| later(self.clock.now(), life)),
            access: long.access,
            refresh: None,
            refresh_expires_at: None,
            missing_scopes: self.scopes.iter().filter(|scope| !granted.contains(scope)).cloned().collect(),
            scopes: granted,
            subject: Some(subject),
        })
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        match self.ask(self.graph.revoke(&tokens.access)).await {
            Ok(_) => Ok(()),
            // It is gone already, which is what was wanted.
            Err(error) if matches!(error.kind, ErrorKind::Revoked | ErrorKind::TokenExpired | ErrorKind::Checkpoint) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        let mut pages = Vec::new();
        let mut after = None;
        let mut cursors = HashSet::new();
        for _ in 0..MOST_PAGES_OF_ANSWERS {
            let request = self.graph.accounts(&tokens.access, after.as_deref());
            let error = request.error(ErrorKind::Contract);
            let part = self.read(request, parse::pages).await?;
            pages.extend(part.pages);
            let Some(next) = part.next else { break };
            // The cursor alone is used, on our own base; a `next` that leads elsewhere still means that something is wrong.
            if !self.graph.is_ours(&next) {
                return Err(error.detail("`paging.next` leads to another host"));
            }
            after = part.after;
            match &after {
                Some(cursor) if cursors.insert(cursor.clone()) => {}
                _ => return Err(error.detail("paging goes in a circle")),
            }
        }
        Ok(sorted(pages, &tokens.missing_scopes))
    }

    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        let request = self
            .graph
            .profile(&tokens.access, external_id)
            .ok_or_else(|| Error::new(Network::Instagram, "profile", ErrorKind::Bug).detail("not an id of Instagram's"))?;
        let error = request.error(ErrorKind::Contract);
        let profile = self.read(request, |body| parse::profile(body, self.clock.now())).await?;
        if profile.external_id != external_id {
            return Err(error.detail("the answer is about another account"));
        }
        Ok(profile)
    }

    fn usage(&self) -> Option<Usage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pages as accounts, usable ones first, each account once; and why there is none, if there is none.
fn sorted(pages: Vec<parse::Page>, missing: &[String]) -> RemoteAccounts {
    let missing = |scope: &str| missing.iter().any(|m| m == scope).then(|| ErrorKind::ScopeMissing { scope: scope.to_owned() });
    // Without the scope Meta leaves the account out, which looks the same as a Page that has none.
    let why_none = missing(PAGES).or_else(|| missing(BASIC)).unwrap_or(ErrorKind::NotBusinessAccount);
    let mut seen = HashSet::new();
    let mut accounts: Vec<RemoteAccount> = pages
        .into_iter()
        .map(|page| match page.instagram {
            Some(account) => RemoteAccount {
                refused: missing(BASIC),
                display_name: account.name.or_else(|| account.username.clone()).unwrap_or_else(|| page.name.clone()),
                external_id: account.id,
                handle: account.username,
                picture_url: account.picture_url,
                via: Some(page.name),
            },
            None => RemoteAccount {
                external_id: page.id,
                handle: None,
                display_name: page.name.clone(),
                picture_url: None,
                via: Some(page.name),
                refused: Some(why_none.clone()),
            },
        })
        .filter(|account| seen.insert(account.external_id.clone()))
        .collect();
    accounts.sort_by_key(|account| account.refused.is_some());
    let refusal = match accounts.first() {
        Some(first) => first.refused.clone(),
        None => Some(why_none),
    };
    RemoteAccounts { accounts, refusal }
}

/// Proof that a caller who holds the token also holds the app's secret: without it a stolen token is of little use.
pub(crate) fn appsecret_proof(token: &Secret, secret: &Secret) -> String {
    use hmac::{Hmac, Mac};
    // HMAC takes keys of any length, so there is always one.
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(secret.expose().as_bytes()) else { return String::new() };
    mac.update(token.expose().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str, instagram: Option<&str>) -> parse::Page {
        let instagram =
            instagram.map(|id| parse::PageAccount { id: id.into(), username: Some("hana".into()), name: None, picture_url: None });
        parse::Page { id: id.into(), name: format!("Page {id}"), instagram }
    }

    #[test]
    fn usable_accounts_come_first_and_once() {
        let found = sorted(vec![page("1", None), page("2", Some("9")), page("3", Some("9"))], &[]);
        assert_eq!(found.accounts.iter().map(|a| a.external_id.as_str()).collect::<Vec<_>>(), ["9", "1"]);
        assert_eq!(found.accounts[1].refused, Some(ErrorKind::NotBusinessAccount));
        assert_eq!((found.usable().count(), found.refusal), (1, None));
    }

    #[test]
    fn why_there_is_none() {
        let scope = |scope: &str| Some(ErrorKind::ScopeMissing { scope: scope.into() });
        assert_eq!(sorted(vec![], &[]).refusal, Some(ErrorKind::NotBusinessAccount));
        assert_eq!(sorted(vec![page("1", None)], &[]).refusal, Some(ErrorKind::NotBusinessAccount));
        assert_eq!(sorted(vec![], &[PAGES.into()]).refusal, scope(PAGES));
        assert_eq!(sorted(vec![page("1", None)], &[BASIC.into()]).refusal, scope(BASIC));
        assert_eq!(sorted(vec![page("1", Some("9"))], &[INSIGHTS.into()]).refusal, None, "insights are not needed to link");
    }

    #[test]
    fn the_proof_is_hmac_sha256_in_hex() {
        // RFC 4231, test case 2.
        let proof = appsecret_proof(&"what do ya want for nothing?".into(), &"Jefe".into());
        assert_eq!(proof, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
