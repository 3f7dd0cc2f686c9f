//! Deliveries signed as each network signs them, of whatever body. `senders` knows the bodies, and sends them.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::world::World;

/// What the secret of webhooks is at the networks that have one of its own.
pub const WEBHOOK_SECRET: &str = "sandbox-webhook-secret";

/// The header by which Twitch signs.
pub(crate) const TWITCH: &str = "Twitch-Eventsub-Message-Signature";

/// A request that a network would make.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

/// Signs `body` in the manner of the network whose header this is. An unknown header is left out: the delivery is unsigned.
pub(crate) fn delivery(world: &World, body: String, header: &str) -> Delivery {
    typed(world, body, header, "notification")
}

/// The same with Twitch's word for what it is.
pub(crate) fn typed(world: &World, body: String, header: &str, word: &str) -> Delivery {
    let body = body.into_bytes();
    let meta = |body: &[u8]| format!("sha256={}", hex::encode(signed(world.secret(), &[body])));
    let headers = match header.to_ascii_lowercase().as_str() {
        "x-hub-signature-256" => vec![(header.to_owned(), meta(&body))],
        "x-twitter-webhooks-signature" => {
            vec![(header.to_owned(), format!("sha256={}", STANDARD.encode(signed(WEBHOOK_SECRET, &[&body]))))]
        }
        "tiktok-signature" => {
            let time = world.now().timestamp().to_string();
            let signature = hex::encode(signed(world.secret(), &[time.as_bytes(), b".", &body]));
            vec![(header.to_owned(), format!("t={time},s={signature}"))]
        }
        "twitch-eventsub-message-signature" => {
            let (id, time) = (format!("sandbox-{}", crate::token_hash(&String::from_utf8_lossy(&body))), world.now().to_rfc3339());
            let signature = hex::encode(signed(WEBHOOK_SECRET, &[id.as_bytes(), time.as_bytes(), &body]));
            vec![
                ("Twitch-Eventsub-Message-Id".to_owned(), id),
                ("Twitch-Eventsub-Message-Timestamp".to_owned(), time),
                ("Twitch-Eventsub-Message-Type".to_owned(), word.to_owned()),
                (header.to_owned(), format!("sha256={signature}")),
            ]
        }
        _ => Vec::new(),
    };
    Delivery { headers, body }
}

pub(crate) fn signed(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}
