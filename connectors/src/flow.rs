//! The code flow as most networks have it: a code for tokens, a refresh token for new ones, revocation. Tolerant of the habits in
//! which they differ: how the client names itself, how scopes are joined, and what an answer calls things.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::{
    client::Client,
    connector::{AuthCallback, TokenSet},
    error::{ErrorKind, LimitScope, Result},
    http::{Request, Response},
    oauth::ClientAuth,
    secret::Secret,
    wire::{Refusal, Unreadable, after, id, number, object, text},
};

/// The token endpoints of a network and who we are there.
pub(crate) struct Flow {
    pub token: Url,
    pub revoke: Option<Url>,
    pub client_id: String,
    pub client_secret: Secret,
    pub auth: ClientAuth,
    /// What the client's id is called: `client_id`, or TikTok's `client_key`.
    pub id_field: &'static str,
    /// More fields of every token request.
    pub extra: &'static [(&'static str, &'static str)],
}

/// What a token endpoint gave.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub life: Option<Duration>,
    pub refresh_life: Option<Duration>,
    pub scopes: Option<Vec<String>>,
    pub subject: Option<String>,
}

impl Flow {
    fn request(&self, client: &Client, endpoint: &'static str, url: &Url, fields: &[(&str, &str)]) -> Request {
        let mut form = fields.to_vec();
        let mut request = Request::new(client.network, endpoint, Method::POST, url.clone());
        match self.auth {
            ClientAuth::Basic => request = request.basic(&self.client_id, &self.client_secret),
            ClientAuth::Body => form.extend([(self.id_field, self.client_id.as_str()), ("client_secret", self.client_secret.expose())]),
        }
        request.form(&form)
    }

    async fn trade(&self, client: &Client, endpoint: &'static str, fields: &[(&str, &str)], refused: ErrorKind) -> Result<Granted> {
        let mut form = fields.to_vec();
        form.extend_from_slice(self.extra);
        let answer = client.transport.send(self.request(client, endpoint, &self.token, &form)).await?;
        check(client, endpoint, &answer, &refused)?;
        granted(&answer.body).map_err(|e| client.error(endpoint, ErrorKind::Contract).detail(e.to_string()))
    }

    /// A code for tokens.
    pub async fn exchange(&self, client: &Client, callback: &AuthCallback) -> Result<TokenSet> {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", callback.code.expose()), ("redirect_uri", callback.redirect_uri.as_str())];
        fields.extend(callback.verifier.as_ref().map(|verifier| ("code_verifier", verifier.expose())));
        let found = self.trade(client, "token", &fields, ErrorKind::CodeRefused).await?;
        Ok(token_set(found, client.now(), &client.scopes, None))
    }

    /// New tokens. What a rotating network gives must be stored before it is used.
    pub async fn refresh(&self, client: &Client, tokens: &TokenSet) -> Result<TokenSet> {
        const ENDPOINT: &str = "refresh";
        let Some(refresh) = &tokens.refresh else {
            return Err(client.error(ENDPOINT, ErrorKind::TokenExpired).detail("there is no refresh token"));
        };
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        let found = self.trade(client, ENDPOINT, &fields, ErrorKind::Revoked).await?;
        Ok(token_set(found, client.now(), &client.scopes, Some(tokens)))
    }

    /// Takes the grant back by `token`. One that is dead already is a success.
    pub async fn revoke(&self, client: &Client, token: &Secret) -> Result<()> {
        const ENDPOINT: &str = "revoke";
        let Some(url) = &self.revoke else {
            return Err(crate::Error::not_supported(client.network, ENDPOINT, crate::Capability::Revoke));
        };
        let answer = client.transport.send(self.request(client, ENDPOINT, url, &[("token", token.expose())])).await?;
        match check(client, ENDPOINT, &answer, &ErrorKind::Revoked) {
            Err(error) if matches!(error.kind, ErrorKind::Revoked | ErrorKind::TokenExpired) => Ok(()),
            other => other,
        }
    }
}

fn check(client: &Client, endpoint: &'static str, answer: &Response, grant: &ErrorKind) -> Result<()> {
    match refusal(answer, client.now(), grant) {
        None => Ok(()),
        Some(refusal) => Err(client.error(endpoint, refusal.kind).detail(refusal.detail).retry_at(refusal.retry_at)),
    }
}

/// A refusal of a token endpoint: RFC 6749's, or Twitch's and Pinterest's with a `message` alone. `grant` is what a refused grant
/// means here.
pub(crate) fn refusal(answer: &Response, now: DateTime<Utc>, grant: &ErrorKind) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let word = text(&body, "error").unwrap_or_default();
    if answer.is_success() && word.is_empty() {
        return None;
    }
    let message = text(&body, "error_description").or_else(|| text(&body, "message")).unwrap_or_default();
    let says = |part: &str| message.to_lowercase().contains(part);
    let kind = match (answer.status, word.as_str()) {
        (429, _) => ErrorKind::RateLimited { scope: LimitScope::App },
        (500.., _) | (_, "temporarily_unavailable" | "server_error" | "internal_error") => ErrorKind::Transient,
        (_, "invalid_grant" | "invalid_token" | "access_denied") => grant.clone(),
        (_, "invalid_client" | "unauthorized_client" | "invalid_client_key") => ErrorKind::AppNotApproved,
        (_, "invalid_request") if says("expired") || says("authorization code") || says("token was invalid") => grant.clone(),
        (400 | 401 | 403, _) if says("client") => ErrorKind::AppNotApproved,
        (400 | 401, _) if says("invalid") && (says("token") || says("code") || says("grant")) => grant.clone(),
        (400..500, _) if !word.is_empty() || !message.is_empty() => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    let wait = matches!(kind, ErrorKind::RateLimited { .. }).then(|| after(now, answer.retry_after())).flatten();
    Some(Refusal::new(kind, format!("status {} {word} {message}", answer.status)).until(wait))
}

/// An answer of a token endpoint.
pub(crate) fn granted(body: &[u8]) -> Result<Granted, Unreadable> {
    let raw = object(body)?;
    let life =
        |field: &str| raw.get(field).and_then(number).and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0).map(Duration::from_secs);
    let split = |list: &str| list.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let scopes = match raw.get("scope") {
        Some(Value::String(list)) => Some(split(list)),
        Some(Value::Array(list)) => Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    };
    Ok(Granted {
        access: text(&raw, "access_token").map(Secret::from).ok_or_else(|| Unreadable::without("access_token"))?,
        refresh: text(&raw, "refresh_token").map(Secret::from),
        life: life("expires_in"),
        refresh_life: life("refresh_expires_in").or_else(|| life("refresh_token_expires_in")),
        scopes,
        subject: id(&raw, "open_id"),
    })
}

/// `before` is the set that is renewed: what the answer leaves out stays as it was.
pub(crate) fn token_set(found: Granted, now: DateTime<Utc>, asked: &[String], before: Option<&TokenSet>) -> TokenSet {
    let granted = found.scopes.unwrap_or_else(|| before.map_or_else(|| asked.to_vec(), |before| before.scopes.clone()));
    let asked: Vec<String> = match before {
        Some(before) => before.scopes.iter().chain(&before.missing_scopes).cloned().collect(),
        None => asked.to_vec(),
    };
    let rotated = found.refresh.is_some();
    TokenSet {
        access: found.access,
        refresh: found.refresh.or_else(|| before.and_then(|before| before.refresh.clone())),
        expires_at: after(now, found.life),
        refresh_expires_at: after(now, found.refresh_life)
            .or_else(|| before.filter(|_| !rotated).and_then(|before| before.refresh_expires_at)),
        missing_scopes: asked.iter().filter(|scope| !granted.contains(scope)).cloned().collect(),
        scopes: granted,
        subject: found.subject.or_else(|| before.and_then(|before| before.subject.clone())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: &str =
        r#"{"access_token":"at","token_type":"bearer","expires_in":7200,"refresh_token":"rt","scope":"tweet.read users.read"}"#;
    const TIKTOK: &str = r#"{"access_token":"act.x","expires_in":7200,"open_id":"-000abc","refresh_token":"rft.x","refresh_expires_in":15552000,"scope":"user.info.basic,video.list","token_type":"Bearer"}"#;
    const TWITCH: &str =
        r#"{"access_token":"at","refresh_token":"rt","scope":["channel:read:subscriptions"],"expires_in":14124,"token_type":"bearer"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn scopes_in_three_dresses() {
        let scopes = |body: &str| granted(body.as_bytes()).unwrap().scopes.unwrap();
        assert_eq!(scopes(PLAIN), ["tweet.read", "users.read"]);
        assert_eq!(scopes(TIKTOK), ["user.info.basic", "video.list"]);
        assert_eq!(scopes(TWITCH), ["channel:read:subscriptions"]);
        let tiktok = granted(TIKTOK.as_bytes()).unwrap();
        assert_eq!((tiktok.subject.as_deref(), tiktok.refresh_life), (Some("-000abc"), Some(Duration::from_secs(15_552_000))));
    }

    #[test]
    fn a_refresh_keeps_what_it_does_not_say() {
        let asked = ["tweet.read".to_owned(), "offline.access".to_owned()];
        let first = token_set(granted(PLAIN.as_bytes()).unwrap(), at(), &asked, None);
        assert_eq!(first.missing_scopes, ["offline.access"]);
        let bare = granted(br#"{"access_token":"next","expires_in":"3600"}"#).unwrap();
        let second = token_set(bare, at(), &asked, Some(&first));
        assert_eq!((second.access.expose(), &second.refresh, &second.scopes), ("next", &first.refresh, &first.scopes));
        assert_eq!(second.expires_at, Some(at() + chrono::Duration::hours(1)));
    }

    #[test]
    fn refusals_by_their_words() {
        let kind = |status: u16, body: &str| refusal(&Response::of(status, &[], body), at(), &ErrorKind::Revoked).map(|r| r.kind);
        assert_eq!(kind(200, PLAIN), None);
        assert_eq!(
            kind(400, r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#),
            Some(ErrorKind::Revoked)
        );
        assert_eq!(kind(200, r#"{"error":"invalid_grant","error_description":"x","log_id":"1"}"#), Some(ErrorKind::Revoked));
        assert_eq!(kind(400, r#"{"status":400,"message":"Invalid refresh token"}"#), Some(ErrorKind::Revoked));
        assert_eq!(kind(401, r#"{"error":"invalid_client"}"#), Some(ErrorKind::AppNotApproved));
        assert_eq!(kind(403, r#"{"status":403,"message":"invalid client secret"}"#), Some(ErrorKind::AppNotApproved));
        assert_eq!(
            kind(400, r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#),
            Some(ErrorKind::Revoked)
        );
        assert_eq!(kind(503, "<html>"), Some(ErrorKind::Transient));
        assert_eq!(kind(302, ""), Some(ErrorKind::Contract));
        assert_eq!(kind(429, "{}"), Some(ErrorKind::RateLimited { scope: LimitScope::App }));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PLAIN, TIKTOK, TWITCH])) {
            if let Ok(found) = granted(&body) {
                prop_assert!(!found.access.is_empty());
            }
            let _ = refusal(&Response::of(400, &[], body), at(), &ErrorKind::Revoked);
        }
    }
}
