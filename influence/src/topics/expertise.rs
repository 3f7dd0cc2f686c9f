//! What a creator knows about, and the proof: a sum over kinds of signals, each on its own scale, times how rare the topic is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Where a signal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The text of a post.
    Post,
    /// Hashtags of a post.
    Hashtag,
    /// The biography.
    Bio,
    /// The domain of a link.
    Link,
    /// The category that the network gives a video.
    Category,
    /// Named together with an expert of the topic.
    CoMention,
    /// A list or community that others put the creator on.
    List,
    /// What those who comment are about.
    Commenters,
}

impl Source {
    const ALL: [Self; 8] =
        [Self::Post, Self::Hashtag, Self::Bio, Self::Link, Self::Category, Self::CoMention, Self::List, Self::Commenters];
}

/// One signal that a creator has to do with a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The topic's number.
    pub topic: usize,
    /// Where it stands.
    pub source: Source,
    /// The post, where it stands in one.
    pub post: Option<u64>,
    /// Weight of the topic there ([`super::Tagged::weight`]), after the lift; above 0.
    pub weight: f64,
    /// How long ago, in days.
    pub days_ago: u32,
    /// What shows it: a word, a domain, a list's name.
    pub proof: String,
}

/// How much each source says, β ≥ 0, and what is much: the 99.9th percentile of the source's sum over creators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// By source, in the order of the enum.
    pub beta: [f64; 8],
    /// By source; above 0.
    pub much: [f64; 8],
}

impl Default for Weights {
    /// Set by hand: what others say of a creator (lists, experts) counts more than what they say of themselves (published finding of Klout's experts
    /// paper: lists are the best signal), to be fitted on an operator's own data.
    fn default() -> Self {
        Self { beta: [1.0, 0.8, 0.6, 0.7, 0.8, 1.2, 1.5, 0.9], much: [60.0, 60.0, 2.0, 30.0, 30.0, 20.0, 50.0, 50.0] }
    }
}

/// How many creators have to do with each topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Creators with any topic.
    pub creators: u64,
    /// Of them, with this topic.
    pub with: BTreeMap<usize, u64>,
}

/// A creator's standing in a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Expertise {
    /// The topic's number.
    pub topic: usize,
    /// The sum of signals times the rarity; comparable between creators of one installation, no unit.
    pub value: f64,
    /// Posts that show it, within 90 days.
    pub posts: usize,
    /// Sources that show it.
    pub sources: Vec<Source>,
    /// The strongest proofs, five at most.
    pub proof: Vec<String>,
}

/// Half of a signal is left after a month; after three months it is gone.
const HALF_LIFE: f64 = 30.0;
const WINDOW: u32 = 90;
/// Topics kept for one creator.
const MOST_TOPICS: usize = 256;

/// The topics of a creator that pass the floor (three posts, or two sources), the strongest first.
///
/// `E = Σ β ln(1 + f)/ln(1 + much)`, with f the decayed sum of a source; times `ln(1 + creators/with)`.
#[must_use]
pub fn expertise(mentions: &[Mention], weights: &Weights, network: &Network) -> Vec<Expertise> {
    let mut by_topic: BTreeMap<usize, Vec<&Mention>> = BTreeMap::new();
    for mention in mentions.iter().filter(|m| m.days_ago < WINDOW && m.weight > 0.0) {
        by_topic.entry(mention.topic).or_default().push(mention);
    }
    let mut found: Vec<Expertise> = by_topic.into_iter().filter_map(|(topic, list)| judge(topic, &list, weights, network)).collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.topic.cmp(&b.topic)));
    found.truncate(MOST_TOPICS);
    found
}

fn judge(topic: usize, list: &[&Mention], weights: &Weights, network: &Network) -> Option<Expertise> {
    let fresh = |m: &Mention| m.weight * (-f64::from(m.days_ago) / HALF_LIFE).exp2();
    let posts = list.iter().filter_map(|m| m.post).collect::<BTreeSet<_>>().len();
    let sources: BTreeSet<Source> = list.iter().map(|m| m.source).collect();
    if posts < 3 && sources.len() < 2 {
        return None;
    }
    let parts = Source::ALL.iter().zip(weights.beta.iter().zip(weights.much)).map(|(source, (beta, much))| {
        let sum: f64 = list.iter().filter(|m| m.source == *source).map(|m| fresh(m)).sum();
        beta * sum.ln_1p() / much.ln_1p()
    });
    #[expect(clippy::cast_precision_loss, reason = "counts of creators")]
    let rarity = (network.creators as f64 / network.with.get(&topic).copied().unwrap_or(1).max(1) as f64).ln_1p();
    let mut proofs: BTreeMap<&str, f64> = BTreeMap::new();
    list.iter().for_each(|m| *proofs.entry(m.proof.as_str()).or_default() += fresh(m));
    let mut proofs: Vec<(&str, f64)> = proofs.into_iter().collect();
    proofs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    Some(Expertise {
        topic,
        value: parts.sum::<f64>() * rarity,
        posts,
        sources: sources.into_iter().collect(),
        proof: proofs.into_iter().take(5).map(|(p, _)| p.to_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mention(topic: usize, source: Source, post: u64, days_ago: u32) -> Mention {
        Mention { topic, source, post: (post > 0).then_some(post), weight: 1.0, days_ago, proof: format!("{source:?}") }
    }

    #[test]
    fn the_floor() {
        let network = Network { creators: 100, with: BTreeMap::from([(1, 10)]) };
        let judged = |list: &[Mention]| expertise(list, &Weights::default(), &network).len();
        let two = [mention(1, Source::Post, 1, 0), mention(1, Source::Post, 2, 0)];
        assert_eq!(judged(&two), 0, "two posts, one source");
        assert_eq!(judged(&[two[0].clone(), mention(1, Source::Bio, 0, 0)]), 1, "two sources");
        assert_eq!(judged(&[two[0].clone(), two[1].clone(), mention(1, Source::Post, 3, 89)]), 1, "three posts");
        assert_eq!(judged(&[two[0].clone(), two[1].clone(), mention(1, Source::Post, 3, 90)]), 0, "one of them too old");
    }

    #[test]
    fn rare_topics_and_fresh_posts_count_more() {
        let network = Network { creators: 1000, with: BTreeMap::from([(1, 500), (2, 5)]) };
        let list: Vec<Mention> = (1..=3).flat_map(|p| [mention(1, Source::Post, p, 0), mention(2, Source::Post, p, 0)]).collect();
        let found = expertise(&list, &Weights::default(), &network);
        assert_eq!(found.iter().map(|e| e.topic).collect::<Vec<_>>(), [2, 1]);
        let old: Vec<Mention> = list.iter().map(|m| Mention { days_ago: 60, ..m.clone() }).collect();
        assert!(expertise(&old, &Weights::default(), &network)[0].value < found[0].value);
        assert_eq!(found[0].proof, ["Post"]);
    }

    proptest! {
        #[test]
        fn one_more_signal_never_lowers(days in prop::collection::vec(0u32..100, 3..20), source in 0usize..8) {
            let network = Network { creators: 10, with: BTreeMap::new() };
            let mut list: Vec<Mention> = (1u64..).zip(&days).map(|(p, d)| mention(0, Source::Post, p, *d)).collect();
            let value = |list: &[Mention]| expertise(list, &Weights::default(), &network).first().map_or(0.0, |e| e.value);
            let before = value(&list);
            list.push(mention(0, Source::ALL[source], 99, 0));
            prop_assert!(value(&list) >= before);
        }
    }
}
