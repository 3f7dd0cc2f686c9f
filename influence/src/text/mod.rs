//! Text as people write it: folded so that equal words are equal, cut into words, tags, handles and character n-grams. Every other module
//! that reads text goes through here. `docs/science.md`, section 6 (comments) and 8 (topics).

mod dictionary;
mod fold;
mod grams;
mod kind;
mod marks;
mod words;

pub use dictionary::{Dictionary, Hit};
pub use fold::{fold, narrow, skeleton, unleet};
pub use grams::{GRAM_BITS, grams, hash};
pub use kind::{Kind, is_emoji, kind};
pub use marks::{Marks, marks, split_tag};
pub use words::{Word, words};

/// The language of a short text as far as its script tells: kana means Japanese, Latin letters are taken for English, all else is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English, or what is written in Latin letters.
    En,
    /// Japanese.
    Ja,
    /// No letters, or a script that we have no lists for.
    Other,
}

/// Guesses the language by counting letters. Two kana outweigh any number of Latin letters, since Japanese posts quote Latin words all the time.
#[must_use]
pub fn language(text: &str) -> Lang {
    let (mut kana, mut han, mut latin, mut other) = (0, 0, 0, 0);
    for c in text.chars() {
        match kind(c) {
            Kind::Kana => kana += 1,
            Kind::Han => han += 1,
            Kind::Letter if c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c) => latin += 1,
            Kind::Letter | Kind::Unspaced => other += 1,
            _ => {}
        }
    }
    match () {
        () if kana >= 2 || (kana + han > 0 && kana + han >= latin && kana > 0) => Lang::Ja,
        () if latin > 0 && latin >= other => Lang::En,
        () => Lang::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_decides() {
        assert_eq!(language("今日のOOTDはUNIQLOのセットアップ"), Lang::Ja);
        assert_eq!(language("My new coat"), Lang::En);
        assert_eq!(language("🔥🔥"), Lang::Other);
        assert_eq!(language("Привет"), Lang::Other);
        assert_eq!(language("美容"), Lang::Other, "Han alone may be Chinese");
    }
}
