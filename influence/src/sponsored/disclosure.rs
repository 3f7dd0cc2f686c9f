//! Disclosed advertising: the network's flag, or a word that says so. A rule, no guess; each answer names the word.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::text::{Dictionary, marks, narrow};

/// What discloses a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// The network's own label for paid partnerships.
    Flag,
    /// A hashtag, folded, without its sign.
    Tag(String),
    /// A phrase, folded.
    Phrase(String),
}

struct Lists {
    tags: Vec<String>,
    phrases: Dictionary<()>,
}

#[expect(clippy::expect_used, reason = "embedded and read in a test")]
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let read: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../data/disclosure.json")).expect("data/disclosure.json is lists");
    let of = |kind: &str| read.iter().filter(|(key, _)| key.starts_with(kind)).flat_map(|(_, list)| list.clone()).collect::<Vec<_>>();
    Lists {
        tags: of("tags").iter().map(|t| narrow(t)).collect(),
        phrases: Dictionary::new(narrow, of("phrases").into_iter().map(|p| (p, ()))),
    }
});

/// The first of: flag, hashtag, phrase. Hashtags count whole: `#addicted` holds no `#ad`; `#brandPartner` counts, as an ending of a tag in several words, but `#partner`
/// alone does not, nor do `#thanks` and `#collab`.
#[must_use]
pub fn disclosure(text: &str, flag: Option<bool>) -> Option<Disclosure> {
    if flag == Some(true) {
        return Some(Disclosure::Flag);
    }
    let found = marks(text);
    if let Some(tag) = found.tags.iter().find(|t| discloses(t)) {
        return Some(Disclosure::Tag(narrow(tag)));
    }
    let prepared = LISTS.phrases.prepared(&found.rest);
    LISTS.phrases.find(&prepared).first().map(|hit| Disclosure::Phrase(hit.phrase.to_owned()))
}

fn discloses(tag: &str) -> bool {
    let folded = narrow(tag);
    let is_partner = || {
        let words = crate::text::split_tag(tag);
        let last = words.last().map(|w| w.to_lowercase());
        words.len() >= 2 && matches!(last.as_deref(), Some("partner" | "ambassador" | "ad")) && folded.len() > 9
    };
    LISTS.tags.contains(&folded) || is_partner()
}

/// The text without what discloses it, so that a model of suspicion cannot learn the answer from the word.
#[must_use]
pub fn without_disclosure(text: &str) -> String {
    let found = marks(text);
    let mut masked = text.to_owned();
    for tag in found.tags.iter().filter(|t| discloses(t)) {
        for sign in ['#', '＃'] {
            masked = masked.replace(&format!("{sign}{tag}"), " ");
        }
    }
    let prepared = LISTS.phrases.prepared(&masked);
    let mut out = String::with_capacity(prepared.len());
    let mut from = 0;
    for hit in LISTS.phrases.find(&prepared) {
        out.push_str(&prepared[from..hit.start.max(from)]);
        out.push(' ');
        from = hit.end.max(from);
    }
    out.push_str(&prepared[from..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_disclose() {
        for text in [
            "New serum #ad",
            "Glow #Sponsored by them",
            "#広告 新作リップ",
            "朝のルーティン＃ＰＲ",
            "#提供 ありがとうございます",
            "タイアップです #タイアップ",
            "#プロモーション",
            "Paid partnership with Acme",
            "本投稿は広告です",
            "商品提供を受けています",
            "Kitchen day #AcmeFoodsPartner",
            "PR案件です",
        ] {
            assert!(disclosure(text, None).is_some(), "{text}");
        }
        assert_eq!(disclosure("x", Some(true)), Some(Disclosure::Flag));
        assert_eq!(disclosure("x #PR", Some(false)), Some(Disclosure::Tag("pr".into())), "the network's flag may be forgotten");
    }

    #[test]
    fn words_that_do_not() {
        for text in [
            "#addicted to this",
            "#adventure #address",
            "#thanks @acme",
            "#collab with friends",
            "#partner in crime",
            "New PR in the 10k!",
            "#プロポーズ",
            "広告代理店で働いています",
            "I made an ad blocker",
            "提供時間は18時から",
            "#ads are annoying everywhere",
        ] {
            assert_eq!(disclosure(text, None), None, "{text}");
        }
    }

    #[test]
    fn the_word_is_taken_out() {
        let masked = without_disclosure("Try code SAVE10 #ad, paid partnership with Acme");
        assert!(masked.contains("save10") && !masked.contains("#ad") && !masked.contains("paid partnership"), "{masked}");
    }

    proptest! {
        #[test]
        fn what_was_masked_discloses_nothing(words in prop::collection::vec(prop::sample::select(vec!["#ad", "#PR", "#広告", "paid partnership", "本投稿は広告です", "coat", "良い", "#ootd"]), 0..8)) {
            prop_assert_eq!(disclosure(&without_disclosure(&words.join(" ")), None), None);
        }

        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let _ = (disclosure(&text, None), without_disclosure(&text));
        }
    }
}
