//! The texts: every key that is used exists in both languages, none is unused, and both have the same places.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{Source, none, sources};

/// Key → language → text.
type Texts = BTreeMap<String, BTreeMap<String, String>>;

/// Reads the plain part of YAML that the files are written in: nested keys, and at the leaves `{en: "…", ja: "…"}` or a line a language.
fn read(file: &Source, texts: &mut Texts) {
    let line_of = Regex::new(r#"^( *)"?([A-Za-z0-9_-]+)"?:\s*(.*?)\s*$"#).expect("regex");
    let pair = Regex::new(r#"^\{en: ("(?:[^"\\]|\\.)*"), ja: ("(?:[^"\\]|\\.)*")\}$"#).expect("regex");
    let unquoted = |text: &str| match text.starts_with('"') {
        true => serde_json::from_str(text).unwrap_or_else(|e| panic!("{}: {text}: {e}", file.path)),
        false => text.to_owned(),
    };
    let mut path: Vec<(usize, String)> = Vec::new();
    // A block of lines, `ja: |`, goes on while it is indented deeper.
    let mut block: Option<(usize, String, String)> = None;
    for (at, line) in file.text.lines().enumerate() {
        if let Some((indent, key, language)) = &block {
            if line.trim().is_empty() || line.starts_with(&" ".repeat(indent + 1)) {
                let text = texts.entry(key.clone()).or_default().entry(language.clone()).or_default();
                text.push_str(line.trim_start());
                text.push('\n');
                continue;
            }
            block = None;
        }
        if line.trim().is_empty() || line.trim_start().starts_with('#') || line.starts_with("_version") {
            continue;
        }
        let here = || format!("{}:{}: {line}", file.path, at + 1);
        let found = line_of.captures(line).unwrap_or_else(|| panic!("unreadable: {}", here()));
        let (indent, key, value) = (found[1].len(), found[2].to_owned(), found[3].to_owned());
        path.retain(|(i, _)| *i < indent);
        let parent = path.iter().map(|(_, k)| k.as_str()).collect::<Vec<_>>().join(".");
        let mut put = |key: &str, language: &str, text: String| {
            let old = texts.entry(key.to_owned()).or_default().insert(language.to_owned(), text);
            assert!(old.is_none(), "twice: {}", here());
        };
        if value.is_empty() {
            path.push((indent, key));
        } else if let Some(both) = pair.captures(&value) {
            let key = if parent.is_empty() { key } else { format!("{parent}.{key}") };
            put(&key, "en", unquoted(&both[1]));
            put(&key, "ja", unquoted(&both[2]));
        } else {
            assert!(matches!(key.as_str(), "en" | "ja"), "neither a key nor a language: {}", here());
            if matches!(value.as_str(), "|" | "|-" | ">" | ">-") {
                block = Some((indent, parent, key));
                continue;
            }
            put(&parent, &key, unquoted(&value));
        }
    }
}

fn texts() -> Texts {
    let mut texts = Texts::new();
    for file in sources("locales", ".yml") {
        read(&file, &mut texts);
    }
    texts
}

/// A key in code or template, with where it stands. Places of `format!` are `*`.
struct Used {
    key: String,
    at: String,
    mail: bool,
    /// A constant may be a text's key or any other name.
    constant: bool,
}

/// Every literal that could be a key: its first word is the first word of some key.
fn used(firsts: &BTreeSet<String>) -> Vec<Used> {
    let literal = Regex::new(r#"("?)"([a-z][a-z0-9_]*(?:\.(?:[A-Za-z0-9_]+|\{[A-Za-z0-9_.]*\}))+\.?)""#).expect("regex");
    // Facts and kinds of jobs are written alike and are no texts.
    let other = Regex::new(r"(Event::new\(|kind:|Job::new\(|(?:recall|remember)(?:::<\w+>)?\([^;]*,|//[/!][^\n]*)\s*$").expect("regex");
    let place = Regex::new(r"\{[^}]*\}").expect("regex");
    let mut out = Vec::new();
    for file in sources("server/src", ".rs").into_iter().chain(sources("templates", "")) {
        for found in literal.captures_iter(&file.text) {
            let (whole, text) = (found.get(0).expect("whole"), &found[2]);
            let first = text.split('.').next().unwrap_or_default();
            let before = file.text[..whole.start()].trim_end();
            let is_file = [".html", ".txt", ".yml", ".toml", ".json", ".csv", ".db", ".rs"].iter().any(|end| text.ends_with(end));
            if !firsts.contains(first) || is_file || other.is_match(before) {
                continue;
            }
            let line = file.text[..whole.start()].matches('\n').count() + 1;
            let mail = before.contains("Plain::new(") && before.rsplit("Plain::new(").next().is_some_and(|rest| !rest.contains(')'));
            let mut key = place.replace_all(text, "*").into_owned();
            if key.ends_with('.') {
                key.push('*');
            }
            let constant = before.ends_with("&str =");
            out.push(Used { constant, key, at: format!("{}:{line}", file.path), mail });
        }
    }
    out
}

fn pattern(key: &str) -> Regex {
    let parts: Vec<_> = key.split('*').map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join("[^.]+"))).expect("regex")
}

#[test]
fn every_text_in_both_languages_with_the_same_places() {
    let place = Regex::new(r"%\{([a-z_]+)\}").expect("regex");
    let places = |text: &str| place.captures_iter(text).map(|c| c[1].to_owned()).collect::<BTreeSet<_>>();
    let mut wrong = Vec::new();
    for (key, languages) in texts() {
        match (languages.get("en"), languages.get("ja")) {
            (Some(en), Some(ja)) => {
                if en.trim().is_empty() || ja.trim().is_empty() {
                    wrong.push(format!("{key}: empty"));
                }
                if places(en) != places(ja) {
                    wrong.push(format!("{key}: places differ: {:?} and {:?}", places(en), places(ja)));
                }
            }
            _ => wrong.push(format!("{key}: only in {:?}", languages.keys().collect::<Vec<_>>())),
        }
    }
    none("texts that are not the same in both languages", wrong);
}

#[test]
fn every_key_exists_and_every_text_is_used() {
    let texts = texts();
    let firsts: BTreeSet<String> = texts.keys().filter_map(|k| k.split('.').next()).map(str::to_owned).collect();
    let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
    for used in used(&firsts) {
        let matching: Vec<_> = if used.mail {
            ["subject", "heading"].map(|end| format!("{}.{end}", used.key)).into_iter().filter(|k| texts.contains_key(k)).collect()
        } else if used.key.contains('*') {
            let pattern = pattern(&used.key);
            texts.keys().filter(|k| pattern.is_match(k)).cloned().collect()
        } else if texts.contains_key(&used.key) {
            vec![used.key.clone()]
        } else if texts.contains_key(&format!("enum.event.{}", used.key)) {
            // A kind of event.
            vec![format!("enum.event.{}", used.key)]
        } else if texts.contains_key(&format!("{}.subject", used.key)) {
            // One of several mails that one function writes: the key is put together with what all of them have.
            texts.keys().filter(|k| k.starts_with(&format!("{}.", used.key))).cloned().collect()
        } else {
            Vec::new()
        };
        let enough = if used.mail { 2 } else { 1 };
        if matching.len() < enough && !used.constant {
            missing.push(format!("{} ({})", used.key, used.at));
        }
        seen.extend(matching);
    }
    // The name of a state is read by its kind: `page.name("campaign_state", …)`.
    let code: String = sources("server/src", ".rs").into_iter().chain(sources("templates", "")).map(|f| f.text).collect();
    let is_named = |key: &str| {
        let kind = key.strip_prefix("enum.").and_then(|rest| rest.split('.').next());
        kind.is_some_and(|kind| code.contains(&format!("\"{kind}\"")))
    };
    let unused: Vec<_> = texts.keys().filter(|k| !seen.contains(*k) && !is_named(k)).cloned().collect();
    missing.sort();
    missing.dedup();
    assert!(
        missing.is_empty() && unused.is_empty(),
        "texts that do not exist:\n  {}\ntexts that nothing uses:\n  {}\n",
        missing.join("\n  "),
        unused.join("\n  ")
    );
}
