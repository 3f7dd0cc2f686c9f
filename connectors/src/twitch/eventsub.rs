//! Twitch's EventSub by webhook: the challenge, the signature over id, time and body, and the events. Pure.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::{
    network::Network,
    secret::Secret,
    webhook::{Encoding, Event, EventKind, RawRequest, RawResponse, WebhookError, verify},
    wire::{id, object, text, timestamp},
};

/// The kinds of events that are asked for: none of them takes a scope.
pub const TYPES: [(&str, &str); 2] = [("stream.online", "1"), ("stream.offline", "1")];

/// Deliveries older than this are replays.
const MOST_MINUTES: i64 = 10;

/// What is asked for when a channel's events shall come.
pub fn subscription(kind: &str, version: &str, broadcaster: &str, callback: &str, secret: &Secret) -> Value {
    json!({
        "type": kind, "version": version, "condition": {"broadcaster_user_id": broadcaster},
        "transport": {"method": "webhook", "callback": callback, "secret": secret.expose()},
    })
}

/// What a request is, once its signature is checked.
fn kind(request: &RawRequest, secret: &Secret, now: DateTime<Utc>) -> Result<String, WebhookError> {
    let header = |name: &str| request.header(name).ok_or(WebhookError::Unsigned);
    let (message, time) = (header("twitch-eventsub-message-id")?, header("twitch-eventsub-message-timestamp")?);
    let sent = header("twitch-eventsub-message-signature")?.strip_prefix("sha256=").ok_or(WebhookError::Unsigned)?;
    verify(secret, &[message.as_bytes(), time.as_bytes(), &request.body], sent, Encoding::Hex)?;
    let at = timestamp(time).ok_or(WebhookError::Unsigned)?;
    if (now - at).abs() > Duration::minutes(MOST_MINUTES) {
        return Err(WebhookError::Stale);
    }
    Ok(header("twitch-eventsub-message-type")?.to_owned())
}

/// The answer to a check of our address; `None`: the request is no such check.
pub fn challenge(request: &RawRequest, secret: &Secret, now: DateTime<Utc>) -> Result<Option<RawResponse>, WebhookError> {
    if request.header("twitch-eventsub-message-type") != Some("webhook_callback_verification") {
        return Ok(None);
    }
    kind(request, secret, now)?;
    let body = object(&request.body).map_err(|_| WebhookError::Unreadable)?;
    Ok(Some(RawResponse::text(text(&body, "challenge").ok_or(WebhookError::Unreadable)?)))
}

/// The event of a signed body.
pub fn events(request: &RawRequest, secret: &Secret, now: DateTime<Utc>) -> Result<Vec<Event>, WebhookError> {
    let word = kind(request, secret, now)?;
    let message = request.header("twitch-eventsub-message-id").unwrap_or_default();
    match word.as_str() {
        "webhook_callback_verification" => Ok(Vec::new()),
        _ => event(&request.body, &word, message).map(|event| vec![event]),
    }
}

/// The event of a body. Twitch numbers its messages, so the number is the key.
pub fn event(body: &[u8], word: &str, message: &str) -> Result<Event, WebhookError> {
    let raw = object(body).map_err(|_| WebhookError::Unreadable)?;
    let subscription = raw.get("subscription").ok_or(WebhookError::Unreadable)?;
    let kind = text(subscription, "type").ok_or(WebhookError::Unreadable)?;
    let payload = raw.get("event").filter(|event| event.is_object()).unwrap_or(subscription).clone();
    let status = text(subscription, "status").unwrap_or_default();
    let kind = match (word, kind.as_str()) {
        // Of the reasons for an end, this one alone is the person's.
        ("revocation", _) if status == "authorization_revoked" || status == "user_removed" => EventKind::Revoked,
        ("revocation", _) => EventKind::SubscriptionEnded,
        (_, "stream.online") => EventKind::LiveStarted,
        (_, "stream.offline") => EventKind::LiveEnded,
        (_, "channel.follow") => EventKind::Follow,
        (_, other) => EventKind::Other(other.to_owned()),
    };
    let account = subscription.get("condition").and_then(|condition| id(condition, "broadcaster_user_id"));
    let at = ["started_at", "followed_at", "created_at"].iter().find_map(|field| crate::wire::time(&payload, field));
    Ok(Event { network: Network::Twitch, kind, account, object: id(&payload, "id"), at, dedupe_key: format!("twitch:{message}"), payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{http::Response, webhook::mac};

    const ONLINE: &str = r#"{"subscription":{"id":"f1","status":"enabled","type":"stream.online","version":"1","condition":{"broadcaster_user_id":"1337"}},"event":{"id":"9001","broadcaster_user_id":"1337","type":"live","started_at":"2026-11-02T06:00:00Z"}}"#;
    const REVOKED: &str = r#"{"subscription":{"id":"f1","status":"authorization_revoked","type":"channel.follow","version":"2","condition":{"broadcaster_user_id":"1337"}}}"#;
    const CHECK: &str = r#"{"challenge":"pogchamp-kappa","subscription":{"id":"f1","status":"webhook_callback_verification_pending","type":"stream.online"}}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    fn signed(body: &str, kind: &str, at: DateTime<Utc>) -> RawRequest {
        let time = at.to_rfc3339();
        let signature = format!("sha256={}", hex::encode(mac(&"0123456789".into(), &[b"m1", time.as_bytes(), body.as_bytes()]).unwrap()));
        let headers = [
            ("Twitch-Eventsub-Message-Id", "m1"),
            ("Twitch-Eventsub-Message-Timestamp", time.as_str()),
            ("Twitch-Eventsub-Message-Signature", signature.as_str()),
            ("Twitch-Eventsub-Message-Type", kind),
        ];
        RawRequest { headers: Response::of(200, &headers, "").headers, body: body.into(), ..RawRequest::default() }
    }

    #[test]
    fn signed_messages() {
        let secret = Secret::from("0123456789");
        let online = &events(&signed(ONLINE, "notification", at()), &secret, at()).unwrap()[0];
        assert_eq!(
            (&online.kind, online.account.as_deref(), online.dedupe_key.as_str()),
            (&EventKind::LiveStarted, Some("1337"), "twitch:m1")
        );
        let revoked = &events(&signed(REVOKED, "revocation", at()), &secret, at()).unwrap()[0];
        assert_eq!(revoked.kind, EventKind::Revoked);
        let failed = REVOKED.replace("authorization_revoked", "notification_failures_exceeded");
        assert_eq!(events(&signed(&failed, "revocation", at()), &secret, at()).unwrap()[0].kind, EventKind::SubscriptionEnded);
        let check = challenge(&signed(CHECK, "webhook_callback_verification", at()), &secret, at()).unwrap().unwrap();
        assert_eq!(check.body, "pogchamp-kappa");
        assert_eq!(challenge(&signed(ONLINE, "notification", at()), &secret, at()), Ok(None));
    }

    #[test]
    fn old_forged_and_unsigned_ones_are_refused() {
        let secret = Secret::from("0123456789");
        let old = signed(ONLINE, "notification", at() - Duration::minutes(11));
        assert_eq!(events(&old, &secret, at()), Err(WebhookError::Stale));
        let forged = RawRequest { body: REVOKED.into(), ..signed(ONLINE, "notification", at()) };
        assert_eq!(events(&forged, &secret, at()), Err(WebhookError::Forged));
        assert_eq!(events(&RawRequest { body: ONLINE.into(), ..RawRequest::default() }, &secret, at()), Err(WebhookError::Unsigned));
        assert_eq!(challenge(&RawRequest { body: CHECK.into(), ..forged }, &secret, at()), Ok(None));
        let check = RawRequest { body: ONLINE.into(), ..signed(CHECK, "webhook_callback_verification", at()) };
        assert_eq!(challenge(&check, &secret, at()), Err(WebhookError::Forged), "nobody makes us echo what is not signed");
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_parser(body in crate::wire::hostile::body(&[ONLINE, REVOKED, CHECK])) {
            let _ = (event(&body, "notification", "m"), event(&body, "revocation", "m"));
        }
    }
}
