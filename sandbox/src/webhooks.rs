//! Deliveries signed as each network signs them. The sandbox does not send them: it hands them to a test or a demo to post.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::world::World;

/// What the secret of webhooks is at the networks that have one of its own.
pub const WEBHOOK_SECRET: &str = "sandbox-webhook-secret";

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
    let body = body.into_bytes();
    let meta = |body: &[u8]| format!("sha256={}", hex::encode(signed(world.secret(), &[body])));
    let headers = match header.to_ascii_lowercase().as_str() {
        "x-hub-signature-256" => vec![(header.to_owned(), meta(&body))],
        _ => Vec::new(),
    };
    Delivery { headers, body }
}

fn signed(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}
