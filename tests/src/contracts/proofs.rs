//! The tables "Requirements A" and "Requirements B" of the documentation name a test for each promise: the tests are there, so that the
//! tables cannot rot.

use regex::Regex;

use super::none;
use crate::peers::root;

/// Where the tables stand, the letter of their ids, and how many they promise.
const TABLES: [(&str, &str, &[std::ops::RangeInclusive<u32>]); 2] =
    [("docs/api.md", "A", &[1..=32]), ("docs/security.md", "B", &[1..=15, 20..=30, 40..=50])];

/// A row: its id and what shows it.
struct Row {
    id: String,
    shown: String,
}

fn rows(path: &str, letter: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let table = text.split(&format!("## Requirements {letter}")).nth(1).unwrap_or_else(|| panic!("{path} has no such table"));
    let lines = table.lines().filter(|line| line.starts_with(&format!("| {letter}")));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{path}: a row has an id, what, and what shows it: {line}");
            Row { id: cells[0].to_owned(), shown: cells[2].to_owned() }
        })
        .collect()
}

/// Whether a file has a test of this name: a function under an attribute, or a story.
fn has_test(text: &str, name: &str) -> bool {
    let name = regex::escape(name);
    let attribute = r"#\[(?:actix_web::|tokio::)?test\]\n(?:\s*#\[[^\n]*\]\n)*";
    let function = format!(r"{attribute}\s*(?:async )?fn {name}\(");
    // A property test stands in `proptest!`, a story in `story!`, a script's check under its own name.
    let story = format!(r"(?:(?:story|told)!\(\s*|\b(?:async )?function |\bfunction |\bconst ){name}\b");
    // What is told on each database stands in a function of its own that the tests call.
    let told = format!(r"{attribute}\s*fn \w+\(\) \{{\n\s*(?:\w+\(Kind::\w+, )?{name}\b");
    [function, story, told].iter().any(|pattern| Regex::new(pattern).expect("regex").is_match(text))
}

#[test]
fn every_requirement_has_its_row() {
    for (path, letter, ranges) in TABLES {
        let ids: Vec<String> = rows(path, letter).into_iter().map(|row| row.id).collect();
        let promised: Vec<String> = ranges.iter().flat_map(|range| range.clone().map(|n| format!("{letter}{n}"))).collect();
        assert_eq!(ids, promised, "{path}");
    }
}

#[test]
fn what_shows_a_requirement_is_there() {
    let named = Regex::new(r"`([^`\s]+\.[a-z]+)(?::([a-z0-9_]+))?`").expect("regex");
    let line = Regex::new(r"the line `([^`]+)` of `([^`]+)`").expect("regex");
    let mut wrong = Vec::new();
    for (path, letter, _) in TABLES {
        for Row { id, shown } in rows(path, letter) {
            let mut count = 0;
            let read = |file: &str| std::fs::read_to_string(root().join(file)).ok();
            for found in named.captures_iter(&shown).filter(|found| found[1].contains('/')) {
                let (file, test) = (&found[1], found.get(2).map(|t| t.as_str()));
                match (read(file), test) {
                    (None, _) => wrong.push(format!("{id}: there is no {file}")),
                    (Some(text), Some(test)) if !has_test(&text, test) => wrong.push(format!("{id}: {file} has no test {test}")),
                    // A file without a test's name is a script that is a test as a whole.
                    (Some(_), None) if file.ends_with(".rs") => wrong.push(format!("{id}: which test of {file}?")),
                    _ => count += 1,
                }
            }
            for found in line.captures_iter(&shown) {
                let starts = |text: &str| text.lines().any(|l| l.strip_prefix(&found[1]).is_some_and(|rest| rest.starts_with(' ')));
                if !read(&found[2]).is_some_and(|text| starts(&text)) {
                    wrong.push(format!("{id}: {} has no line {}", &found[2], &found[1]));
                }
            }
            if count == 0 && !shown.starts_with("not yet") {
                wrong.push(format!("{id}: names no test, and does not say \"not yet\""));
            }
        }
    }
    none("the tables of requirements name tests that are not there", wrong);
}
