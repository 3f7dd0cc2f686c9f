//! Markers of a comment: words and shapes that lures, begging and advertising have in common, each a number that can be read. The words are a list that a
//! person can edit (`data/markers.json`); they are searched folded, kana as hiragana.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::text::{Dictionary, fold, is_emoji, marks, skeleton, words};

/// The markers in their order. Those with words are 0 or 1; `length`, `exclaim` and `repeat` are amounts.
pub const MARKERS: [&str; 26] = [
    "link",
    "subscribe",
    "check_out",
    "own_work",
    "channel",
    "money",
    "please",
    "follow",
    "media",
    "beg",
    "handle",
    "length",
    "greeting",
    "visit",
    "likes",
    "views",
    "time",
    "praise",
    "short",
    "exclaim",
    "first_person",
    "you",
    "question",
    "contact",
    "adult",
    "repeat",
];

#[expect(clippy::expect_used, reason = "embedded and read in a test")]
static WORDS: LazyLock<Dictionary<String>> = LazyLock::new(|| {
    let lists: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../data/markers.json")).expect("data/markers.json is lists of words");
    Dictionary::new(fold, lists.into_iter().flat_map(|(marker, list)| list.into_iter().map(move |word| (word, marker.clone()))))
});

/// Things that people advertise as their own: `my new channel`.
const WORKS: &[&str] = &[
    "channel",
    "channels",
    "chanel",
    "video",
    "videos",
    "vid",
    "vids",
    "page",
    "music",
    "song",
    "songs",
    "track",
    "tracks",
    "cover",
    "covers",
    "blog",
    "account",
    "profile",
    "facebook",
    "instagram",
    "twitter",
    "site",
    "website",
    "album",
    "beat",
    "beats",
    "mixtape",
    "store",
    "shop",
    "playlist",
    "remix",
    "work",
    "stuff",
    "bio",
    "link",
];

/// A comment without its markup: entities read, links to a moment of the video as the moment, other tags as blanks; then the [`skeleton`].
#[must_use]
pub fn plain(text: &str) -> String {
    plain_under(text, None)
}

/// The same under a post of which a part of the address is known: links to the post itself are taken out, since those who quote it lure nobody away.
#[must_use]
pub fn plain_under(text: &str, own: Option<&str>) -> String {
    let bare = unmarked(text);
    let Some(own) = own.map(skeleton).filter(|own| own.len() >= 5) else { return skeleton(&bare) };
    let own_links = marks(&bare).links.into_iter().filter(|link| skeleton(link).contains(&own));
    skeleton(&own_links.fold(bare.clone(), |text, link| text.replace(&link, " ")))
}

/// A comment without its markup, as it was written.
pub(super) fn unmarked(text: &str) -> String {
    entities(&untagged(&entities(text)))
}

fn untagged(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let is_tag = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let Some(end) = tag.find('>').filter(|_| is_tag) else {
            out.push('<');
            rest = &tag[1..];
            continue;
        };
        let inside = &tag[1..end];
        rest = &tag[end + 1..];
        out.push(' ');
        let address = inside.strip_prefix("a ").and_then(|a| a.split("href=").nth(1)).map(|a| a.trim_matches(['"', '\'', ' ']));
        let shown = rest.split('<').next().unwrap_or_default().trim();
        let is_moment = !shown.is_empty() && shown.chars().all(|c| c.is_ascii_digit() || c == ':');
        if let Some(address) = address
            && !is_moment
        {
            out.push_str(address.split(['"', '\'', ' ']).next().unwrap_or_default());
            out.push(' ');
            // What is shown is the address again, cut short.
            rest = &rest[rest.find('<').unwrap_or(rest.len())..];
        }
    }
    out.push_str(rest);
    out
}

fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    named.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The markers of a [`plain`] text, as numbers in the order of [`MARKERS`].
#[must_use]
pub fn markers(plain: &str) -> [f64; 26] {
    let found = marks(plain);
    let prepared = WORDS.prepared(plain);
    let hits = WORDS.find(&prepared);
    let list: Vec<&str> = words(plain).iter().map(|w| w.text).collect();
    let has = |name: &str| hits.iter().any(|h| h.value == name);
    let word = |any: &[&str]| list.iter().any(|w| any.contains(w));
    let own = list
        .iter()
        .enumerate()
        .any(|(i, w)| matches!(*w, "my" | "our" | "mine" | "ma") && list[i + 1..list.len().min(i + 5)].iter().any(|n| WORKS.contains(n)));
    let signs: Vec<char> = plain.chars().filter(|c| !c.is_whitespace()).collect();
    #[expect(clippy::cast_precision_loss, reason = "lengths of comments")]
    let count = |n: usize| n as f64;
    let exclaims = count(signs.iter().filter(|c| **c == '!').count().min(5)) / 5.0;
    let longest = signs.chunk_by(|a, b| a == b).map(<[char]>::len).max().unwrap_or(0);
    let is_repeated = longest >= 6 && !signs.iter().all(|c| is_emoji(*c));
    let moment =
        list.windows(2).any(|w| w.iter().all(|n| n.len() <= 2 && n.bytes().all(|b| b.is_ascii_digit())) && plain.contains(&w.join(":")));
    let flags = |marker: &str| match marker {
        "link" => Some(!found.links.is_empty()),
        "own_work" => Some(own),
        "money" => Some(has(marker) || plain.split('$').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()))),
        "handle" => Some(!found.handles.is_empty()),
        "time" => Some(moment),
        // A word of Japanese is about three signs.
        "short" => Some(words(plain).iter().map(|w| if w.is_run { w.text.chars().count().div_ceil(3) } else { 1 }).sum::<usize>() <= 3),
        "first_person" => Some(word(&["i", "we", "im", "i'm"])),
        "you" => Some(word(&["you", "u", "your", "ur"])),
        "question" => Some(plain.contains('?')),
        "repeat" => Some(is_repeated),
        "length" | "exclaim" => None,
        _ => Some(has(marker)),
    };
    MARKERS.map(|marker| match (marker, flags(marker)) {
        (_, Some(flag)) => f64::from(u8::from(flag)),
        ("length", _) => count(plain.chars().count().min(500)) / 100.0,
        _ => exclaims,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> Vec<&'static str> {
        let flags = markers(&plain(text));
        MARKERS.iter().zip(flags).filter(|(m, v)| *v >= 1.0 && **m != "length").map(|(m, _)| *m).collect()
    }

    #[test]
    fn every_list_is_a_marker() {
        let lists: BTreeMap<String, Vec<String>> = serde_json::from_str(include_str!("../../data/markers.json")).unwrap();
        assert!(lists.keys().all(|k| MARKERS.contains(&k.as_str())), "{:?}", lists.keys());
    }

    #[test]
    fn lures_have_markers() {
        assert_eq!(set("Hey guys, check out my new channel"), ["check_out", "own_work", "channel", "greeting"]);
        assert_eq!(set("副業で月収50万！ＬＩＮＥ追加してね"), ["money", "contact"]);
        assert_eq!(set("フォロバお願いします"), ["please", "follow"]);
        assert!(set("chеck оut mу vidео").contains(&"check_out"), "Cyrillic letters in it");
        assert!(set("subscribe to me!!!!!").contains(&"exclaim"));
    }

    #[test]
    fn markup_is_read() {
        assert_eq!(
            plain("<a href=\"http://www.youtube.com/watch?v=x&amp;t=2m\">2:19</a> best&#39;s<br />part &lt;3"),
            " 2:19  best's part <3"
        );
        assert!(set("<a href=\"https://x.example/y\">x.exam...</a> nice one here").contains(&"link"));
        assert!(set("2:19 is the part to see").contains(&"time"));
        assert!(!set("2:19 is the part to see").contains(&"link"));
    }

    #[test]
    fn a_link_to_the_post_itself_is_no_lure() {
        let text = "Best song: http://youtu.be/AbC12 and https://evil.example/x";
        assert_eq!(plain_under(text, Some("AbC12")), "best song:   and https://evil.example/x");
        assert_eq!(plain_under(text, Some("a")), plain(text), "too short to tell");
    }

    proptest! {
        #[test]
        fn any_text_has_markers(text in any::<String>()) {
            prop_assert!(markers(&plain(&text)).iter().all(|v| (0.0..=5.0).contains(v)));
        }
    }
}
