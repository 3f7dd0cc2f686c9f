//! What the program is made of (B50): where each part comes from, and the list of them.

use std::{collections::BTreeSet, process::Command};

use regex::Regex;
use serde_json::Value;

use super::none;
use crate::peers::root;

/// A crate of the lock file.
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

fn locked() -> Vec<Locked> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let part = |text: &str, key: &str| {
        let line = Regex::new(&format!(r#"(?m)^{key} = "(.*)"$"#)).expect("regex");
        line.captures(text).map(|found| found[1].to_owned())
    };
    let packages = text.split("[[package]]").skip(1);
    packages
        .map(|text| Locked {
            name: part(text, "name").expect("a name"),
            version: part(text, "version").expect("a version"),
            source: part(text, "source"),
            checksum: part(text, "checksum"),
        })
        .collect()
}

#[test]
fn every_dependency_is_from_the_registry_and_pinned() {
    let crates = locked();
    assert!(crates.len() > 300, "{}", crates.len());
    let strange = crates.iter().filter(|one| match (&one.source, &one.checksum) {
        // Our own.
        (None, None) => !one.name.starts_with("hibiki"),
        (Some(source), Some(checksum)) => source != "registry+https://github.com/rust-lang/crates.io-index" || checksum.len() != 64,
        _ => true,
    });
    none("dependencies from elsewhere, or without a checksum", strange.map(|one| format!("{} {}", one.name, one.version)).collect());
}

#[test]
fn the_list_of_components_is_whole() {
    let made = Command::new("node").arg(root().join("bin/sbom")).output().expect("node starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let list: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!((&list["bomFormat"], &list["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let listed: Vec<&Value> = list["components"].as_array().expect("components").iter().collect();
    let known: BTreeSet<(&str, Option<&str>)> =
        listed.iter().map(|one| (one["purl"].as_str().unwrap_or_default(), one["hashes"][0]["content"].as_str())).collect();
    let missing = locked().into_iter().filter(|one| {
        let purl = format!("pkg:cargo/{}@{}", one.name, one.version);
        !known.contains(&(purl.as_str(), one.checksum.as_deref()))
    });
    none("crates that the list lacks", missing.map(|one| one.name).collect());
    // The API explorer is bundled into the program too.
    assert!(known.iter().any(|(purl, hash)| purl.starts_with("pkg:npm/graphiql@") && hash.is_some_and(|h| h.len() == 128)));
    // Each is named once.
    let names: BTreeSet<&str> = listed.iter().filter_map(|one| one["bom-ref"].as_str()).collect();
    assert_eq!(names.len(), listed.len());
}
