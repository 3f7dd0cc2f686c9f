//! Reads published ontologies: Klout Topics (three CSV files of 2018) and the taxonomies of the IAB (TSV with two head lines). Both are CC BY 3.0; an operator
//! who loads them owes the attribution.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::ontology::{Fault, Ontology, Topic};

/// An ontology that was read, and what had to be left out.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The ontology.
    pub ontology: Ontology,
    /// Edges to topics that are not there, or that would close a ring: (parent, child).
    pub dropped: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KloutTopic {
    topic_id: String,
    topic_display_name: String,
    wiki_item_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KloutEdge {
    parent_topic_id: String,
    child_topic_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KloutName {
    topic_id: String,
    language: String,
    topic_display_name: String,
}

/// Klout's id of the root, which is no topic.
const KLOUT_ROOT: &str = "0";

fn rows<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Vec<T>, Fault> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect::<Result<Vec<T>, _>>();
    rows.map_err(|e| Fault::Form(e.to_string()))
}

/// Klout Topics: the texts of `klout_topic_ontology`, `klout_topic_edge` and `klout_topic_display`.
pub fn klout(ontology: &str, edges: &str, names: &str) -> Result<Imported, Fault> {
    let mut display: HashMap<String, BTreeMap<String, String>> = HashMap::new();
    for row in rows::<KloutName>(names)? {
        display.entry(row.topic_id).or_default().insert(row.language, row.topic_display_name);
    }
    let topics = rows::<KloutTopic>(ontology)?.into_iter().filter(|t| t.topic_id != KLOUT_ROOT).map(|row| {
        let mut names = display.remove(&row.topic_id).unwrap_or_default();
        names.entry("en".into()).or_insert(row.topic_display_name);
        Topic { names, wikidata: (!row.wiki_item_id.is_empty()).then_some(row.wiki_item_id), id: row.topic_id, ..Topic::default() }
    });
    let edges = rows::<KloutEdge>(edges)?.into_iter().filter(|e| e.parent_topic_id != KLOUT_ROOT && e.child_topic_id != KLOUT_ROOT);
    join(topics.collect(), edges.map(|e| (e.parent_topic_id, e.child_topic_id)).collect())
}

/// A taxonomy of the IAB: Content, Audience and Ad Product have their head in the first or second line and their id, parent and name side by side, not always from the first
/// column on. Of a name with tiers (`Demographic | Age Range`) the last is taken.
pub fn iab(text: &str) -> Result<Imported, Fault> {
    let mut topics = Vec::new();
    let mut edges = Vec::new();
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b'\t').flexible(true).has_headers(false).quoting(false).from_reader(text.as_bytes());
    let mut lines = reader.records();
    let head = lines.by_ref().take(2).flatten().find_map(|l| l.iter().position(|c| c.trim().eq_ignore_ascii_case("unique id")));
    let first = head.ok_or_else(|| Fault::Form("an IAB file has “Unique ID” in its first or second line".into()))?;
    for line in lines {
        let line = line.map_err(|e| Fault::Form(e.to_string()))?;
        let cell = |i: usize| line.get(first + i).map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned);
        let (Some(id), Some(name)) = (cell(0), cell(2)) else { continue };
        edges.extend(cell(1).map(|parent| (parent, id.clone())));
        let name = name.split('|').map(str::trim).rfind(|part| !part.is_empty()).unwrap_or_default().to_owned();
        topics.push(Topic { iab: Some(id.clone()), names: BTreeMap::from([("en".into(), name)]), id, ..Topic::default() });
    }
    join(topics, edges)
}

/// Puts the edges in, one after the other, leaving out those that lead nowhere or would close a ring.
fn join(mut topics: Vec<Topic>, edges: Vec<(String, String)>) -> Result<Imported, Fault> {
    let place: HashMap<String, usize> = topics.iter().enumerate().map(|(i, t)| (t.id.clone(), i)).collect();
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); topics.len()];
    let mut dropped = Vec::new();
    for (parent, child) in edges {
        match (place.get(&parent), place.get(&child)) {
            (Some(p), Some(c)) if above[*c].contains(p) => {}
            (Some(p), Some(c)) if !lies_above(&above, *c, *p) => {
                above[*c].push(*p);
                topics[*c].parents.push(parent);
            }
            _ => dropped.push((parent, child)),
        }
    }
    Ok(Imported { ontology: Ontology::new(topics)?, dropped })
}

/// `topic` is `of` or lies somewhere above it.
fn lies_above(above: &[Vec<usize>], topic: usize, of: usize) -> bool {
    let mut seen = HashSet::from([of]);
    let mut open = vec![of];
    while let Some(here) = open.pop() {
        if here == topic {
            return true;
        }
        open.extend(above[here].iter().filter(|p| seen.insert(**p)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn klout_in_its_form() {
        let read = klout(
            "\"topicId\",\"topicSlug\",\"topicDisplayName\",\"wikiItemId\",\"freebaseMachineId\"\n1,\"tea\",\"Tea\",\"Q6097\",\"x\"\n2,\"drink\",\"Drinks\",,\n",
            "\"parentTopicId\",\"parrentTopicSlug\",\"childTopicId\",\"childTopicSlug\"\n0,\"_ROOT_\",2,\"drink\"\n2,\"drink\",1,\"tea\"\n1,\"tea\",2,\"drink\"\n9,\"x\",1,\"tea\"\n",
            "\"topicId\",\"language\",\"topicDisplayName\"\n1,\"fr\",\"Thé\"\n",
        )
        .unwrap();
        let tea = read.ontology.find("1").unwrap();
        assert_eq!((read.ontology.name(tea, "fr"), read.ontology.name(tea, "ja")), ("Thé", "Tea"));
        assert_eq!(read.ontology.parents(tea), [read.ontology.find("2").unwrap()]);
        assert_eq!(read.dropped, [("1".into(), "2".into()), ("9".into(), "1".into())]);
        assert_eq!(read.ontology.topics()[tea].wikidata.as_deref(), Some("Q6097"));
    }

    #[test]
    fn iab_in_its_form() {
        let text = "Relational ID System\t\t\tTiers\nUnique ID\tParent\tName\tTier 1\n150\t\tAttractions\tAttractions\n151\t150\tAmusement \"Parks\"\tAttractions\n";
        let read = iab(text).unwrap().ontology;
        assert_eq!(read.parents(read.find("151").unwrap()), [read.find("150").unwrap()]);
        let shifted = iab("\tUnique ID\tParent ID\tName\n\t1\t\tAge\n\t2\t1\tAge | 18-20 |\n").unwrap().ontology;
        assert_eq!(shifted.name(shifted.find("2").unwrap(), "en"), "18-20");
        assert!(iab("a\tb\tc\n1\t\tx\n").is_err());
    }
}
