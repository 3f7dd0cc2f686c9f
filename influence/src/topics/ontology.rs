//! Topics in their order: each has an id that never changes, names in several languages and parents. No cycles.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::text::{fold, narrow};

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Stable: never used again for something else.
    pub id: String,
    /// Ids of the topics that hold it; none for a category.
    pub parents: Vec<String>,
    /// Names by language code.
    pub names: BTreeMap<String, String>,
    /// Other names by language code.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Hashtags, without their sign, in any language.
    pub tags: Vec<String>,
    /// The nearest category of the IAB Content Taxonomy 3.1, where there is an evident one.
    pub iab: Option<String>,
    /// The Wikidata item, where known.
    pub wikidata: Option<String>,
}

/// Why a set of topics is no ontology.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Two topics with one id.
    #[error("the id {0} is used twice")]
    Twice(String),
    /// A parent that is not there.
    #[error("{child} lies below {parent}, which is not there")]
    NoParent {
        /// The topic.
        child: String,
        /// Its parent's id.
        parent: String,
    },
    /// A topic below itself.
    #[error("{0} lies below itself")]
    Cycle(String),
    /// A file that does not have the form.
    #[error("{0}")]
    Form(String),
}

/// Parents get half of a topic's weight, over this many levels.
pub const LEVELS: usize = 3;

/// A checked set of topics. Topics have numbers, valid within this set only.
#[derive(Clone, Debug)]
pub struct Ontology {
    topics: Vec<Topic>,
    by_id: HashMap<String, usize>,
    /// By folded names in any language; of several the first.
    by_name: HashMap<String, usize>,
    parents: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    parent: String,
    en: String,
    ja: String,
    en_aliases: String,
    ja_aliases: String,
    tags: String,
    iab: String,
}

impl Ontology {
    /// Checks and takes the topics.
    pub fn new(topics: Vec<Topic>) -> Result<Self, Fault> {
        let mut by_id = HashMap::with_capacity(topics.len());
        for (i, topic) in topics.iter().enumerate() {
            if by_id.insert(topic.id.clone(), i).is_some() {
                return Err(Fault::Twice(topic.id.clone()));
            }
        }
        let mut parents = Vec::with_capacity(topics.len());
        for topic in &topics {
            let found = topic.parents.iter().map(|parent| {
                by_id.get(parent).copied().ok_or_else(|| Fault::NoParent { child: topic.id.clone(), parent: parent.clone() })
            });
            parents.push(found.collect::<Result<Vec<_>, _>>()?);
        }
        let mut by_name = HashMap::new();
        for (i, topic) in topics.iter().enumerate() {
            for name in topic.names.values().chain(topic.aliases.values().flatten()) {
                by_name.entry(fold(name)).or_insert(i);
            }
        }
        let ontology = Self { topics, by_id, by_name, parents };
        match ontology.cyclic() {
            Some(at) => Err(Fault::Cycle(ontology.topics[at].id.clone())),
            None => Ok(ontology),
        }
    }

    /// The ontology that ships: ours, in English and Japanese.
    ///
    /// # Panics
    /// Never in a build whose tests passed: the file is read there.
    #[must_use]
    #[expect(clippy::expect_used, reason = "embedded and read in a test")]
    pub fn shipped() -> Self {
        Self::from_csv(include_str!("../../data/topics.csv")).expect("data/topics.csv is an ontology")
    }

    /// Reads the form of `data/topics.csv`: id, parent, en, ja, en_aliases, ja_aliases, tags, iab; several in one cell stand between `|`.
    pub fn from_csv(text: &str) -> Result<Self, Fault> {
        let some = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
        let list = |cell: &str| cell.split('|').filter(|v| !v.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let read = |line: Result<Line, csv::Error>| {
            let line = line.map_err(|e| Fault::Form(e.to_string()))?;
            Ok(Topic {
                parents: some(&line.parent).into_iter().collect(),
                names: [("en", &line.en), ("ja", &line.ja)].iter().filter_map(|(l, n)| Some(((*l).to_owned(), some(n)?))).collect(),
                aliases: BTreeMap::from([("en".to_owned(), list(&line.en_aliases)), ("ja".to_owned(), list(&line.ja_aliases))]),
                tags: list(&line.tags),
                iab: some(&line.iab),
                wikidata: None,
                id: line.id,
            })
        };
        Self::new(csv::Reader::from_reader(text.as_bytes()).deserialize().map(read).collect::<Result<Vec<_>, _>>()?)
    }

    /// All topics; their places are their numbers.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The number of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The number of the topic that is called so: by its id, or by a name or another name in any language, however it is written. Of several the first.
    #[must_use]
    pub fn called(&self, text: &str) -> Option<usize> {
        let wanted = fold(text.trim());
        self.find(&wanted).or_else(|| self.by_name.get(&wanted).copied())
    }

    /// A topic's name in a language, else in English, else its id.
    #[must_use]
    pub fn name(&self, topic: usize, lang: &str) -> &str {
        let Some(topic) = self.topics.get(topic) else { return "" };
        topic.names.get(lang).or_else(|| topic.names.get("en")).map_or(&topic.id, |name| name)
    }

    /// The topics directly above.
    #[must_use]
    pub fn parents(&self, topic: usize) -> &[usize] {
        self.parents.get(topic).map_or(&[], Vec::as_slice)
    }

    /// All topics above, each once with its shortest distance, nearest first.
    #[must_use]
    pub fn ancestors(&self, topic: usize) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = vec![(topic, 0)];
        let mut at = 0;
        while at < found.len() {
            let (here, distance) = found[at];
            for parent in self.parents(here) {
                if !found.iter().any(|(t, _)| t == parent) {
                    found.push((*parent, distance + 1));
                }
            }
            at += 1;
        }
        found.remove(0);
        found
    }

    /// The categories (topics without parents) above a topic, or itself.
    #[must_use]
    pub fn categories(&self, topic: usize) -> Vec<usize> {
        let above = self.ancestors(topic).into_iter().map(|(t, _)| t);
        std::iter::once(topic).chain(above).filter(|t| self.parents(*t).is_empty()).collect()
    }

    /// Adds half of each weight to the parents, a quarter to theirs, an eighth to theirs.
    #[must_use]
    pub fn lift(&self, weights: &BTreeMap<usize, f64>) -> BTreeMap<usize, f64> {
        let mut lifted = weights.clone();
        for (topic, weight) in weights {
            for (above, distance) in self.ancestors(*topic).into_iter().filter(|(_, d)| *d <= LEVELS) {
                *lifted.entry(above).or_insert(0.0) += weight * 0.5_f64.powi(i32::try_from(distance).unwrap_or(i32::MAX));
            }
        }
        lifted
    }

    /// A topic that lies below itself, if any: those that are left when topics without open parents are taken away again and again.
    fn cyclic(&self) -> Option<usize> {
        let mut open: Vec<usize> = self.parents.iter().map(Vec::len).collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.topics.len()];
        for (child, parents) in self.parents.iter().enumerate() {
            parents.iter().for_each(|p| children[*p].push(child));
        }
        let mut free: Vec<usize> = (0..open.len()).filter(|t| open[*t] == 0).collect();
        while let Some(topic) = free.pop() {
            for child in &children[topic] {
                open[*child] -= 1;
                if open[*child] == 0 {
                    free.push(*child);
                }
            }
        }
        open.iter().position(|n| *n > 0)
    }

    /// Names and aliases that two topics share in one language, folded: `(language, name)`. A tagger could not tell them apart.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<(String, String)> {
        let mut owners: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (i, topic) in self.topics.iter().enumerate() {
            let aliases = topic.aliases.iter().flat_map(|(lang, list)| list.iter().map(move |name| (lang, name)));
            for (lang, name) in topic.names.iter().chain(aliases) {
                owners.entry((lang.clone(), narrow(name))).or_default().push(i);
            }
        }
        owners.into_iter().filter(|(_, topics)| topics.len() > 1).map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn topic(id: &str, parents: &[&str]) -> Topic {
        Topic { id: id.into(), parents: parents.iter().map(|p| (*p).into()).collect(), ..Topic::default() }
    }

    #[test]
    fn the_shipped_file_keeps_its_rules() {
        let ours = Ontology::shipped();
        assert!(ours.topics().len() >= 400, "{}", ours.topics().len());
        assert_eq!(ours.ambiguous(), []);
        let mut tags = BTreeSet::new();
        for topic in ours.topics() {
            assert!(topic.names.contains_key("en") && topic.names.contains_key("ja"), "{} has no name in one language", topic.id);
            assert!(topic.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", topic.id);
            for tag in &topic.tags {
                assert!(tags.insert(narrow(tag)), "{}: the tag {tag} stands twice", topic.id);
                assert!(!tag.contains([' ', '#']), "{}: {tag}", topic.id);
            }
            let names = topic.aliases.values().flatten().chain(topic.names.values());
            assert!(names.clone().all(|n| n.trim() == n && !n.is_empty()), "{}", topic.id);
        }
        let depth = (0..ours.topics().len()).map(|t| ours.ancestors(t).len()).max();
        assert_eq!(depth, Some(2), "three levels");
    }

    #[test]
    fn faults_are_found() {
        assert_eq!(Ontology::new(vec![topic("a", &[]), topic("a", &[])]).unwrap_err(), Fault::Twice("a".into()));
        assert_eq!(Ontology::new(vec![topic("a", &["b"])]).unwrap_err(), Fault::NoParent { child: "a".into(), parent: "b".into() });
        let ring = vec![topic("top", &[]), topic("a", &["b", "top"]), topic("b", &["c"]), topic("c", &["a"])];
        assert!(matches!(Ontology::new(ring).unwrap_err(), Fault::Cycle(_)));
    }

    #[test]
    fn parents_share_the_weight() {
        let chain = ["a", "b", "c", "d", "e"];
        let topics = chain.iter().enumerate().map(|(i, id)| topic(id, if i == 0 { &[] } else { &chain[i - 1..i] }));
        let ontology = Ontology::new(topics.collect()).unwrap();
        let lifted = ontology.lift(&BTreeMap::from([(4, 1.0)]));
        assert_eq!(lifted, BTreeMap::from([(4, 1.0), (3, 0.5), (2, 0.25), (1, 0.125)]), "three levels at most");
        // A diamond: the top is reached twice and counts once.
        let ontology = Ontology::new(vec![topic("top", &[]), topic("l", &["top"]), topic("r", &["top"]), topic("x", &["l", "r"])]).unwrap();
        assert_eq!(ontology.lift(&BTreeMap::from([(3, 1.0)]))[&0], 0.25);
        assert_eq!(ontology.categories(3), [0]);
    }
}
