//! Words of scripts that have spaces; runs of the others, which a dictionary or n-grams must cut.

use super::kind::{Kind, kind};

/// A piece of a text that is made of letters or digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The piece as it stands in the text.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub start: usize,
    /// A run of kana, Han or Thai: not one word but a row of them.
    pub is_run: bool,
}

/// Cuts a text into words and runs, in order. An apostrophe between letters stays inside (`don't`); kana and Han run on together.
#[must_use]
pub fn words(text: &str) -> Vec<Word<'_>> {
    let signs: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let first = kind(signs[at].1);
        if !first.is_spaced() && !first.is_unspaced() {
            at += 1;
            continue;
        }
        let is_run = first.is_unspaced();
        let mut end = at + 1;
        while end < signs.len() {
            let next = kind(signs[end].1);
            let goes_on = if is_run { next.is_unspaced() } else { next.is_spaced() };
            let is_apostrophe =
                !is_run && matches!(signs[end].1, '\'' | '’') && signs.get(end + 1).is_some_and(|(_, c)| kind(*c) == Kind::Letter);
            if !goes_on && !is_apostrophe {
                break;
            }
            end += 1;
        }
        let start = signs[at].0;
        let stop = signs.get(end).map_or(text.len(), |(byte, _)| *byte);
        found.push(Word { text: &text[start..stop], start, is_run });
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_runs() {
        let found: Vec<_> = words("I don't know, 東京でramenを2杯!").iter().map(|w| (w.text, w.is_run)).collect();
        assert_eq!(
            found,
            [("I", false), ("don't", false), ("know", false), ("東京で", true), ("ramen", false), ("を", true), ("2", false), ("杯", true)]
        );
    }

    proptest! {
        #[test]
        fn words_stand_where_they_say(text in any::<String>()) {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(word.start >= last);
                prop_assert_eq!(&text[word.start..word.start + word.text.len()], word.text);
                last = word.start + word.text.len();
            }
        }
    }
}
