//! Word lists: ours, and those of others in the commonest form.

use serde::Deserialize;

use crate::text::Lang;

/// A word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is written.
    pub word: String,
    /// Its language: English words keep word bounds, Japanese ones cannot.
    pub lang: Lang,
    /// 1 mild, 2 strong, 3 extreme.
    pub severity: u8,
    /// One of [`KINDS`], or the name of the list that it came from.
    pub kind: String,
}

/// Kinds of explicit language in our lists.
pub const KINDS: [&str; 6] = ["crude", "sexual", "insult", "slur", "threat", "drugs"];

#[derive(Deserialize)]
struct Line {
    lang: Lang,
    severity: u8,
    kind: String,
    words: String,
}

/// The list that ships: modest, our own, English and Japanese.
///
/// # Panics
/// Never in a build whose tests passed: the file is read there.
#[must_use]
#[expect(clippy::expect_used, reason = "embedded and read in a test")]
pub fn shipped() -> Vec<Entry> {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/explicit.csv").as_bytes());
    let read = reader.deserialize().map(|line| line.expect("data/explicit.csv has its form")).flat_map(|line: Line| {
        let words: Vec<String> = line.words.split('|').map(str::to_owned).collect();
        words.into_iter().map(move |word| Entry { word, lang: line.lang, severity: line.severity, kind: line.kind.clone() })
    });
    read.collect()
}

/// Innocent words that hold a listed one by accident.
#[must_use]
pub fn allowed() -> Vec<&'static str> {
    include_str!("../../data/explicit-allow.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect()
}

/// A published list: one term a line, blank lines and lines that begin with `#` passed over. All get one severity and the list's name as their kind; terms of one
/// letter, or of one kana or Han, are left out, since they would be found everywhere.
#[must_use]
pub fn lines(text: &str, lang: Lang, severity: u8, list: &str) -> Vec<Entry> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.starts_with('#') && l.chars().count() >= 2)
        .map(|word| Entry { word: word.to_owned(), lang, severity: severity.clamp(1, 3), kind: list.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_shipped_list_keeps_its_rules() {
        let list = shipped();
        let mut seen = BTreeSet::new();
        for entry in &list {
            assert!(KINDS.contains(&entry.kind.as_str()) && (1..=3).contains(&entry.severity), "{entry:?}");
            assert!(seen.insert((entry.word.clone(), entry.lang)), "{} stands twice", entry.word);
            assert!(entry.word.trim() == entry.word && entry.word.chars().count() >= 2, "{entry:?}");
        }
        assert!(list.iter().any(|e| e.lang == Lang::Ja) && list.iter().any(|e| e.lang == Lang::En));
    }

    #[test]
    fn lists_of_others() {
        let read = lines("# head\n\nfoo bar\nx\n亜\n悪口\n", Lang::Ja, 9, "elsewhere");
        assert_eq!(read.iter().map(|e| (e.word.as_str(), e.severity)).collect::<Vec<_>>(), [("foo bar", 3), ("悪口", 3)]);
    }
}
