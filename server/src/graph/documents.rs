//! Documents that are known by a hash (A26): a manifest that the frontend's build made, and what clients have sent once (Apollo's
//! automatic persisted queries), kept for a while in this process.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::Mutex,
};

use anyhow::{Context, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How much of what clients sent is kept, in bytes; the oldest goes first.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Documents by their id.
#[derive(Debug, Default)]
pub struct Documents {
    /// Out of the settings' manifests.
    trusted: HashMap<String, String>,
    sent: Mutex<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    texts: HashMap<String, String>,
    order: VecDeque<String>,
    bytes: usize,
}

/// `sha256:…` of a text, as GraphQL-over-HTTP's appendix A writes it.
pub fn id_of(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
}

impl Documents {
    /// Reads manifests: `{id: text}` as graphql-code-generator and Relay write them, or Apollo's `{operations: [{id, body}]}`. Each document is
    /// known by the manifest's id and by its own hash.
    pub fn open<P: AsRef<Path>>(manifests: &[P]) -> anyhow::Result<Self> {
        let mut trusted = HashMap::new();
        for path in manifests {
            let path = path.as_ref();
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let json: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
            for (id, text) in entries(&json).with_context(|| format!("{} is no manifest of documents", path.display()))? {
                trusted.insert(id_of(text), text.to_owned());
                trusted.insert(id.to_owned(), text.to_owned());
            }
        }
        Ok(Self { trusted, sent: Mutex::default() })
    }

    /// The text of an id.
    pub fn get(&self, id: &str) -> Option<String> {
        let bare = id.strip_prefix("sha256:").unwrap_or(id);
        if let Some(text) = self.trusted.get(id).or_else(|| self.trusted.get(bare)) {
            return Some(text.clone());
        }
        self.sent().texts.get(id).cloned()
    }

    /// Keeps what a client sent together with its hash.
    pub fn keep(&self, id: &str, text: &str) {
        let mut sent = self.sent();
        if self.trusted.contains_key(id) || sent.texts.contains_key(id) {
            return;
        }
        sent.bytes += text.len();
        sent.texts.insert(id.to_owned(), text.to_owned());
        sent.order.push_back(id.to_owned());
        while sent.bytes > MOST_BYTES {
            let Some(oldest) = sent.order.pop_front() else { break };
            let gone = sent.texts.remove(&oldest).map_or(0, |text| text.len());
            sent.bytes -= gone;
        }
    }

    fn sent(&self) -> std::sync::MutexGuard<'_, Sent> {
        self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn entries(manifest: &Value) -> anyhow::Result<Vec<(&str, &str)>> {
    if let Some(operations) = manifest.get("operations").and_then(Value::as_array) {
        return operations
            .iter()
            .map(|one| Ok((one["id"].as_str().context("an operation without id")?, one["body"].as_str().context("one without body")?)))
            .collect();
    }
    let Some(all) = manifest.as_object() else { bail!("neither an object nor Apollo's manifest") };
    all.iter().map(|(id, text)| Ok((id.as_str(), text.as_str().context("a document that is no text")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_of_three_tools_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let plain = dir.path().join("plain.json");
        std::fs::write(&plain, r#"{"abc": "{ viewer { name } }"}"#).unwrap();
        let apollo = dir.path().join("apollo.json");
        let text = r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "def", "name": "A", "type": "query", "body": "query A { actor { name } }"}]}"#;
        std::fs::write(&apollo, text).unwrap();
        let documents = Documents::open(&[plain, apollo]).unwrap();
        assert_eq!(documents.get("abc").as_deref(), Some("{ viewer { name } }"));
        assert_eq!(documents.get("sha256:abc").as_deref(), Some("{ viewer { name } }"), "Apollo's hash");
        assert_eq!(documents.get(&id_of("query A { actor { name } }")).as_deref(), Some("query A { actor { name } }"));
        assert_eq!(documents.get("def").as_deref(), Some("query A { actor { name } }"));
        assert_eq!(documents.get("ghi"), None);
        assert!(Documents::open(&["/nowhere.json"]).is_err());
        let wrong = dir.path().join("wrong.json");
        std::fs::write(&wrong, "[1]").unwrap();
        assert!(Documents::open(&[wrong]).is_err());
    }

    #[test]
    fn what_clients_sent_is_bounded() {
        let documents = Documents::default();
        let text = "x".repeat(MOST_BYTES / 4);
        for n in 0..10 {
            documents.keep(&n.to_string(), &text);
            documents.keep(&n.to_string(), &text);
        }
        assert!(documents.get("0").is_none() && documents.get("5").is_none());
        assert!((6..10).all(|n| documents.get(&n.to_string()).is_some()));
    }
}
