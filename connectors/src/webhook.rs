//! What networks send by themselves: the raw request, the proof that it is theirs, and the events in it.
//!
//! Events are hints: a caller acknowledges at once, drops what it has seen by [`Event::dedupe_key`], and asks the network for the
//! state. Nothing of a body is looked at before its signature is checked over the bytes as they came.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{network::Network, secret::Secret};

/// A request as it came in, nothing decoded.
#[derive(Clone, Debug, Default)]
pub struct RawRequest {
    /// Everything behind the `?`; empty if there is none.
    pub query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, byte by byte.
    pub body: Vec<u8>,
}

impl RawRequest {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first field of that name in the query.
    pub fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl RawResponse {
    /// 200 with plain text.
    pub fn text(body: impl Into<String>) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", body: body.into() }
    }

    /// 200 with JSON.
    pub fn json(body: &Value) -> Self {
        Self { status: 200, content_type: "application/json", body: body.to_string() }
    }
}

/// Why a request is not taken. Answer it with [`WebhookError::status`] and do nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WebhookError {
    /// The network sends none, or the operator's settings lack the secret for it.
    #[error("this network's webhooks are not set up")]
    NotSetUp,
    /// There is no signature, or it is of another form.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature is not over these bytes with our secret.
    #[error("the signature is wrong")]
    Forged,
    /// The signature is good, but of a time too long ago: a replay.
    #[error("the request is too old")]
    Stale,
    /// The signature is good and the body is none that the network documents.
    #[error("the body does not parse")]
    Unreadable,
}

impl WebhookError {
    /// The HTTP status that tells the sender.
    pub fn status(self) -> u16 {
        match self {
            Self::NotSetUp => 404,
            Self::Unsigned | Self::Forged => 401,
            Self::Stale => 403,
            Self::Unreadable => 400,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A comment was written or changed.
    Comment,
    /// Somebody named the account.
    Mention,
    /// A story is over; its last figures are in the payload.
    StoryInsights,
    /// Something was published, changed or deleted.
    Publication,
    /// A broadcast began.
    LiveStarted,
    /// A broadcast ended.
    LiveEnded,
    /// Somebody began to follow.
    Follow,
    /// The creator took the grant back: stop, ask to relink.
    Revoked,
    /// The network ended the subscription to events, not the grant.
    SubscriptionEnded,
    /// A word of the network's that is new to us.
    Other(String),
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// On which network.
    pub network: Network,
    /// What.
    pub kind: EventKind,
    /// Whose account, by the network's id.
    pub account: Option<String>,
    /// Of what: the publication's or comment's id.
    pub object: Option<String>,
    /// When it happened, if the network says.
    pub at: Option<DateTime<Utc>>,
    /// The same for each delivery of the same event.
    pub dedupe_key: String,
    /// The network's own words about it.
    pub payload: Value,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Lower or upper case.
    Hex,
    /// The standard alphabet, padded.
    Base64,
}

/// HMAC-SHA256 over the parts one after another.
pub fn mac(secret: &Secret, parts: &[&[u8]]) -> Option<[u8; 32]> {
    // An empty secret would let everybody sign.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok().filter(|_| !secret.is_empty())?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().into())
}

/// Checks `sent` against our own signature over `parts`, in constant time.
pub fn verify(secret: &Secret, parts: &[&[u8]], sent: &str, encoding: Encoding) -> Result<(), WebhookError> {
    let own = mac(secret, parts).ok_or(WebhookError::NotSetUp)?;
    let sent = match encoding {
        Encoding::Hex => hex::decode(sent).ok(),
        Encoding::Base64 => STANDARD.decode(sent).ok(),
    };
    let sent = sent.filter(|bytes| bytes.len() == own.len()).ok_or(WebhookError::Unsigned)?;
    if bool::from(sent.ct_eq(&own)) { Ok(()) } else { Err(WebhookError::Forged) }
}

/// A key out of what makes an event the same event, for networks that number none.
pub fn key_of(network: Network, parts: &[&dyn fmt::Display]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let text = part.to_string();
        // With its length, so that two parts never run into each other.
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    format!("{network}:{}", hex::encode(&hash.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_changed_byte_breaks_the_signature(body in proptest::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let secret = Secret::new("s3cret");
            let signature = hex::encode(mac(&secret, &[&body]).unwrap());
            prop_assert_eq!(verify(&secret, &[&body], &signature, Encoding::Hex), Ok(()));
            let mut changed = body.clone();
            changed[at.index(body.len())] ^= flip;
            prop_assert_eq!(verify(&secret, &[&changed], &signature, Encoding::Hex), Err(WebhookError::Forged));
            prop_assert_eq!(verify(&"other".into(), &[&body], &signature, Encoding::Hex), Err(WebhookError::Forged));
        }

        #[test]
        fn strange_signatures_are_refused(sent in "\\PC{0,80}") {
            let refused = verify(&"s".into(), &[b"body"], &sent, Encoding::Base64);
            prop_assert!(matches!(refused, Err(WebhookError::Unsigned | WebhookError::Forged)));
        }
    }

    #[test]
    fn without_a_secret_nothing_is_genuine() {
        assert_eq!(verify(&Secret::default(), &[b"x"], "", Encoding::Hex), Err(WebhookError::NotSetUp));
    }

    #[test]
    fn keys_tell_parts_apart() {
        assert_ne!(key_of(Network::X, &[&"ab", &"c"]), key_of(Network::X, &[&"a", &"bc"]));
        assert_eq!(key_of(Network::X, &[&"a", &1]), key_of(Network::X, &[&"a", &1]));
    }
}
