//! Briefs: which language is read. Pure.

use entity::{enums::Locale, json::Bilingual};

/// The text in the reader's language, else in the other, and which of them it is.
pub fn pick(text: &Bilingual, locale: Locale) -> (&str, Locale) {
    let (own, other, fallback) = match locale {
        Locale::En => (&text.en, &text.ja, Locale::Ja),
        Locale::Ja => (&text.ja, &text.en, Locale::En),
    };
    if own.is_empty() && !other.is_empty() { (other, fallback) } else { (own, locale) }
}
