//! What people type, read once at the door: addresses, titles, bodies, links, days, zones.

use chrono::NaiveDate;
use sea_orm::sea_query::LikeExpr;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Wrong};

/// A mail address as typed, and the key by which two spellings are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As typed, trimmed and with full-width characters folded.
    pub text: String,
    /// Lower case; unique among users.
    pub key: String,
}

impl Email {
    /// Reads an address: one `@`, a domain with a dot, no more than 254 bytes.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(Code::Invalid, "base.problem.email");
        let text = fold_width(text.trim());
        if text.is_empty() {
            return Err(Wrong::required());
        }
        let address: lettre::Address = text.parse().map_err(|_| wrong())?;
        if text.len() > 254 || !address.domain().contains('.') || !text.is_ascii() {
            return Err(wrong());
        }
        Ok(Self { key: text.to_ascii_lowercase(), text })
    }
}

/// Folds full-width letters and half-width kana (NFKC), as Japanese keyboards produce both.
pub fn fold_width(text: &str) -> String {
    text.nfkc().collect()
}

/// The key under which names are searched: width, case and kana folded.
pub fn search_key(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        // Katakana to hiragana, so that either finds the other.
        .map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
            _ => c,
        })
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

/// For `LIKE`: what contains this text, whatever signs are in it.
pub fn contains(text: &str) -> LikeExpr {
    let escaped: String = text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect();
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

/// One line: trimmed, without control characters, at most `most` characters, not empty.
pub fn line(text: &str, most: usize) -> Result<String, Wrong> {
    let text = optional_line(text, most)?;
    if text.is_empty() { Err(Wrong::required()) } else { Ok(text) }
}

/// As [`line`], but may be empty.
pub fn optional_line(text: &str, most: usize) -> Result<String, Wrong> {
    let cleaned: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    within(cleaned.trim().to_owned(), most)
}

/// Several lines: line ends unified, other control characters dropped, at most `most` characters, not empty.
pub fn body(text: &str, most: usize) -> Result<String, Wrong> {
    let text = optional_body(text, most)?;
    if text.is_empty() { Err(Wrong::required()) } else { Ok(text) }
}

/// As [`body`], but may be empty.
pub fn optional_body(text: &str, most: usize) -> Result<String, Wrong> {
    let cleaned: String =
        text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    within(cleaned.trim().to_owned(), most)
}

fn within(text: String, most: usize) -> Result<String, Wrong> {
    let n = text.chars().count();
    if n > most { Err(Wrong::new(Code::TooLong, "base.problem.too_long").with("most", most).with("n", n)) } else { Ok(text) }
}

/// A link to somewhere outside: http or https, a host with a dot; empty stays empty.
pub fn optional_web_url(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::new(Code::Invalid, "base.problem.url");
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = url::Url::parse(&with_scheme).map_err(|_| wrong())?;
    let plausible = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|h| h.contains('.'))
        && url.username().is_empty()
        && url.password().is_none();
    if plausible && url.as_str().len() <= 2000 { Ok(url.into()) } else { Err(wrong()) }
}

/// A calendar day as forms send it; empty is none.
pub fn optional_day(text: &str) -> Result<Option<NaiveDate>, Wrong> {
    let text = fold_width(text.trim()).replace('/', "-");
    if text.is_empty() {
        return Ok(None);
    }
    match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
        Ok(day) if ("1900".."2200").contains(&text.as_str()) => Ok(Some(day)),
        _ => Err(Wrong::new(Code::Invalid, "base.problem.day")),
    }
}

/// A time zone of the IANA list.
pub fn time_zone(text: &str) -> Result<chrono_tz::Tz, Wrong> {
    text.trim().parse().map_err(|_| Wrong::new(Code::Invalid, "base.problem.time_zone"))
}

/// A language of the product.
pub fn locale(text: &str) -> Result<entity::enums::Locale, Wrong> {
    text.trim().parse().map_err(|()| Wrong::new(Code::Invalid, "base.problem.locale"))
}

/// One of an enum's values.
pub fn choice<T: std::str::FromStr>(text: &str) -> Result<T, Wrong> {
    match text.trim() {
        "" => Err(Wrong::required()),
        text => text.parse().map_err(|_| Wrong::new(Code::Invalid, "base.problem.choice")),
    }
}

/// A country of ISO 3166-1 by shape (two letters); empty is unknown.
pub fn optional_country(text: &str) -> Result<String, Wrong> {
    let text = text.trim().to_ascii_uppercase();
    if text.is_empty() || (text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())) {
        Ok(text)
    } else {
        Err(Wrong::new(Code::Invalid, "base.problem.country"))
    }
}

/// Words separated by commas of either width or line ends; at most `most` of them, each once.
pub fn words(text: &str, most: usize) -> Result<Vec<String>, Wrong> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split([',', '、', '，', '\n']) {
        let word = optional_line(word, 60)?;
        if !word.is_empty() && !out.contains(&word) {
            out.push(word);
        }
    }
    if out.len() > most { Err(Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", most)) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(Email::parse(" Hana@Example.com ").unwrap().key, "hana@example.com");
        assert_eq!(Email::parse("ｈａｎａ＠example.com").unwrap().text, "hana@example.com");
        for bad in ["", "hana", "hana@", "@example.com", "a@b", "a b@example.com", "a@example.com\nBcc: x@y.z", "<a@example.com>"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_are_found_in_any_width_and_kana() {
        assert_eq!(search_key("ﾊﾅ カフェ"), search_key("はな かふぇ"));
        assert_eq!(search_key("ＨＡＮＡ"), "hana");
    }

    #[test]
    fn links() {
        assert_eq!(optional_web_url("example.com/a").unwrap(), "https://example.com/a");
        for bad in ["javascript:alert(1)", "http://localhost", "https://user:pw@example.com", "ftp://example.com", "https://"] {
            assert!(optional_web_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days() {
        assert_eq!(optional_day("２０２６／１１／０３").unwrap(), NaiveDate::from_ymd_opt(2026, 11, 3));
        assert!(optional_day("2026-02-30").is_err());
        assert!(optional_day("99999-01-01").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics_and_lines_stay_lines(text in "\\PC{0,80}|[\\x00-\\x7f]{0,80}") {
            let _ = (Email::parse(&text), optional_web_url(&text), optional_day(&text), words(&text, 5), search_key(&text));
            if let Ok(line) = line(&text, 60) {
                prop_assert!(!line.chars().any(char::is_control));
            }
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(!email.text.contains(['\n', '\r', '<', '>', ' ']));
            }
        }
    }
}
