//! What speaks for an entity (a person, a work, a place) belonging to a topic: names that agree, and places in the ontology.

use std::collections::{BTreeSet, HashMap};

use super::ontology::Ontology;
use crate::learn::Row;
use crate::text::{GRAM_BITS, hash, skeleton, words};

/// An entity and a topic that may fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The entity's Wikidata item (`Q42`), if known.
    pub item: Option<String>,
    /// The entity's name, if known.
    pub name: Option<String>,
    /// The topic's id in the ontology.
    pub topic: String,
    /// The topic's name where the ontology does not have it.
    pub topic_name: Option<String>,
}

/// The signs by name, in their order; parameter files name them.
pub const SIGNS: [&str; 16] = [
    "same_item",
    "is_topic",
    "topic_above",
    "topic_below",
    "shared_above",
    "shared_words",
    "topic_words_found",
    "name_words_found",
    "above_words",
    "depth",
    "ln_below",
    "parents",
    "ln_item_number",
    "words",
    "brackets",
    "name_length",
];

/// An ontology, ready for many pairs.
pub struct Context<'a> {
    pub ontology: &'a Ontology,
    by_item: HashMap<&'a str, usize>,
    by_name: HashMap<String, usize>,
    /// How many topics lie below, the topic itself counted.
    below: Vec<u32>,
}

impl<'a> Context<'a> {
    pub fn new(ontology: &'a Ontology) -> Self {
        let mut below = vec![1_u32; ontology.topics().len()];
        let mut by_item = HashMap::new();
        let mut by_name = HashMap::new();
        for (i, topic) in ontology.topics().iter().enumerate() {
            ontology.ancestors(i).into_iter().for_each(|(above, _)| below[above] += 1);
            topic.wikidata.iter().for_each(|item| {
                by_item.entry(item.as_str()).or_insert(i);
            });
            by_name.entry(skeleton(ontology.name(i, "en"))).or_insert(i);
        }
        Self { ontology, by_item, by_name, below }
    }

    /// The topic's number and all above it; empty where the ontology does not have it.
    pub fn line(&self, pair: &Pair) -> Vec<usize> {
        let Some(topic) = self.ontology.find(&pair.topic) else { return Vec::new() };
        std::iter::once(topic).chain(self.ontology.ancestors(topic).into_iter().map(|(t, _)| t)).collect()
    }

    fn topic_name<'b>(&'b self, pair: &'b Pair) -> &'b str {
        match self.ontology.find(&pair.topic) {
            Some(topic) => self.ontology.name(topic, "en"),
            None => pair.topic_name.as_deref().unwrap_or_default(),
        }
    }

    /// The values of [`SIGNS`].
    pub fn signs(&self, pair: &Pair) -> [f64; 16] {
        let line = self.line(pair);
        let topic = line.first().copied();
        let name = pair.name.as_deref().unwrap_or_default();
        let own =
            pair.item.as_deref().and_then(|item| self.by_item.get(item).copied()).or_else(|| self.by_name.get(&skeleton(name)).copied());
        let own_line: BTreeSet<usize> =
            own.map(|o| std::iter::once(o).chain(self.ontology.ancestors(o).into_iter().map(|(t, _)| t)).collect()).unwrap_or_default();
        let lines: BTreeSet<usize> = line.iter().copied().collect();
        let flag = |yes: bool| f64::from(u8::from(yes));
        #[expect(clippy::cast_precision_loss, reason = "counts of words and topics")]
        let count = |n: usize| n as f64;
        let same = own.is_some() && own == topic;
        let (of_name, of_topic) = (content(name), content(self.topic_name(pair)));
        let shared = count(of_name.intersection(&of_topic).count());
        let either = count(of_name.union(&of_topic).count()).max(1.0);
        let above_words =
            line.iter().skip(1).map(|t| content(self.ontology.name(*t, "en")).intersection(&of_name).count()).max().unwrap_or(0);
        let depth = topic.map(|t| self.ontology.ancestors(t).into_iter().map(|(_, d)| d).max().unwrap_or(0)).unwrap_or(0);
        [
            flag(same),
            flag(own.is_some()),
            flag(!same && topic.is_some_and(|t| own_line.contains(&t))),
            flag(!same && own.is_some_and(|o| lines.contains(&o))),
            if same { 1.0 } else { count(own_line.intersection(&lines).count()) / count(own_line.union(&lines).count()).max(1.0) },
            shared / either,
            shared / count(of_topic.len()).max(1.0),
            shared / count(of_name.len()).max(1.0),
            count(above_words.min(2)),
            count(depth),
            topic.map_or(0.0, |t| f64::from(self.below[t]).ln()),
            topic.map_or(0.0, |t| count(self.ontology.parents(t).len())),
            item_number(pair).ln(),
            count(of_name.len()),
            flag(name.contains('(')),
            count(name.chars().count()),
        ]
    }

    /// Words of both names and topics above, alone and together, by hashed number: what a model can only learn from examples.
    pub fn crosses(&self, pair: &Pair) -> Row {
        let line = self.line(pair);
        let of_name = content(pair.name.as_deref().unwrap_or_default());
        let of_topic = content(self.topic_name(pair));
        let ids: Vec<&str> = line.iter().skip(1).map(|t| self.ontology.topics()[*t].id.as_str()).collect();
        // How well known an entity is shows in how early it got its number.
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a number of 64 bits")]
        let fame = item_number(pair).ln() as i64;
        let mut keys = vec![format!("id:{}", pair.topic), format!("q:{fame}")];
        let length = of_name.len().min(4);
        keys.extend(ids.iter().flat_map(|id| [format!("qa:{fame}:{id}"), format!("nw:{length}:{id}")]));
        // Years and numbers by their shape: `1964–65` is a season, whatever the year.
        for word in of_name.iter().filter(|w| w.contains(|c: char| c.is_ascii_digit())) {
            let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            keys.extend(ids.iter().map(|id| format!("sh:{shape}:{id}")));
        }
        keys.extend(of_topic.iter().map(|w| format!("t:{w}")));
        keys.extend(ids.iter().map(|id| format!("a:{id}")));
        for word in &of_name {
            keys.push(format!("e:{word}"));
            keys.extend(ids.iter().map(|id| format!("x:{word}:{id}")));
            keys.extend(of_topic.iter().map(|w| format!("y:{word}:{w}")));
        }
        let buckets: BTreeSet<u32> = keys.iter().map(|k| hash(k.as_bytes(), GRAM_BITS)).collect();
        buckets.into_iter().map(|b| (b, 0.5)).collect()
    }
}

/// The number of the Wikidata item; that of a late one where it is not known.
fn item_number(pair: &Pair) -> f64 {
    let digits = pair.item.as_deref().map(|i| i.trim_start_matches(|c: char| !c.is_ascii_digit()));
    digits.and_then(|d| d.parse().ok()).filter(|n: &f64| n.is_finite()).unwrap_or(1e7).max(1.0)
}

/// Words of a name, without endings in s and without the commonest.
fn content(name: &str) -> BTreeSet<String> {
    let folded = skeleton(name);
    let list = words(&folded).into_iter().map(|w| w.text.trim_end_matches("'s").trim_end_matches('s').to_owned());
    list.filter(|w| w.chars().count() > 1 && !matches!(w.as_str(), "the" | "of" | "and" | "in")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::Topic;

    #[test]
    fn names_and_places_agree() {
        let topic = |id: &str, name: &str, parents: &[&str], item: Option<&str>| Topic {
            id: id.into(),
            names: [("en".to_owned(), name.to_owned())].into(),
            parents: parents.iter().map(|p| (*p).into()).collect(),
            wikidata: item.map(Into::into),
            ..Topic::default()
        };
        let ontology = Ontology::new(vec![topic("1", "Sports", &[], None), topic("2", "Tennis", &["1"], Some("Q847"))]).unwrap();
        let context = Context::new(&ontology);
        let sign = |pair: &Pair, name: &str| context.signs(pair)[SIGNS.iter().position(|s| *s == name).unwrap()];
        let pair = |name: &str, item: &str, topic: &str| Pair {
            item: Some(item.into()),
            name: Some(name.into()),
            topic: topic.into(),
            topic_name: None,
        };
        assert_eq!(sign(&pair("Tennis", "Q847", "2"), "same_item"), 1.0);
        assert_eq!(sign(&pair("Tennis", "Q847", "1"), "topic_above"), 1.0);
        assert_eq!(sign(&pair("Davis Cup tennis", "Q5", "2"), "topic_words_found"), 1.0);
        assert_eq!(sign(&pair("A sport", "Q5", "2"), "above_words"), 1.0);
        assert_eq!(sign(&pair("x", "Q5", "unknown"), "depth"), 0.0);
        assert!(context.crosses(&pair("Davis Cup", "Q5", "2")).len() > 4);
    }
}
