//! What stands out in a post by its sign: hashtags, handles, links.

use super::kind::{Kind, kind};

/// Hashtags, handles and links of a text, in order, without their signs and as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// `#travel` → `travel`.
    pub tags: Vec<String>,
    /// `@name` → `name`.
    pub handles: Vec<String>,
    /// `https://…`, `www.…` or a bare `name.tld` with a well-known ending.
    pub links: Vec<String>,
    /// The text with all of them replaced by a blank.
    pub rest: String,
}

/// Endings that make a bare name a link; short on purpose, since `end.Next` is no address.
const ENDINGS: &[&str] = &[
    "com", "net", "org", "info", "biz", "jp", "co", "io", "me", "ly", "gl", "tk", "ru", "de", "uk", "xyz", "app", "shop", "site", "online",
    "be", "tv", "cc",
];

/// Finds them. A `#` or `@` counts only where no letter or digit of a spaced script stands before it (so `a@b.com` is no handle); full-width
/// signs count too. A tag needs one letter at least: `#1` is a rank.
#[must_use]
pub fn marks(text: &str) -> Marks {
    let mut found = Marks::default();
    let mut before = ' ';
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // Two signs in a row (`##tag`) are not a tag on any network, and `&#39;` is an apostrophe.
        let fresh = !kind(before).is_spaced() && !matches!(before, '&' | '#' | '＃' | '@');
        let taken = match c {
            '#' | '＃' if fresh => tag(rest).inspect(|t| found.tags.push((*t).to_owned())).map(|t| c.len_utf8() + t.len()),
            '@' | '＠' if fresh => handle(rest).inspect(|h| found.handles.push((*h).to_owned())).map(|h| c.len_utf8() + h.len()),
            _ if fresh && c.is_ascii_alphanumeric() => link(rest).inspect(|l| found.links.push((*l).to_owned())).map(str::len),
            _ => None,
        };
        let step = taken.unwrap_or(c.len_utf8());
        if taken.is_some() {
            found.rest.push(' ');
        } else {
            found.rest.push(c);
        }
        before = rest[..step].chars().next_back().unwrap_or(c);
        rest = &rest[step..];
    }
    found
}

fn tag(rest: &str) -> Option<&str> {
    let body = rest.strip_prefix(['#', '＃'])?;
    let end = body.find(|c: char| !(kind(c).is_spaced() || kind(c).is_unspaced() || c == '_')).unwrap_or(body.len());
    let body = &body[..end];
    body.chars().any(|c| kind(c) == Kind::Letter || kind(c).is_unspaced()).then_some(body)
}

fn handle(rest: &str) -> Option<&str> {
    let body = rest.strip_prefix(['@', '＠'])?;
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(body.len());
    let body = body[..end].trim_end_matches(['.', '-']);
    (!body.is_empty()).then_some(body)
}

fn link(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '`')).unwrap_or(rest.len());
    let run = rest[..end].trim_end_matches(['.', ',', '!', '?', ')', ':', ';', '\'']);
    let starts = |sign: &str| run.get(..sign.len()).is_some_and(|s| s.eq_ignore_ascii_case(sign));
    if starts("http://") || starts("https://") || starts("www.") {
        return Some(run);
    }
    let host = run.split(['/', '?']).next().unwrap_or(run);
    let (name, ending) = host.rsplit_once('.')?;
    let is_host = name.len() >= 2 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    (is_host && ENDINGS.iter().any(|e| e.eq_ignore_ascii_case(ending))).then_some(run)
}

/// The words of a hashtag: `TravelPhotography` → `Travel Photography`, `best_of_2024` → `best of 2024`, `OOTDJapan` → `OOTD Japan`. Tags in scripts
/// without case stay whole.
#[must_use]
pub fn split_tag(tag: &str) -> Vec<String> {
    let signs: Vec<char> = tag.chars().collect();
    let mut words = vec![String::new()];
    for (i, c) in signs.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| signs[b]);
        let begins = before.is_some_and(|b| {
            let (was, is) = (kind(b), kind(*c));
            let camel = b.is_lowercase() && c.is_uppercase();
            let acronym_ends = b.is_uppercase() && c.is_uppercase() && signs.get(i + 1).is_some_and(|n| n.is_lowercase());
            let script_changes = was.is_unspaced() != is.is_unspaced();
            let number = (was == Kind::Digit) != (is == Kind::Digit);
            camel || acronym_ends || script_changes || number
        });
        if (*c == '_' || begins) && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if *c != '_'
            && let Some(word) = words.last_mut()
        {
            word.push(*c);
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signs_of_a_post() {
        let found =
            marks("New look #OOTD ＃秋コーデ、with @Uniqlo. See https://x.example/a?b=1, or bit.ly/abc; mail me@x.com #1 &#39; it.");
        assert_eq!(found.tags, ["OOTD", "秋コーデ"]);
        assert_eq!(found.handles, ["Uniqlo"]);
        assert_eq!(found.links, ["https://x.example/a?b=1", "bit.ly/abc"]);
        assert!(found.rest.starts_with("New look"), "{}", found.rest);
        assert!(!found.rest.contains("OOTD"));
    }

    #[test]
    fn tags_have_words() {
        assert_eq!(split_tag("TravelPhotography"), ["Travel", "Photography"]);
        assert_eq!(split_tag("OOTDJapan"), ["OOTD", "Japan"]);
        assert_eq!(split_tag("best_of_2024"), ["best", "of", "2024"]);
        assert_eq!(split_tag("秋コーデ"), ["秋コーデ"]);
        assert_eq!(split_tag("PR案件"), ["PR", "案件"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let found = marks(&text);
            prop_assert!(found.rest.len() <= text.len() + 1);
            for tag in found.tags {
                prop_assert!(!tag.is_empty());
                prop_assert_eq!(split_tag(&tag).concat(), tag.replace('_', ""));
            }
        }
    }
}
