//! Every field that we ask Meta for stands in Meta's own list of fields (`specs/meta` of the shared folder, not part of this project).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, path::PathBuf};

use hibiki_connectors::instagram::requests::{PAGE_FIELDS, PROFILE_FIELDS};

#[expect(clippy::disallowed_methods, reason = "where the artefacts are is a matter of the test run")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0")
}

/// The names of an object's fields and edges; `None` without the artefacts.
fn known(object: &str) -> Option<BTreeSet<String>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = root.join(env("HIBIKI_SHARED").unwrap_or_else(|| "../shared".into()));
    let Ok(text) = std::fs::read_to_string(shared.join("specs/meta/api_specs").join(format!("{object}.json"))) else {
        assert!(env("HIBIKI_SHARED_REQUIRED").is_none(), "no {object}.json below {}", shared.display());
        eprintln!("skipped: no {object}.json below {} (HIBIKI_SHARED)", shared.display());
        return None;
    };
    let spec: serde_json::Value = serde_json::from_str(&text).unwrap();
    Some(spec["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn meta_knows_what_we_ask_for() {
    let (Some(page), Some(account)) = (known("Page"), known("IGUser")) else { return };
    let (outer, inner) = PAGE_FIELDS.trim_end_matches('}').split_once('{').unwrap();
    for field in outer.split(',') {
        assert!(page.contains(field), "Page has no {field}");
    }
    for field in inner.split(',').chain(PROFILE_FIELDS.split(',')) {
        assert!(account.contains(field), "IGUser has no {field}");
    }
}
