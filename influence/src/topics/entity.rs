//! P(an entity belongs to a topic): logistic over [signs](SIGNS), and where it was trained also over how often the topic and those above it were right, and over
//! words together. What ships has weights of the signs set by hand.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::ontology::Ontology;
use super::signs::Context;
pub use super::signs::{Pair, SIGNS};
use crate::learn::{Row, fit, sigmoid};
use crate::text::GRAM_BITS;

/// A pair with what somebody who knows says of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The pair.
    pub pair: Pair,
    /// The entity belongs to the topic.
    pub fits: bool,
}

/// How often a topic was right among labelled pairs, shrunk; and those above it.
const PRIORS: [&str; 7] = ["topic", "ln_seen", "subtree", "topic_to_parents", "parents", "least_above", "most_above"];

/// The parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where the numbers come from, in words.
    pub source: String,
    /// ln odds without any sign.
    pub bias: f64,
    /// ln odds for one unit of a sign or a prior.
    pub weights: BTreeMap<String, f64>,
    /// Of words and topics together, by bucket, rising.
    #[serde(default)]
    pub crosses: Vec<(u32, f64)>,
    /// Right and all labelled pairs of a topic.
    #[serde(default)]
    pub seen: BTreeMap<String, (u32, u32)>,
}

/// Ridge for signs that were scaled to a standard deviation of 1.
const RIDGE: f64 = 1.0;

impl Model {
    /// The parameters that ship, set by hand.
    ///
    /// # Panics
    /// Never in a build whose tests passed: the file is read there.
    #[must_use]
    #[expect(clippy::expect_used, reason = "embedded and read in a test")]
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("../../data/entity.json")).expect("data/entity.json is a model")
    }

    /// P(fits) of each pair, 0–1.
    #[must_use]
    pub fn probabilities(&self, ontology: &Ontology, pairs: &[Pair]) -> Vec<f64> {
        let context = Context::new(ontology);
        let tally = Tally::new(&context, &self.seen);
        let weight = |name: &str| self.weights.get(name).copied().unwrap_or(0.0);
        let each = pairs.iter().map(|pair| {
            let signs: f64 = SIGNS.iter().zip(context.signs(pair)).map(|(s, v)| weight(s) * v).sum();
            let priors: f64 = PRIORS.iter().zip(tally.priors(&context, pair, None)).map(|(s, v)| weight(s) * v).sum();
            let crosses: f64 = if self.crosses.is_empty() {
                0.0
            } else {
                let find = |k: &u32| self.crosses.binary_search_by_key(k, |c| c.0).ok().map(|i| self.crosses[i].1);
                context.crosses(pair).iter().filter_map(|(k, v)| Some(find(k)? * v)).sum()
            };
            sigmoid(self.bias + signs + priors + crosses)
        });
        each.collect()
    }

    /// Learns from labelled pairs. The share of right pairs of a topic leaves out the pair that is being learnt, so that no label vouches for itself. `None`
    /// below 20 of a class.
    #[must_use]
    pub fn train(source: &str, ontology: &Ontology, examples: &[Example]) -> Option<Self> {
        let labels: Vec<bool> = examples.iter().map(|e| e.fits).collect();
        if labels.iter().filter(|l| **l).count() < 20 || labels.iter().filter(|l| !**l).count() < 20 {
            return None;
        }
        let context = Context::new(ontology);
        let mut seen: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for example in examples {
            let entry = seen.entry(example.pair.topic.clone()).or_default();
            *entry = (entry.0 + u32::from(example.fits), entry.1 + 1);
        }
        let tally = Tally::new(&context, &seen);
        let dense: Vec<Vec<f64>> = examples
            .iter()
            .map(|e| context.signs(&e.pair).into_iter().chain(tally.priors(&context, &e.pair, Some(e.fits))).collect())
            .collect();
        let names: Vec<&str> = SIGNS.into_iter().chain(PRIORS).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
        let n = examples.len() as f64;
        let mean: Vec<f64> = (0..names.len()).map(|j| dense.iter().map(|row| row[j]).sum::<f64>() / n).collect();
        let sd: Vec<f64> = (0..names.len())
            .map(|j| (dense.iter().map(|row| (row[j] - mean[j]).powi(2)).sum::<f64>() / n).sqrt())
            .map(|sd| if sd > 1e-9 { sd } else { 1.0 })
            .collect();
        let rows: Vec<Row> = examples
            .iter()
            .zip(&dense)
            .map(|(e, values)| {
                let scaled = (1_u32 << GRAM_BITS..).zip(values.iter().zip(mean.iter().zip(&sd)).map(|(v, (m, s))| (v - m) / s));
                context.crosses(&e.pair).into_iter().chain(scaled).collect()
            })
            .collect();
        let fitted = fit(&rows, &labels, RIDGE, false);
        let mut model = Self { source: format!("{source}: {} pairs", examples.len()), bias: fitted.bias, seen, ..Self::default() };
        for (bucket, weight) in fitted.weights {
            match bucket.checked_sub(1 << GRAM_BITS) {
                Some(j) => {
                    let j = j as usize;
                    model.bias -= weight * mean[j] / sd[j];
                    model.weights.insert(names[j].to_owned(), weight / sd[j]);
                }
                None => model.crosses.push((bucket, weight)),
            }
        }
        Some(model)
    }
}

/// Right and all pairs by topic and by subtree.
struct Tally {
    own: HashMap<String, (f64, f64)>,
    subtree: HashMap<usize, (f64, f64)>,
    base: f64,
}

impl Tally {
    fn new(context: &Context<'_>, seen: &BTreeMap<String, (u32, u32)>) -> Self {
        let mut subtree: HashMap<usize, (f64, f64)> = HashMap::new();
        let mut all = (0.0, 0.0);
        for (topic, (right, n)) in seen {
            let (right, n) = (f64::from(*right), f64::from(*n));
            all = (all.0 + right, all.1 + n);
            for above in context.line(&Pair { topic: topic.clone(), ..Pair::default() }) {
                let entry = subtree.entry(above).or_default();
                *entry = (entry.0 + right, entry.1 + n);
            }
        }
        let own = seen.iter().map(|(t, (right, n))| (t.clone(), (f64::from(*right), f64::from(*n)))).collect();
        Self { own, subtree, base: if all.1 > 0.0 { all.0 / all.1 } else { 0.5 } }
    }

    /// The values of [`PRIORS`], as ln odds; without the pair itself where its label is given.
    fn priors(&self, context: &Context<'_>, pair: &Pair, itself: Option<bool>) -> [f64; 7] {
        if self.own.is_empty() {
            return [0.0; 7];
        }
        let (right, one) = itself.map_or((0.0, 0.0), |fits| (f64::from(u8::from(fits)), 1.0));
        let rate = |counts: Option<&(f64, f64)>, k: f64, towards: f64| {
            let (r, n) = counts.copied().map_or((0.0, 0.0), |(r, n)| (r - right, n - one));
            (r + k * towards) / (n + k)
        };
        let odds = |p: f64| (p / (1.0 - p)).ln();
        let line = context.line(pair);
        let own = self.own.get(&pair.topic);
        let above: Vec<f64> = line.iter().skip(1).map(|t| rate(self.subtree.get(t), 5.0, self.base)).collect();
        let parents: Vec<f64> = line
            .first()
            .map(|t| context.ontology.parents(*t).iter().map(|p| rate(self.subtree.get(p), 5.0, self.base)).collect())
            .unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "a handful of parents")]
        let parent = if parents.is_empty() { self.base } else { parents.iter().sum::<f64>() / parents.len() as f64 };
        let end = |pick: fn(f64, f64) -> f64| above.iter().copied().reduce(pick).unwrap_or(self.base);
        [
            odds(rate(own, 2.0, self.base)),
            own.map_or(0.0, |(_, n)| (n - one).ln_1p()),
            odds(rate(line.first().and_then(|t| self.subtree.get(t)), 3.0, self.base)),
            odds(rate(own, 2.0, parent)),
            odds(parent),
            odds(end(f64::min)),
            odds(end(f64::max)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_weights_know_a_topic_by_its_name() {
        let ontology = Ontology::shipped();
        let model = Model::shipped();
        assert!(model.weights.keys().all(|k| SIGNS.contains(&k.as_str()) || PRIORS.contains(&k.as_str())));
        let pair = |name: &str, topic: &str| Pair { name: Some(name.into()), topic: topic.into(), ..Pair::default() };
        let found = model.probabilities(&ontology, &[pair("Ramen", "ramen"), pair("Ramen", "food"), pair("Ramen", "golf")]);
        assert!(found[0] > 0.5 && found[1] > 0.5 && found[2] < 0.5, "{found:?}");
    }

    #[test]
    fn learns_which_topics_are_right() {
        let ontology = Ontology::shipped();
        let topics = ["ramen", "golf"];
        let examples: Vec<Example> = (0..80)
            .map(|i| {
                let pair =
                    Pair { name: Some(format!("Thing {i}")), item: Some(format!("Q{i}")), topic: topics[i % 2].into(), topic_name: None };
                Example { pair, fits: i % 2 == 0 }
            })
            .collect();
        let model = Model::train("test", &ontology, &examples).unwrap();
        let found = model.probabilities(&ontology, &[examples[0].pair.clone(), examples[1].pair.clone()]);
        assert!(found[0] > 0.8 && found[1] < 0.2, "{found:?}");
        assert_eq!(Model::train("test", &ontology, &examples), Some(model));
        assert_eq!(Model::train("test", &ontology, &examples[..30]), None);
    }
}
