//! X's webhooks: the challenge that proves our secret, the signature, and the events of the Account Activity API. Pure.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use serde_json::{Value, json};

use crate::{
    network::Network,
    secret::Secret,
    webhook::{Encoding, Event, EventKind, RawRequest, RawResponse, WebhookError, key_of, mac, verify},
    wire::{id, number, object, text, time},
};

/// The answer to `crc_token`, which X asks for again and again.
pub fn challenge(request: &RawRequest, secret: &Secret) -> Result<Option<RawResponse>, WebhookError> {
    let Some(token) = request.field("crc_token").filter(|token| token.len() <= 1_000) else { return Ok(None) };
    let signed = mac(secret, &[token.as_bytes()]).ok_or(WebhookError::NotSetUp)?;
    Ok(Some(RawResponse::json(&json!({"response_token": format!("sha256={}", STANDARD.encode(signed))}))))
}

/// The events of a signed body.
pub fn events(request: &RawRequest, secret: &Secret) -> Result<Vec<Event>, WebhookError> {
    let sent =
        request.header("x-twitter-webhooks-signature").and_then(|value| value.strip_prefix("sha256=")).ok_or(WebhookError::Unsigned)?;
    verify(secret, &[&request.body], sent, Encoding::Base64)?;
    happenings(&request.body)
}

/// The events of a body: `for_user_id` with lists by kind, or one `data` with an `event_type`.
pub fn happenings(body: &[u8]) -> Result<Vec<Event>, WebhookError> {
    let raw = object(body).map_err(|_| WebhookError::Unreadable)?;
    if let Some(data) = raw.get("data").filter(|data| data.is_object()) {
        let word = text(data, "event_type").unwrap_or_default();
        let payload = data.get("payload").cloned().unwrap_or_else(|| data.clone());
        let account = data.get("filter").and_then(|filter| id(filter, "user_id")).or_else(|| id(data, "user_id"));
        return Ok(vec![event(&word, account, payload)]);
    }
    if let Some(revoked) = raw.get("user_event").and_then(|event| event.get("revoke")) {
        let account = revoked.get("source").and_then(|source| id(source, "user_id"));
        let mut event = event("revoke", account, revoked.clone());
        event.at = time(revoked, "date_time");
        return Ok(vec![event]);
    }
    let account = id(&raw, "for_user_id").ok_or(WebhookError::Unreadable)?;
    let lists = raw.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("_events"));
    let rows = lists.flat_map(|(key, rows)| rows.as_array().into_iter().flatten().map(move |row| (key.as_str(), row)));
    Ok(rows.map(|(key, row)| event(key, Some(account.clone()), row.clone())).collect())
}

fn event(word: &str, account: Option<String>, payload: Value) -> Event {
    let author = payload.get("user").and_then(|user| id(user, "id_str").or_else(|| id(user, "id"))).or_else(|| id(&payload, "author_id"));
    let kind = match word {
        "tweet_create_events" | "post.create" if author.is_some() && author != account => EventKind::Mention,
        "tweet_create_events" | "tweet_delete_events" | "post.create" | "post.delete" => EventKind::Publication,
        "follow_events" | "follow.follow" => EventKind::Follow,
        "revoke" => EventKind::Revoked,
        other => EventKind::Other(other.to_owned()),
    };
    let object = id(&payload, "id_str").or_else(|| id(&payload, "id"));
    let at =
        payload.get("timestamp_ms").and_then(number).and_then(DateTime::from_timestamp_millis).or_else(|| time(&payload, "created_at"));
    let whole = if object.is_some() { String::new() } else { payload.to_string() };
    let dedupe_key = key_of(Network::X, &[&word, &account.as_deref().unwrap_or_default(), &object.as_deref().unwrap_or_default(), &whole]);
    Event { network: Network::X, kind, account, object, at, dedupe_key, payload }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::Response;

    const ACTIVITY: &str = r#"{"for_user_id":"17","tweet_create_events":[{"id_str":"199","text":"@ada hi","timestamp_ms":"1793600000000","user":{"id_str":"9"}},{"id_str":"200","text":"mine","user":{"id_str":"17"}}]}"#;
    const REVOKED: &str =
        r#"{"user_event":{"revoke":{"date_time":"2026-11-02T09:48:12+00:00","target":{"app_id":"1"},"source":{"user_id":"17"}}}}"#;
    const POSTED: &str =
        r#"{"data":{"event_type":"post.create","filter":{"user_id":"17"},"payload":{"id":"201","text":"x","author_id":"17"}}}"#;

    #[test]
    fn the_challenge_is_answered_by_hmac() {
        let ask = |query: &str, secret: &str| challenge(&RawRequest { query: query.into(), ..RawRequest::default() }, &secret.into());
        // RFC 4231, test case 2, in base64.
        let answer = ask("crc_token=what+do+ya+want+for+nothing%3F", "Jefe").unwrap().unwrap();
        assert_eq!(answer.body, r#"{"response_token":"sha256=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="}"#);
        assert_eq!(ask("x=1", "Jefe"), Ok(None));
        assert_eq!(ask("crc_token=x", ""), Err(WebhookError::NotSetUp));
    }

    #[test]
    fn signed_bodies_become_events() {
        let signature = format!("sha256={}", STANDARD.encode(mac(&"s".into(), &[ACTIVITY.as_bytes()]).unwrap()));
        let headers = Response::of(200, &[("X-Twitter-Webhooks-Signature", &signature)], "").headers;
        let request = RawRequest { headers, body: ACTIVITY.into(), ..RawRequest::default() };
        let found = events(&request, &"s".into()).unwrap();
        assert_eq!(found.iter().map(|e| &e.kind).collect::<Vec<_>>(), [&EventKind::Mention, &EventKind::Publication]);
        assert_ne!(found[0].dedupe_key, found[1].dedupe_key);
        assert_eq!(events(&request, &"t".into()), Err(WebhookError::Forged));
        assert_eq!(events(&RawRequest { body: ACTIVITY.into(), ..RawRequest::default() }, &"s".into()), Err(WebhookError::Unsigned));
        let revoked = &happenings(REVOKED.as_bytes()).unwrap()[0];
        assert_eq!((&revoked.kind, revoked.account.as_deref()), (&EventKind::Revoked, Some("17")));
        assert_eq!(happenings(POSTED.as_bytes()).unwrap()[0].kind, EventKind::Publication);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_parser(body in crate::wire::hostile::body(&[ACTIVITY, REVOKED, POSTED])) {
            let _ = happenings(&body);
        }
    }
}
