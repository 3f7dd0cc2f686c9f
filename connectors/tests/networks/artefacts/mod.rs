//! The connectors and the sandbox against what the networks' owners published themselves: Meta's lists of fields, the OpenAPI files of
//! X and Pinterest, Bluesky's lexicons. They are no part of this project: they stand in `specs` of the shared folder, and without it
//! these tests say so and pass, unless `HIBIKI_SHARED_REQUIRED` is set.

mod bluesky;
mod meta;
mod openapi;
mod peers;
mod pinterest;
mod schema;
mod x;

use std::path::PathBuf;

#[expect(clippy::disallowed_methods, reason = "where the artefacts are is a matter of the test run")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0")
}

/// Where a file of the artefacts is; `None` without them.
fn path(file: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = root.join(env("HIBIKI_SHARED").unwrap_or_else(|| "../shared".into()));
    let path = shared.join("specs").join(file);
    if path.exists() {
        return Some(path);
    }
    assert!(env("HIBIKI_SHARED_REQUIRED").is_none(), "no {file} below {}", shared.display());
    eprintln!("skipped: no {file} below {} (HIBIKI_SHARED)", shared.display());
    None
}

/// A file of the artefacts as JSON.
fn spec(file: &str) -> Option<serde_json::Value> {
    Some(serde_json::from_str(&std::fs::read_to_string(path(file)?).unwrap()).unwrap())
}
