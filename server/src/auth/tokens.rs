//! Random tokens: 256 bits shown once, SHA-256 in the database (B20).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A token as its holder sees it. Debug shows nothing of it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// From the system's random source, with a prefix that secret scanners recognise.
    pub fn new(prefix: &str) -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What the holder is given, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What no token hashes to, for the row of a link that is to stop working: unique as its id is.
pub fn dead(id: impl std::fmt::Display) -> String {
    format!("dead {id}")
}

/// The key under which a token that somebody sent is looked up.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
