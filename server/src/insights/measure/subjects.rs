//! What a creator publishes about, so that lists can be narrowed by it.

use std::collections::BTreeSet;

use crate::{base::topics::ONTOLOGY, insights::results::Topics};

/// A topic is a subject of a creator if at least this share of the publications is about it: one mention in many makes nobody an expert.
const SHARE: f64 = 0.1;

/// The subjects by id, with all topics above.
pub fn subjects(topics: &Topics) -> BTreeSet<String> {
    let often = topics.main.iter().filter(|topic| topic.share >= SHARE).filter_map(|topic| ONTOLOGY.find(&topic.id));
    let all = often.flat_map(|topic| ONTOLOGY.ancestors(topic).into_iter().map(|(above, _)| above).chain([topic]));
    all.filter_map(|topic| Some(ONTOLOGY.topics().get(topic)?.id.clone())).collect()
}
