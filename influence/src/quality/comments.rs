//! Comments under a post, each put into one class, and what they are worth together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::markers::{plain, unmarked};
use super::spam::Model;
use crate::text::{Dictionary, Kind, fold, is_emoji, kind, marks, narrow, words};

/// What a comment is, in the order in which the classes are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Lures, advertising, scams.
    Spam,
    /// The same text from three actors or more.
    Duplicate,
    /// From an actor of a suspected pod.
    Pod,
    /// Emoji and signs only: little said, no fraud.
    EmojiOnly,
    /// A phrase that fits under any post.
    Generic,
    /// Shares no word and no topic with the post.
    OffTopic,
    /// All others.
    Genuine,
}

impl Class {
    /// What it counts, 0–1.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Spam => 0.0,
            Self::Duplicate => 0.1,
            Self::Pod => 0.2,
            Self::EmojiOnly => 0.3,
            Self::Generic => 0.4,
            Self::OffTopic => 0.5,
            Self::Genuine => 1.0,
        }
    }
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// As it was written.
    pub text: String,
    /// Who wrote it; `None` where the network does not say.
    pub actor: Option<u64>,
    /// The comment that it answers: its place in the list.
    pub answers: Option<usize>,
    /// Topics of the text ([`crate::topics`]), by any stable number.
    pub topics: BTreeSet<u32>,
}

/// A post's comments and what is known about it.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// The post's text.
    pub caption: String,
    /// A part of its address, so that links to it can be told; its native id will do.
    pub own: Option<String>,
    /// The post's topics.
    pub topics: BTreeSet<u32>,
    /// Actors of suspected pods.
    pub pod: BTreeSet<u64>,
    /// The comments.
    pub comments: Vec<Comment>,
}

/// A comment's class and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The class.
    pub class: Class,
    /// P(spam), 0–1.
    pub spam: f64,
}

#[expect(clippy::expect_used, reason = "embedded and read in a test")]
static GENERIC: LazyLock<Dictionary<()>> = LazyLock::new(|| {
    let lists: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../data/generic.json")).expect("data/generic.json is lists");
    Dictionary::new(fold, lists.into_values().flatten().map(|phrase| (phrase, ())))
});

/// The same text from this many actors is a duplicate.
const MANY: usize = 3;

/// Puts each comment into the first class that fits.
#[must_use]
pub fn classify(model: &Model, thread: &Thread) -> Vec<Judged> {
    let folded: Vec<String> = thread.comments.iter().map(|c| letters(&plain(&c.text))).collect();
    let mut writers: BTreeMap<&str, BTreeSet<(Option<u64>, usize)>> = BTreeMap::new();
    for (i, (text, comment)) in folded.iter().zip(&thread.comments).enumerate() {
        // Comments without an actor count as one each.
        let writer = (comment.actor, if comment.actor.is_some() { 0 } else { i });
        writers.entry(text).or_default().insert(writer);
    }
    let caption = content(&thread.caption);
    // A post without words and topics gives nothing to be off.
    let has_subject = !caption.is_empty() || !thread.topics.is_empty();
    let each = thread.comments.iter().zip(&folded).map(|(comment, text)| {
        let spam = model.probability_under(&comment.text, thread.own.as_deref());
        let is_bare = text.is_empty();
        let is_related = || {
            let parent = comment.answers.and_then(|i| thread.comments.get(i));
            let own = content(&comment.text);
            let about: BTreeSet<String> = caption.iter().cloned().chain(parent.iter().flat_map(|p| content(&p.text))).collect();
            let topics = |t: &BTreeSet<u32>| t.intersection(&comment.topics).next().is_some();
            !own.is_disjoint(&about) || topics(&thread.topics) || parent.is_some_and(|p| topics(&p.topics))
        };
        let class = match () {
            () if spam > 0.5 => Class::Spam,
            () if !is_bare && writers.get(text.as_str()).is_some_and(|w| w.len() >= MANY) && !is_generic(&comment.text) => Class::Duplicate,
            () if comment.actor.is_some_and(|a| thread.pod.contains(&a)) => Class::Pod,
            () if is_bare => Class::EmojiOnly,
            () if is_generic(&comment.text) => Class::Generic,
            () if has_subject && !is_related() => Class::OffTopic,
            () => Class::Genuine,
        };
        Judged { class, spam }
    });
    each.collect()
}

/// CA: the mean weight, 0–1; `None` without comments.
#[must_use]
pub fn comment_score(judged: &[Judged]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of comments")]
    let n = judged.len() as f64;
    (!judged.is_empty()).then(|| judged.iter().map(|j| j.class.weight()).sum::<f64>() / n)
}

/// Nothing but phrases of the list, with emoji, handles and filling words around them.
fn is_generic(text: &str) -> bool {
    let rest = marks(&plain(text)).rest;
    let prepared = GENERIC.prepared(&rest);
    let hits = GENERIC.find(&prepared);
    let covered = |at: usize| hits.iter().any(|h| (h.start..h.end).contains(&at));
    let open = prepared.char_indices().filter(|(at, c)| (kind(*c).is_spaced() || kind(*c).is_unspaced()) && !covered(*at)).count();
    !hits.is_empty() && open <= 4
}

/// Letters and digits only, so that signs and emoji do not tell equal texts apart.
fn letters(plain: &str) -> String {
    plain.chars().filter(|c| (kind(*c).is_spaced() || kind(*c).is_unspaced()) && !is_emoji(*c)).collect()
}

/// Words that say something: of three letters or more and not among the commonest; of Japanese runs, all pairs of characters that hold a Han or katakana
/// sign, since hiragana pairs are mostly grammar.
fn content(text: &str) -> BTreeSet<String> {
    const COMMON: &[&str] = &[
        "the", "and", "you", "your", "this", "that", "for", "with", "are", "was", "have", "has", "but", "not", "all", "can", "from",
        "what", "who", "how", "just", "its", "out", "get", "one", "our", "they", "will", "she", "her", "his", "him", "when", "been",
        "were", "there", "here", "about", "more",
    ];
    let folded = narrow(&unmarked(text));
    let mut found = BTreeSet::new();
    for word in words(&folded) {
        let signs: Vec<char> = word.text.chars().collect();
        if !word.is_run {
            if signs.len() >= 3 && !COMMON.contains(&word.text) {
                found.insert(word.text.trim_end_matches("'s").trim_end_matches('s').to_owned());
            }
            continue;
        }
        for pair in signs.windows(2) {
            if pair.iter().all(|c| kind(*c) == Kind::Han) || pair.iter().all(|c| !('\u{3041}'..='\u{309f}').contains(c)) {
                found.insert(pair.iter().collect());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn thread(caption: &str, texts: &[&str]) -> Thread {
        let comments =
            (0u64..).zip(texts).map(|(i, t)| Comment { text: (*t).into(), actor: Some(i), answers: None, topics: BTreeSet::new() });
        Thread { caption: caption.into(), comments: comments.collect(), ..Thread::default() }
    }

    fn classes(thread: &Thread) -> Vec<Class> {
        classify(&Model::shipped(), thread).iter().map(|j| j.class).collect()
    }

    #[test]
    fn classes_in_english() {
        let found = classes(&thread(
            "Autumn coat from the thrift store, styled with boots",
            &[
                "Check out my channel please",
                "🔥🔥🔥",
                "So beautiful! 😍",
                "Where are those boots from?",
                "Manchester lost again yesterday evening",
            ],
        ));
        assert_eq!(found, [Class::Spam, Class::EmojiOnly, Class::Generic, Class::Genuine, Class::OffTopic]);
    }

    #[test]
    fn classes_in_japanese() {
        let found = classes(&thread(
            "新宿の古着屋で見つけた秋のコート",
            &["副業で稼げます、LINE登録して", "❤️❤️", "可愛い～！", "そのコートどこで買えますか？", "明日の試合が楽しみすぎて眠れない"],
        ));
        assert_eq!(found, [Class::Spam, Class::EmojiOnly, Class::Generic, Class::Genuine, Class::OffTopic]);
    }

    #[test]
    fn copies_and_pods() {
        let mut found = thread(
            "",
            &[
                "what a lovely evening it was there",
                "What a LOVELY evening, it was there!",
                "what a lovely evening it was there…",
                "a word of my own",
            ],
        );
        assert_eq!(classes(&found), [Class::Duplicate, Class::Duplicate, Class::Duplicate, Class::Genuine]);
        found.comments[2].actor = Some(0);
        found.pod.insert(3);
        assert_eq!(classes(&found), [Class::Genuine, Class::Genuine, Class::Genuine, Class::Pod], "two actors are no crowd");
    }

    #[test]
    fn an_answer_may_follow_its_parent() {
        let mut found = thread("Autumn coat", &["Where did you find that coat?", "Probably Koenji somewhere, find it there"]);
        assert_eq!(classes(&found)[1], Class::OffTopic);
        found.comments[1].answers = Some(0);
        assert_eq!(classes(&found)[1], Class::Genuine, "`find` is shared with the parent");
    }

    #[test]
    fn what_they_are_worth() {
        assert_eq!(comment_score(&[]), None);
        let judged = |class| Judged { class, spam: 0.0 };
        assert_eq!(comment_score(&[judged(Class::Spam), judged(Class::Genuine)]), Some(0.5));
    }

    proptest! {
        #[test]
        fn any_thread_is_judged(texts in prop::collection::vec(any::<String>(), 0..6), caption in any::<String>()) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            prop_assert_eq!(classes(&thread(&caption, &texts)).len(), texts.len());
        }
    }
}
