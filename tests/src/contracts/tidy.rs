//! The rules of the house that a compiler cannot hold: the order of slices, heads of files, their length, words that are banned.

use std::collections::BTreeSet;

use regex::Regex;

use super::{none, sources};
use crate::peers::root;

/// Longer than this, and a file wants to be two.
const MOST_LINES: usize = 500;

/// Files that may be longer, each with the reason.
const LONG: &[(&str, &str)] = &[
    ("connectors/src/network.rs", "one trait and its types, read from top to bottom"),
    ("connectors/src/instagram/parse.rs", "every wire shape of one network"),
    ("edge/src/limits/measure.rs", "one walk; parts of it make no sense alone"),
    ("sandbox/src/facebook.rs", "every endpoint of one network"),
    ("server/src/briefs/pages.rs", "the pages of both sides, with the form of a brief"),
    ("server/src/campaigns/rules.rs", "the states, goals and guards of campaigns are one table"),
    ("server/src/organisations/pages.rs", "one settings page with many small forms"),
    ("server/src/creators/rules.rs", "a third of it are the tests at its foot"),
];

const MEMBERS: &[&str] =
    &["server", "entity", "migration", "connectors", "influence", "validate", "edge", "sandbox", "tests", "benches", "batch"];

/// The slices in their order, as `lib.rs` lists them.
fn slices() -> Vec<String> {
    let lib = std::fs::read_to_string(root().join("server/src/lib.rs")).expect("lib.rs");
    let listed = lib.split("// The slices, in order.").nth(1).expect("lib.rs lists the slices under this comment");
    let slices: Vec<_> = listed
        .lines()
        .map_while(|line| match line {
            "" => Some(None),
            line => line.strip_prefix("pub mod ").map(Some),
        })
        .flatten()
        .collect();
    slices.into_iter().map(|s| s.trim_end_matches(';').to_owned()).collect()
}

/// The first names behind `crate::` in a file without its comments: `use crate::{a::b, c}` and `crate::d::e` give a, c, d.
fn named(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if !rest.starts_with('{') {
            names.insert(word(rest));
            continue;
        }
        let mut depth = 0;
        let mut item = String::new();
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    names.insert(word(item.trim()));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth >= 1 && !(depth == 1 && c == '{') {
                item.push(c);
            }
        }
        names.insert(word(item.trim()));
    }
    names
}

#[test]
fn slices_call_only_slices_above_them() {
    let slices = slices();
    assert!(slices.len() > 5, "{slices:?}");
    let place = |name: &str| slices.iter().position(|s| s == name);
    // Rooms below every slice. `graph` and `web` put the slices together, so they may name them.
    let rooms = ["base", "auth", "jobs", "tx.rs", "events.rs", "error.rs", "app.rs", "config.rs", "idempotency.rs"];
    let mut wrong = Vec::new();
    for file in sources("server/src", ".rs") {
        let inside = file.path.trim_start_matches("server/src/");
        let (first, rest) = inside.split_once('/').unwrap_or((inside, ""));
        let is_face = rest.starts_with("graphql") || rest.starts_with("pages");
        let own = match place(first) {
            Some(_) if is_face => continue,
            Some(own) => own,
            None if rooms.contains(&first) => {
                wrong.extend(
                    named(&file.text).iter().filter(|n| place(n).is_some()).map(|n| format!("{}: a room names the slice {n}", file.path)),
                );
                continue;
            }
            None => continue,
        };
        for name in named(&file.text) {
            if place(&name).is_some_and(|other| other > own) {
                wrong.push(format!("{}: names {name}, which stands below", file.path));
            }
        }
    }
    none("the order of lib.rs is broken (downwards go events and jobs; faces may read any)", wrong);
}

#[test]
fn every_file_says_what_it_is_for() {
    let bare = MEMBERS
        .iter()
        .flat_map(|member| sources(member, ".rs"))
        .filter(|f| !f.text.starts_with("//! ") && !f.text.starts_with("//!\n"))
        .map(|f| f.path)
        .collect();
    none("files without a head `//! …`", bare);
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    for file in MEMBERS.iter().flat_map(|member| sources(member, ".rs")) {
        // Unit tests at the foot do not count.
        let lines = file.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().count();
        let is_test = file.path.contains("tests/");
        if lines > MOST_LINES && !is_test && !LONG.iter().any(|(path, _)| *path == file.path) {
            long.push(format!("{}: {lines} lines", file.path));
        }
    }
    none("files longer than 500 lines; split them, or give the reason in tidy.rs", long);
    let gone = LONG.iter().filter(|(path, _)| !root().join(path).exists()).map(|(path, _)| (*path).to_owned()).collect();
    none("named in tidy.rs, but not there", gone);
}

#[test]
fn banned_words() {
    let rules: &[(&str, &str, &[&str])] = &[
        (
            r"\b(?:Utc|Local)::now\b",
            "time comes from Tx::now or Clock",
            &["server/src/base/clock.rs", "connectors/src/registry.rs", "sandbox/src/world.rs"],
        ),
        (r"\bUuid::(?:now_v7|new_v4)\b", "ids are made by App::id", &[]),
        (r"(?i)\b(?:todo|fixme|xxx)\b[:!(]", "finish it, or write it down elsewhere", &[]),
        (r"\b(?:todo|unimplemented|dbg)!", "no stubs", &[]),
        (r"#!?\[allow\(", "#[expect(…, reason)] says when it is no longer needed", &[]),
        (r"\b(?:struct|enum|trait|mod) \w*(?:Service|Helper|Utils?|Impl)\b", "a name from the glossary", &[]),
        (
            r"\bf(?:32|64)\b.*(?i)(?:money|minor|amount|fee|price)|(?i)(?:money|minor|amount|fee|price)\w*: f(?:32|64)\b",
            "money is whole minor units",
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for file in MEMBERS.iter().flat_map(|member| sources(member, ".rs")).filter(|f| !f.path.ends_with("contracts/tidy.rs")) {
        for (rule, why, exempt) in rules {
            if exempt.contains(&file.path.as_str()) || (file.path.starts_with("tests/") && why.starts_with("time")) {
                continue;
            }
            for found in Regex::new(rule).expect("regex").find_iter(&file.text) {
                let line = file.text[..found.start()].matches('\n').count() + 1;
                wrong.push(format!("{}:{line}: {} ({why})", file.path, found.as_str()));
            }
        }
    }
    none("banned words", wrong);
}

#[test]
fn nothing_reads_as_if_left_by_a_merge() {
    let mut wrong = Vec::new();
    for folder in ["server", "entity", "migration", "connectors", "edge", "sandbox", "templates", "locales", "assets/css", "assets/js"] {
        for file in sources(folder, "") {
            wrong.extend(file.text.lines().filter(|l| l.starts_with("<<<<<<< ") || l.starts_with(">>>>>>> ")).map(|_| file.path.clone()));
        }
    }
    none("unfinished merges", wrong);
}
