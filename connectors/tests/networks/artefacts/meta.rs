//! Every field and edge that we ask Meta for stands in Meta's own lists.

use std::collections::BTreeSet;

use hibiki_connectors::facebook::requests as facebook;
use hibiki_connectors::instagram::requests::{
    COMMENT_FIELDS, FOUND_FIELDS, MEDIA_FIELDS, MENTIONED_COMMENT_FIELDS, OWN_PROFILE_FIELDS, PAGE_FIELDS, PROFILE_FIELDS, TAG_FIELDS,
};

/// Meta's own list of an object.
fn spec(object: &str) -> Option<serde_json::Value> {
    super::spec(&format!("meta/api_specs/{object}.json"))
}

/// The names of an object's fields.
fn known(object: &str) -> Option<BTreeSet<String>> {
    Some(spec(object)?["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect())
}

/// The edges of an object that can be read.
fn edges(object: &str) -> Option<BTreeSet<String>> {
    let spec = spec(object)?;
    let endpoint = |api: &serde_json::Value| {
        let read = api["method"] == "GET" || api["endpoint"].as_str().is_some_and(|e| e.ends_with("subscribed_apps"));
        read.then(|| api["endpoint"].as_str().unwrap_or_default().trim_start_matches('/').to_owned())
    };
    Some(spec["apis"].as_array().unwrap().iter().filter_map(endpoint).collect())
}

fn all_known(object: &str, fields: &str) {
    let Some(known) = known(object) else { return };
    for field in fields.split(',') {
        assert!(known.contains(field), "{object} has no {field}");
    }
}

#[test]
fn meta_knows_what_we_ask_for() {
    let (outer, inner) = PAGE_FIELDS.trim_end_matches('}').split_once('{').unwrap();
    all_known("Page", outer);
    all_known("IGUser", inner);
    all_known("IGUser", PROFILE_FIELDS);
    all_known("IGUserForIGOnlyAPI", OWN_PROFILE_FIELDS);
    for object in ["IGMedia", "IGMediaForIGOnlyAPI"] {
        all_known(object, MEDIA_FIELDS);
    }
    all_known("IGMedia", FOUND_FIELDS);
    all_known("IGMedia", TAG_FIELDS);
    all_known("IGComment", COMMENT_FIELDS);
    all_known("IGComment", MENTIONED_COMMENT_FIELDS);
    all_known("Page", facebook::PROFILE_FIELDS);
    all_known("PagePost", facebook::POST_FIELDS);
    all_known("PagePost", facebook::TAGGED_FIELDS);
    all_known("Comment", facebook::COMMENT_FIELDS);
}

#[test]
fn meta_knows_the_edges() {
    for (object, asked) in [
        ("IGUser", &["media", "stories", "tags", "insights"][..]),
        ("IGUserForIGOnlyAPI", &["media", "stories", "tags", "insights", "subscribed_apps"]),
        ("IGMedia", &["comments", "insights"]),
        ("IGMediaForIGOnlyAPI", &["comments", "insights"]),
        ("IGComment", &["replies"]),
        ("ShadowIGHashtag", &["recent_media", "top_media"]),
        ("Page", &["subscribed_apps", "published_posts", "tagged", "insights", "picture"]),
        ("PagePost", &["comments", "insights", "reactions"]),
    ] {
        let Some(known) = edges(object) else { return };
        for edge in asked {
            assert!(known.contains(*edge), "{object} has no edge {edge}");
        }
    }
}
