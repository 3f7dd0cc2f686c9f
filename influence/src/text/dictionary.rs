//! Phrases found in a text, many at once and longest first, with word bounds where the script has them.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::kind::{Kind, kind};

/// A set of phrases, each with a value.
pub struct Dictionary<T> {
    fold: fn(&str) -> String,
    automaton: Option<AhoCorasick>,
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    phrase: String,
    /// The phrase may go on as a longer word: written `phrase*`.
    is_stem: bool,
    value: T,
}

/// A phrase found. Places are bytes of the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a, T> {
    /// The phrase, folded.
    pub phrase: &'a str,
    /// What it stands for.
    pub value: &'a T,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl<T> std::fmt::Debug for Dictionary<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dictionary of {} phrases", self.entries.len())
    }
}

impl<T> Dictionary<T> {
    /// Builds it; phrases and texts go through the same `fold`. Empty phrases are left out; too many for the machine's memory makes a dictionary that
    /// finds nothing.
    pub fn new(fold: fn(&str) -> String, entries: impl IntoIterator<Item = (String, T)>) -> Self {
        let entries: Vec<Entry<T>> = entries
            .into_iter()
            .map(|(phrase, value)| {
                let is_stem = phrase.ends_with('*');
                Entry { phrase: single_blanks(&fold(phrase.trim_end_matches('*'))).trim().to_owned(), is_stem, value }
            })
            .filter(|e| !e.phrase.is_empty())
            .collect();
        let automaton = AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(entries.iter().map(|e| &e.phrase)).ok();
        Self { fold, automaton, entries }
    }

    /// The text as it is searched: folded, white space as single blanks.
    #[must_use]
    pub fn prepared(&self, text: &str) -> String {
        single_blanks(&(self.fold)(text))
    }

    /// What stands in a [prepared](Self::prepared) text, from left to right: of phrases that begin at one place the longest, and none inside another. A
    /// phrase counts only at word bounds (see [`is_bound`]). Several values of one phrase are all given.
    #[must_use]
    pub fn find<'a>(&'a self, prepared: &str) -> Vec<Hit<'a, T>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut hits: Vec<Hit<'a, T>> = automaton
            .find_overlapping_iter(prepared)
            .filter_map(|found| {
                let entry = self.entries.get(found.pattern().as_usize())?;
                let (start, end) = (found.start(), found.end());
                let whole = is_bound(prepared, start) && (entry.is_stem || is_bound(prepared, end));
                whole.then_some(Hit { phrase: &entry.phrase, value: &entry.value, start, end })
            })
            .collect();
        hits.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let (mut from, mut free) = (usize::MAX, 0);
        hits.retain(|hit| {
            let is_kept = hit.start >= free || (hit.start == from && hit.end == free);
            if is_kept {
                (from, free) = (hit.start, hit.end);
            }
            is_kept
        });
        hits
    }
}

/// A word may begin or end at this byte: not between two letters or digits of a spaced script, nor between two katakana (`ロック` is not in `ブロック`).
/// Between other kana and Han anything may end, since Japanese marks no words.
fn is_bound(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    let (Some(before), Some(after)) = (before, after) else { return true };
    let is_spaced = kind(before).is_spaced() && kind(after).is_spaced();
    let is_katakana = is_katakana(before) && is_katakana(after);
    !(is_spaced || is_katakana)
}

fn is_katakana(c: char) -> bool {
    kind(c) == Kind::Kana && !('\u{3041}'..='\u{309f}').contains(&c)
}

fn single_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::narrow;

    fn found(phrases: &[&str], text: &str) -> Vec<String> {
        let dictionary = Dictionary::new(narrow, phrases.iter().map(|p| ((*p).to_owned(), ())));
        dictionary.find(&dictionary.prepared(text)).iter().map(|h| h.phrase.to_owned()).collect()
    }

    #[test]
    fn words_keep_their_bounds() {
        assert_eq!(found(&["art", "street art"], "Street  Art, party, ART!"), ["street art", "art"]);
        assert_eq!(found(&["subscri*"], "subscribed unsubscribe"), ["subscri"]);
        assert_eq!(found(&["rock"], "rockの日"), ["rock"], "a change of script is a bound");
    }

    #[test]
    fn japanese_by_longest_match() {
        assert_eq!(found(&["京都", "東京都"], "東京都と京都"), ["東京都", "京都"]);
        assert_eq!(found(&["ロック"], "ブロックチェーンとロック"), ["ロック"]);
        assert_eq!(found(&["ロック"], "ﾛｯｸ最高"), ["ロック"]);
        assert_eq!(found(&["カフェ"], "カフェ巡り"), ["カフェ"]);
    }

    #[test]
    fn a_long_phrase_that_fails_does_not_hide_a_short_one() {
        assert_eq!(found(&["ice cream", "ice"], "ice creams"), ["ice"]);
    }

    proptest! {
        #[test]
        fn hits_stand_apart_and_in_the_text(phrases in prop::collection::vec("[abあア亜 ]{1,3}", 1..6), text in "[abあア亜 ]{0,30}") {
            let dictionary = Dictionary::new(narrow, phrases.into_iter().map(|p| (p, ())));
            let prepared = dictionary.prepared(&text);
            let mut last: Option<(usize, usize)> = None;
            for hit in dictionary.find(&prepared) {
                prop_assert_eq!(&prepared[hit.start..hit.end], hit.phrase);
                prop_assert!(last.is_none_or(|(start, end)| hit.start >= end || (start, end) == (hit.start, hit.end)));
                last = Some((hit.start, hit.end));
            }
        }
    }
}
