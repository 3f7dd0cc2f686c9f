//! Webhooks: what may be told, to which addresses, how it is signed, when it is tried again. Pure.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use connectors::guard;
use entity::{enums::WebhookState, event, json::Words};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::error::{Code, Wrong};

/// The kinds of events that can be told: what happens between an organisation and its creators.
pub const KINDS: &[&str] = &[
    "brief.acknowledged",
    "brief.published",
    "campaign.activated",
    "campaign.archived",
    "campaign.cancelled",
    "campaign.completed",
    "campaign.created",
    "campaign.edited",
    "campaign.measuring",
    "campaign.paused",
    "campaign.recruiting",
    "campaign.resumed",
    "invitation.accepted",
    "invitation.bounced",
    "invitation.declined",
    "invitation.expired",
    "invitation.sent",
    "invitation.withdrawn",
    "member.joined",
    "message.sent",
    "participation.joined",
    "participation.left",
    "participation.removed",
];

/// What a test delivery is of.
pub const TEST: &str = "webhook.test";

/// How many addresses one organisation may have.
pub const MOST: u64 = 20;

/// How often a delivery is tried.
pub const MOST_ATTEMPTS: i32 = 9;

/// How long a replaced secret still signs beside the new one.
pub const FORMER: Duration = Duration::hours(24);

/// How long deliveries are kept.
pub const KEPT: Duration = Duration::days(30);

/// Reads an address: a public one by https, or one that the operator's settings name.
pub fn url(text: &str, trusted: &[Url]) -> Result<Url, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::required());
    }
    let wrong = || Wrong::new(Code::Invalid, "webhooks.problem.url");
    if text.len() > 500 {
        return Err(Wrong::new(Code::TooLong, "base.problem.too_long").with("most", 500).with("n", text.chars().count()));
    }
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    if url.fragment().is_some() {
        return Err(wrong());
    }
    if trusted.iter().any(|own| own.origin() == url.origin()) {
        return Ok(url);
    }
    if url.scheme() != "https" || guard::acceptable(&url).is_err() {
        return Err(wrong());
    }
    Ok(url)
}

/// Reads which kinds are told; none = all.
pub fn kinds(asked: Vec<String>) -> Result<Words, Wrong> {
    let mut kinds: Vec<String> = asked.into_iter().map(|kind| kind.trim().to_owned()).filter(|kind| !kind.is_empty()).collect();
    if kinds.iter().any(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Wrong::new(Code::Invalid, "webhooks.problem.kind"));
    }
    kinds.sort();
    kinds.dedup();
    Ok(Words(kinds))
}

/// Whether an address is told of a kind.
pub fn wants(kinds: &Words, kind: &str) -> bool {
    KINDS.contains(&kind) && (kinds.0.is_empty() || kinds.0.iter().any(|wanted| wanted == kind))
}

/// What a delivery says of an event: ids and states.
pub fn body(event: &event::Model) -> Value {
    json!({
        "id": event.id,
        "type": event.kind,
        "timestamp": event.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "data": {
            "subject": event.subject,
            "organisation": event.org_id,
            "creator": event.creator_id,
            "by": event.user_id,
            "details": event.data,
        },
    })
}

/// A new secret as receivers are given it: 256 bits.
pub fn new_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("whsec_{}", STANDARD.encode(bytes))
}

/// One signature of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> anyhow::Result<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// When it is tried again after so many attempts: within seconds at first, at last after a day; together about two days. None = given up.
pub fn next_attempt(attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    const WAITS: [i64; (MOST_ATTEMPTS - 1) as usize] = [5, 60, 300, 1_800, 7_200, 18_000, 50_400, 86_400];
    let wait = usize::try_from(attempts - 1).ok().and_then(|n| WAITS.get(n))?;
    Some(now + Duration::seconds(*wait))
}

/// What a person may do with an address.
pub fn may_send(state: WebhookState) -> bool {
    state == WebhookState::Active
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let signed =
            signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn addresses_are_public_or_the_operators() {
        let own = [Url::parse("http://10.0.0.5:9000").unwrap()];
        for fine in ["https://hooks.example.com/x?y=1", "http://10.0.0.5:9000/in"] {
            assert!(url(fine, &own).is_ok(), "{fine}");
        }
        for bad in [
            "",
            "x",
            "http://hooks.example.com/",
            "https://127.0.0.1/",
            "https://10.0.0.5/",
            "https://a:b@hooks.example.com/",
            "ftp://a.example/",
            "https://hooks.example.com/#x",
            "http://10.0.0.5:9001/",
        ] {
            assert!(url(bad, &own).is_err(), "{bad}");
        }
    }

    #[test]
    fn tries_last_about_two_days() {
        let now = DateTime::UNIX_EPOCH;
        let mut at = now;
        for attempts in 1..MOST_ATTEMPTS {
            let next = next_attempt(attempts, at).unwrap();
            assert!(next > at);
            at = next;
        }
        assert_eq!(next_attempt(MOST_ATTEMPTS, at), None);
        let hours = (at - now).num_hours();
        assert!((44..=54).contains(&hours), "{hours} hours");
    }

    #[test]
    fn kinds_are_known() {
        assert_eq!(kinds(vec!["message.sent".into(), "message.sent".into(), " ".into()]).unwrap().0, ["message.sent"]);
        assert!(kinds(vec!["account.signed_in".into()]).is_err());
        assert!(wants(&Words(Vec::new()), "message.sent") && !wants(&Words(Vec::new()), "account.signed_in"));
    }
}
