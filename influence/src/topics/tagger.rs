//! Finds topics in a text: hashtags first, then the longest names that stand in the rest, with the proof.

use std::collections::{BTreeMap, HashMap};

use super::ontology::Ontology;
use crate::text::{Dictionary, Kind, kind, marks, narrow, split_tag};

/// A topic of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// The topic's number.
    pub topic: usize,
    /// 1 + ln of how often it is named, a hashtag counting 1.5 times.
    pub weight: f64,
    /// What named it, as found (folded), without repeats.
    pub evidence: Vec<String>,
}

/// Reads texts against one ontology.
#[derive(Debug)]
pub struct Tagger {
    names: Dictionary<Option<usize>>,
    tags: HashMap<String, usize>,
}

/// A hashtag is chosen, a word just happens.
const TAG_WEIGHT: f64 = 1.5;

impl Tagger {
    /// A tagger for the ontology, in all of its languages, with words that hide the name of a topic and are to be passed over.
    #[must_use]
    pub fn new(ontology: &Ontology, guards: &[&str]) -> Self {
        let mut owner: BTreeMap<String, usize> = BTreeMap::new();
        let mut tags = HashMap::new();
        for (i, topic) in ontology.topics().iter().enumerate() {
            for name in topic.names.values().chain(topic.aliases.values().flatten()) {
                // `·` and `・` join two names in one.
                let parts = name.split(['・', '·']).map(str::trim).filter(|p| !p.is_empty());
                for part in parts.clone().chain((parts.clone().count() > 1).then_some(name.as_str())) {
                    let name = narrow(part);
                    tags.entry(name.chars().filter(|c| !c.is_whitespace()).collect()).or_insert(i);
                    owner.entry(name).or_insert(i);
                }
            }
        }
        // Hashtags of the list win over names run together.
        for (i, topic) in ontology.topics().iter().enumerate() {
            tags.extend(topic.tags.iter().map(|tag| (narrow(tag), i)));
        }
        // English plurals, unless they are names of their own.
        let plurals: Vec<(String, usize)> = owner
            .iter()
            .filter(|(name, _)| name.chars().next_back().is_some_and(|c| c.is_ascii_lowercase() && c != 's'))
            .map(|(name, i)| (format!("{name}s"), *i))
            .collect();
        plurals.into_iter().for_each(|(name, i)| {
            owner.entry(name).or_insert(i);
        });
        let names = owner.into_iter().filter(|(name, _)| is_long_enough(name)).map(|(name, i)| (name, Some(i)));
        let guards = guards.iter().map(|word| ((*word).to_owned(), None));
        Self { names: Dictionary::new(narrow, guards.chain(names)), tags }
    }

    /// A tagger for the ontology that ships.
    #[must_use]
    pub fn shipped(ontology: &Ontology) -> Self {
        let guards: Vec<&str> =
            include_str!("../../data/topic-guards.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
        Self::new(ontology, &guards)
    }

    /// The topics of a text, the heaviest first, then by number.
    #[must_use]
    pub fn tag(&self, text: &str) -> Vec<Tagged> {
        let found = marks(text);
        let mut counts: BTreeMap<usize, (f64, Vec<String>)> = BTreeMap::new();
        let mut add = |topic: usize, count: f64, proof: String| {
            let entry = counts.entry(topic).or_default();
            entry.0 += count;
            if !entry.1.contains(&proof) {
                entry.1.push(proof);
            }
        };
        for tag in &found.tags {
            let folded = narrow(tag);
            match self.tags.get(&folded) {
                Some(topic) => add(*topic, TAG_WEIGHT, format!("#{folded}")),
                None => self.read(&split_tag(tag).join(" "), |topic, _| add(topic, TAG_WEIGHT, format!("#{folded}"))),
            }
        }
        self.read(&found.rest, |topic, name| add(topic, 1.0, name.to_owned()));
        let mut tagged: Vec<Tagged> = counts
            .into_iter()
            .map(|(topic, (count, evidence))| Tagged { topic, weight: if count >= 1.0 { 1.0 + count.ln() } else { count }, evidence })
            .collect();
        tagged.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.topic.cmp(&b.topic)));
        tagged
    }

    fn read(&self, text: &str, mut found: impl FnMut(usize, &str)) {
        let prepared = self.names.prepared(text);
        for hit in self.names.find(&prepared) {
            if let Some(topic) = hit.value {
                found(*topic, hit.phrase);
            }
        }
    }
}

/// Long enough not to stand in other words by accident: three letters in scripts with spaces, three hiragana, two signs where one is Han or
/// katakana. Shorter names count as whole hashtags only.
fn is_long_enough(name: &str) -> bool {
    let n = name.chars().count();
    let is_spaced = name.chars().any(|c| kind(c).is_spaced());
    let is_hiragana = name.chars().all(|c| kind(c) == Kind::Kana && ('\u{3041}'..='\u{309f}').contains(&c));
    if is_spaced || is_hiragana { n >= 3 } else { n >= 2 }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static OURS: LazyLock<(Ontology, Tagger)> = LazyLock::new(|| {
        let ontology = Ontology::shipped();
        let tagger = Tagger::shipped(&ontology);
        (ontology, tagger)
    });

    fn ids(text: &str) -> Vec<String> {
        OURS.1.tag(text).into_iter().map(|t| OURS.0.topics()[t.topic].id.clone()).collect()
    }

    #[test]
    fn english() {
        assert_eq!(ids("Morning run, then latte art class. #Coffee #TrailRunning"), ["coffee", "running"]);
        assert_eq!(ids("New Sneakers day #OOTD"), ["fashion", "sneakers"]);
        assert_eq!(ids("Three puppies and a carpet"), ["dogs"], "no car, no pet, in carpet");
        assert!(ids("parties started").is_empty(), "no art in it");
        assert_eq!(ids("my recipe for cold brews"), ["cooking", "coffee"], "a plural that no list has");
    }

    #[test]
    fn japanese_without_spaces() {
        assert_eq!(ids("週末は京都の純喫茶でコーヒーを飲みました"), ["cafes", "coffee", "kyoto"]);
        assert_eq!(ids("新作のｱｲｼｬﾄﾞｳﾊﾟﾚｯﾄを買いました"), ["eye-makeup"], "half width");
        assert_eq!(ids("#今日のコーデ #猫"), ["fashion", "cats"], "one Han as a whole tag");
        assert!(ids("ブロックを積む").is_empty(), "no ロック in ブロック");
        assert_eq!(ids("東京都民の休日"), ["tokyo"], "no 京都 in 東京都");
        assert!(ids("他人事ではない").is_empty(), "a guarded word");
        assert!(ids("猫背が気になる").is_empty(), "one Han in a word is no cat");
    }

    #[test]
    fn the_proof_is_given() {
        let found = OURS.1.tag("ramen RAMEN #ラーメン巡り");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].evidence, ["#ラーメン巡り", "ramen"]);
        assert!((found[0].weight - (1.0 + 3.5_f64.ln())).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn width_and_case_do_not_matter(text in "[a-zA-Zァ-ヺ亜-腕 ]{0,30}") {
            prop_assert_eq!(OURS.1.tag(&text), OURS.1.tag(&text.to_uppercase()));
        }
    }
}
