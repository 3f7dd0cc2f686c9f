//! The two logins of Instagram: where people consent, how a code becomes a token, and which accounts that reaches.

use std::collections::HashSet;

use reqwest::Method;
use url::Url;

use super::{
    BASIC, NETWORK, PAGES, WEBHOOKS,
    parse::{own_account, own_token},
    requests::{OWN_PROFILE_FIELDS, OwnLogin, PAGE_FIELDS, PAGE_TOKEN_FIELDS},
};
use crate::{
    connector::{AuthCallback, AuthStart, Capability, RemoteAccount, RemoteAccounts, TokenSet},
    content::Account,
    error::{Error, ErrorKind, Result, later},
    meta::{Meta, parse, requests::Graph},
    settings::{Settings, SettingsError},
};

/// Which of them.
pub(super) enum Login {
    /// By a Facebook Page.
    Facebook,
    /// Instagram's own.
    Own(Box<OwnLogin>),
}

impl Login {
    pub fn own(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self::Own(Box::new(OwnLogin {
            auth_base: settings.base(NETWORK, "auth_base", &settings.auth_base, "https://www.instagram.com")?,
            token_base: settings.base(NETWORK, "token_base", &settings.token_base, "https://api.instagram.com")?,
            api_base: settings.base(NETWORK, "api_base", &settings.api_base, "https://graph.instagram.com")?,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
        })))
    }

    pub fn authorize_origin(&self, graph: &Graph) -> String {
        match self {
            Self::Facebook => graph.auth_base.origin(),
            Self::Own(own) => own.auth_base.origin(),
        }
        .ascii_serialization()
    }

    pub fn authorize_url(&self, meta: &Meta, start: &AuthStart) -> Result<Url> {
        match self {
            Self::Facebook => meta.graph.authorize_url(start, &meta.client.scopes),
            Self::Own(own) => own.authorize_url(start, &meta.client.scopes),
        }
    }

    pub async fn exchange(&self, meta: &Meta, callback: &AuthCallback) -> Result<TokenSet> {
        let Self::Own(own) = self else { return meta.exchange(callback).await };
        let client = &meta.client;
        let short = client.read(own.code(callback), own_token).await?;
        let long = client.read(own.long_lived(&short.access), own_token).await?;
        // What is not told counts as granted: the network itself refuses what is not.
        let granted = short.permissions.or(long.permissions).unwrap_or_else(|| client.scopes.clone());
        let expires_at = long.life.and_then(|life| later(client.now(), life));
        Ok(TokenSet {
            // The token is lengthened by itself: it is its own refresh token.
            refresh: Some(long.access.clone()),
            access: long.access,
            expires_at,
            refresh_expires_at: expires_at,
            missing_scopes: client.scopes.iter().filter(|scope| !granted.contains(scope)).cloned().collect(),
            scopes: granted,
            subject: short.user_id,
        })
    }

    pub async fn refresh(&self, meta: &Meta, tokens: &TokenSet) -> Result<TokenSet> {
        let Self::Own(own) = self else { return Err(Error::not_supported(NETWORK, "refresh", Capability::Refresh)) };
        let fresh = meta.client.read(own.refresh(&tokens.access), own_token).await?;
        let expires_at = fresh.life.and_then(|life| later(meta.client.now(), life));
        Ok(TokenSet {
            refresh: Some(fresh.access.clone()),
            access: fresh.access,
            expires_at,
            refresh_expires_at: expires_at,
            ..tokens.clone()
        })
    }

    pub async fn accounts(&self, meta: &Meta, tokens: &TokenSet) -> Result<RemoteAccounts> {
        if let Self::Facebook = self {
            return Ok(sorted(meta.pages(tokens, PAGE_FIELDS).await?, &tokens.missing_scopes));
        }
        let request = meta.graph.call("me", Method::GET, &["me"], &tokens.access, &[("fields", OWN_PROFILE_FIELDS)]);
        let now = meta.client.now();
        let account = meta.client.read(request, |body| own_account(body, now)).await?;
        Ok(RemoteAccounts { refusal: account.refused.clone(), accounts: vec![account] })
    }

    /// By Facebook Login the Page is subscribed to, with its own token.
    pub async fn subscribe(&self, meta: &Meta, account: &Account<'_>) -> Result<()> {
        const ENDPOINT: &str = "subscribed_apps";
        let (id, token, fields) = match self {
            Self::Own(_) => (account.external_id.to_owned(), account.tokens.access.clone(), "comments,mentions"),
            Self::Facebook => {
                if !account.tokens.granted(WEBHOOKS) {
                    return Err(meta.client.error(ENDPOINT, ErrorKind::ScopeMissing { scope: WEBHOOKS.into() }));
                }
                let pages = meta.pages(account.tokens, PAGE_TOKEN_FIELDS).await?;
                let its = |page: &parse::Page| page.instagram.as_ref().is_some_and(|found| found.id == account.external_id);
                let page = pages.into_iter().find(its).ok_or_else(|| meta.client.error(ENDPOINT, ErrorKind::NotFound))?;
                let token = page.token.ok_or_else(|| meta.client.error(ENDPOINT, ErrorKind::Contract).detail("no token of the Page's"))?;
                // Any field of the Page's will do: Instagram's own come by the app's settings.
                (page.id, token, "feed")
            }
        };
        let request = meta
            .graph
            .node(ENDPOINT, Method::POST, &id, Some("subscribed_apps"), &token, &[("subscribed_fields", fields)])
            .ok_or_else(|| meta.client.error(ENDPOINT, ErrorKind::Bug).detail("not an id of Instagram's"))?;
        meta.client.ask(request).await.map(drop)
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

#[cfg(test)]
mod tests {
    use super::{super::INSIGHTS, *};

    fn page(id: &str, instagram: Option<&str>) -> parse::Page {
        let instagram =
            instagram.map(|id| parse::PageAccount { id: id.into(), username: Some("hana".into()), name: None, picture_url: None });
        parse::Page { id: id.into(), name: format!("Page {id}"), instagram, token: None, tasks: None, picture_url: None }
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
}
