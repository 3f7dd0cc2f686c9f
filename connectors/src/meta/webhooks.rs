//! Meta's webhooks, of Instagram and of Pages: the handshake, `X-Hub-Signature-256`, and the changes in a body. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    network::Network,
    secret::Secret,
    webhook::{Encoding, Event, EventKind, RawRequest, RawResponse, WebhookError, key_of, verify},
    wire::{id, list, object, text, unix},
};

/// The handshake: the challenge, if the request names our verify token.
pub fn challenge(request: &RawRequest, verify_token: &Secret) -> Result<Option<RawResponse>, WebhookError> {
    let (Some(mode), Some(challenge)) = (request.field("hub.mode"), request.field("hub.challenge")) else { return Ok(None) };
    if verify_token.is_empty() {
        return Err(WebhookError::NotSetUp);
    }
    let sent = Secret::new(request.field("hub.verify_token").unwrap_or_default());
    // Meta sends a number; whatever else came would be an answer of ours in somebody else's words.
    let number = !challenge.is_empty() && challenge.len() <= 64 && challenge.bytes().all(|b| b.is_ascii_alphanumeric());
    if mode == "subscribe" && sent == *verify_token && number { Ok(Some(RawResponse::text(challenge))) } else { Err(WebhookError::Forged) }
}

/// The changes of a signed body.
pub fn events(request: &RawRequest, secret: &Secret) -> Result<Vec<Event>, WebhookError> {
    let sent = request.header("x-hub-signature-256").and_then(|value| value.strip_prefix("sha256=")).ok_or(WebhookError::Unsigned)?;
    verify(secret, &[&request.body], sent, Encoding::Hex)?;
    changes(&request.body)
}

/// The changes of a body. Instagram by its own login writes `field` and `value` into the entry itself.
pub fn changes(body: &[u8]) -> Result<Vec<Event>, WebhookError> {
    let raw = object(body).map_err(|_| WebhookError::Unreadable)?;
    let network = match text(&raw, "object").as_deref() {
        Some("page") => Network::Facebook,
        Some("instagram") => Network::Instagram,
        // Such as `permissions` and `user`: nothing of ours.
        Some(_) => return Ok(Vec::new()),
        None => return Err(WebhookError::Unreadable),
    };
    let mut events = Vec::new();
    for entry in list(&raw, "entry").map_err(|_| WebhookError::Unreadable)? {
        let account = id(entry, "id");
        let at = unix(entry, "time").or_else(|| DateTime::from_timestamp_millis(crate::wire::number(entry.get("time")?)?));
        let changes = entry.get("changes").and_then(Value::as_array).cloned().unwrap_or_default();
        let own = entry.get("field").is_some().then(|| entry.clone());
        events.extend(changes.iter().chain(&own).filter_map(|change| event(network, account.as_deref(), at, change)));
    }
    Ok(events)
}

fn event(network: Network, account: Option<&str>, at: Option<DateTime<Utc>>, change: &Value) -> Option<Event> {
    let field = text(change, "field")?;
    let value = change.get("value").cloned().unwrap_or_default();
    let comment = id(&value, "comment_id");
    let object = match field.as_str() {
        "mentions" | "story_insights" => comment.or_else(|| id(&value, "media_id")),
        "feed" => comment.or_else(|| id(&value, "post_id")),
        _ => id(&value, "id").or(comment),
    };
    let item = text(&value, "item");
    let kind = match (field.as_str(), item.as_deref()) {
        ("comments" | "live_comments", _) | ("feed", Some("comment")) => EventKind::Comment,
        ("mentions" | "mention", _) => EventKind::Mention,
        ("story_insights", _) => EventKind::StoryInsights,
        ("feed", _) => EventKind::Publication,
        _ => EventKind::Other(field.clone()),
    };
    // Meta numbers no deliveries: the same change of the same thing at the same second is the same event.
    let dedupe_key = key_of(network, &[&account.unwrap_or_default(), &field, &at.map_or(0, |at| at.timestamp()), &value]);
    Some(Event { network, kind, account: account.map(str::to_owned), object, at, dedupe_key, payload: value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::Response;

    const BY_FACEBOOK: &str = r#"{"object":"instagram","entry":[{"id":"17841400000000001","time":1793600000,"changes":[{"field":"mentions","value":{"media_id":"1790","comment_id":"1785"}},{"field":"comments","value":{"id":"1786","text":"美味しそう","from":{"id":"9","username":"ken"},"media":{"id":"1790","media_product_type":"FEED"}}}]}]}"#;
    const BY_INSTAGRAM: &str = r#"{"object":"instagram","entry":[{"id":"17841400000000001","time":1793600000,"field":"comments","value":{"id":"1786","text":"x"}}]}"#;
    const OF_A_PAGE: &str = r#"{"object":"page","entry":[{"id":"100","time":1793600000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_2","post_id":"100_1","created_time":1793600000}}]}]}"#;

    fn signed(body: &str, secret: &str) -> RawRequest {
        let signature = hex::encode(crate::webhook::mac(&secret.into(), &[body.as_bytes()]).unwrap());
        let headers = Response::of(200, &[("X-Hub-Signature-256", &format!("sha256={signature}"))], "").headers;
        RawRequest { headers, body: body.into(), ..RawRequest::default() }
    }

    #[test]
    fn the_handshake_wants_our_token() {
        let ask = |query: &str| challenge(&RawRequest { query: query.into(), ..RawRequest::default() }, &"ours".into());
        let good = ask("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=ours").unwrap().unwrap();
        assert_eq!((good.status, good.body.as_str(), good.content_type), (200, "1158201444", "text/plain; charset=utf-8"));
        assert_eq!(ask("hub.mode=subscribe&hub.challenge=1&hub.verify_token=theirs"), Err(WebhookError::Forged));
        assert_eq!(ask("hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=ours"), Err(WebhookError::Forged));
        assert_eq!(ask("x=1"), Ok(None));
        let unset = challenge(
            &RawRequest { query: "hub.mode=subscribe&hub.challenge=1&hub.verify_token=".into(), ..Default::default() },
            &"".into(),
        );
        assert_eq!(unset, Err(WebhookError::NotSetUp));
    }

    #[test]
    fn signed_changes_become_events() {
        let both = events(&signed(BY_FACEBOOK, "s"), &"s".into()).unwrap();
        assert_eq!(
            both.iter().map(|e| (&e.kind, e.object.as_deref())).collect::<Vec<_>>(),
            [(&EventKind::Mention, Some("1785")), (&EventKind::Comment, Some("1786"))]
        );
        assert_eq!(both[0].account.as_deref(), Some("17841400000000001"));
        let own = events(&signed(BY_INSTAGRAM, "s"), &"s".into()).unwrap();
        assert_eq!((own.len(), &own[0].kind), (1, &EventKind::Comment));
        let page = events(&signed(OF_A_PAGE, "s"), &"s".into()).unwrap();
        assert_eq!((page[0].network, &page[0].kind, page[0].object.as_deref()), (Network::Facebook, &EventKind::Comment, Some("1_2")));
    }

    #[test]
    fn a_replay_has_the_same_key_and_another_change_another() {
        let key = |body: &str| changes(body.as_bytes()).unwrap()[0].dedupe_key.clone();
        assert_eq!(key(BY_INSTAGRAM), key(BY_INSTAGRAM));
        assert_ne!(key(BY_INSTAGRAM), key(&BY_INSTAGRAM.replace("1786", "1787")));
    }

    #[test]
    fn what_is_not_signed_by_meta_is_refused() {
        let good = signed(BY_FACEBOOK, "s");
        assert_eq!(events(&good, &"other".into()), Err(WebhookError::Forged));
        assert_eq!(events(&RawRequest { body: good.body.clone(), ..RawRequest::default() }, &"s".into()), Err(WebhookError::Unsigned));
        assert_eq!(events(&RawRequest { body: b"{}".to_vec(), ..good }, &"s".into()), Err(WebhookError::Forged));
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_parser(body in crate::wire::hostile::body(&[BY_FACEBOOK, BY_INSTAGRAM, OF_A_PAGE])) {
            let _ = changes(&body);
        }
    }
}
