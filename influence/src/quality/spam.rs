//! P(spam) of one comment: logistic over readable markers and, where it was trained, character 3–5-grams hashed to 2^18. What ships is the
//! markers with weights set by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::markers::{MARKERS, markers, plain, plain_under};
use crate::learn::{Row, fit, sigmoid};
use crate::text::{GRAM_BITS, grams, marks};

/// A comment with what somebody who read it says.
#[derive(Clone, Debug)]
pub struct Example {
    /// As it was written.
    pub text: String,
    /// A part of the address of the post above it, so that links to that post can be told.
    pub own: Option<String>,
    /// It is spam.
    pub is_spam: bool,
}

/// The parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where the numbers come from, in words.
    pub source: String,
    /// ln odds of a comment without any sign.
    pub bias: f64,
    /// ln odds that a marker adds, for each unit.
    pub markers: BTreeMap<String, f64>,
    /// ln odds of n-grams, by bucket, rising.
    pub grams: Vec<(u32, f32)>,
}

/// Ridge on all weights; as weak as n-grams of length one allow before they only repeat the examples.
const RIDGE: f64 = 0.2;

impl Model {
    /// The parameters that ship, set by hand.
    ///
    /// # Panics
    /// Never in a build whose tests passed: the file is read there.
    #[must_use]
    #[expect(clippy::expect_used, reason = "embedded and read in a test")]
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("../../data/comments.json")).expect("data/comments.json is a model")
    }

    /// P(spam) of a comment by itself, 0–1.
    #[must_use]
    pub fn probability(&self, text: &str) -> f64 {
        self.probability_under(text, None)
    }

    /// P(spam) under a post of which a part of the address is known (its native id will do), 0–1.
    #[must_use]
    pub fn probability_under(&self, text: &str, own: Option<&str>) -> f64 {
        let plain = plain_under(text, own);
        let signs: f64 = MARKERS.iter().zip(markers(&plain)).filter_map(|(m, v)| Some(self.markers.get(*m)? * v)).sum();
        let grams: f64 = if self.grams.is_empty() {
            0.0
        } else {
            shape(&plain)
                .iter()
                .filter_map(|(k, v)| self.grams.binary_search_by_key(k, |g| g.0).ok().map(|i| f64::from(self.grams[i].1) * v))
                .sum()
        };
        sigmoid(self.bias + signs + grams)
    }

    /// The markers that speak for spam, strongest first: the reasons to show.
    #[must_use]
    pub fn reasons(&self, text: &str) -> Vec<&'static str> {
        let mut parts: Vec<(&'static str, f64)> = MARKERS
            .iter()
            .zip(markers(&plain(text)))
            .filter_map(|(m, v)| Some((*m, self.markers.get(*m)? * v)))
            .filter(|(_, v)| *v > 0.5)
            .collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        parts.into_iter().map(|(m, _)| m).collect()
    }

    /// Learns from labelled comments. `None` below 20 of a class.
    #[must_use]
    pub fn train(source: &str, examples: &[Example]) -> Option<Self> {
        let labels: Vec<bool> = examples.iter().map(|e| e.is_spam).collect();
        if labels.iter().filter(|l| **l).count() < 20 || labels.iter().filter(|l| !**l).count() < 20 {
            return None;
        }
        let rows: Vec<Row> = examples
            .iter()
            .map(|e| {
                let plain = plain_under(&e.text, e.own.as_deref());
                let mut row = shape(&plain);
                row.extend((1_u32 << GRAM_BITS..).zip(markers(&plain)).filter(|(_, v)| *v > 0.0));
                row
            })
            .collect();
        let fitted = fit(&rows, &labels, RIDGE, false);
        let mut model = Self {
            source: format!("{source}: {} comments", examples.len()),
            bias: fitted.bias,
            markers: BTreeMap::new(),
            grams: Vec::new(),
        };
        for (bucket, weight) in fitted.weights {
            match bucket.checked_sub(1 << GRAM_BITS) {
                Some(marker) => {
                    model.markers.insert(MARKERS[marker as usize].to_owned(), weight);
                }
                #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty")]
                None => model.grams.push((bucket, weight as f32)),
            }
        }
        Some(model)
    }

    /// The same model with only the `most` n-grams of largest weight, rounded to three digits: smaller to keep. What it costs must be measured.
    #[must_use]
    pub fn pruned(mut self, most: usize) -> Self {
        self.grams.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        self.grams.truncate(most);
        self.grams.iter_mut().for_each(|g| g.1 = (g.1 * 1e3).round() / 1e3);
        self.grams.sort_by_key(|g| g.0);
        self
    }
}

/// n-grams of a plain text with links replaced by one word: 1 + ln count, the whole of length 1.
fn shape(plain: &str) -> Row {
    let found = marks(plain);
    let masked = found.links.iter().fold(plain.to_owned(), |text, link| text.replace(link.as_str(), " <link> "));
    let mut row: Row = grams(&masked, 3..=5, GRAM_BITS).into_iter().map(|(k, n)| (k, 1.0 + n.ln())).collect();
    let norm = row.iter().map(|(_, v)| v * v).sum::<f64>().sqrt();
    row.iter_mut().for_each(|(_, v)| *v /= norm.max(1e-12));
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_weights_know_lures_in_two_languages() {
        let model = Model::shipped();
        assert!(model.markers.keys().all(|k| MARKERS.contains(&k.as_str())));
        for text in [
            "Check out my channel and subscribe!",
            "DM me on WhatsApp, earn $500 per day",
            "副業で稼げるよ、LINE追加して",
            "フォロバ100、プロフ見てね",
        ] {
            assert!(model.probability(text) > 0.5, "{text}: {}", model.probability(text));
        }
        for text in [
            "Where did you buy the jacket?",
            "2:19 made me laugh",
            "この色すごく似合う！どこのですか",
            "❤❤❤",
            "You look so sexy here",
            "I must check this out tomorrow",
        ] {
            assert!(model.probability(text) < 0.5, "{text}: {}", model.probability(text));
        }
        assert_eq!(model.reasons("DM me on WhatsApp"), ["contact"]);
    }

    #[test]
    fn training_learns_what_markers_do_not_know() {
        let example = |i: usize| Example {
            text: if i.is_multiple_of(2) { format!("zorgle the blimp {i}") } else { format!("such a calm view {i}") },
            own: None,
            is_spam: i.is_multiple_of(2),
        };
        let examples: Vec<Example> = (0..60).map(example).collect();
        let model = Model::train("test", &examples).unwrap();
        assert!(model.probability("zorgle a blimp") > 0.7 && model.probability("a calm view") < 0.3);
        assert_eq!(Model::train("test", &examples), Some(model.clone()), "the same every time");
        let small = model.clone().pruned(40);
        assert_eq!(small.grams.len(), 40);
        assert!(small.grams.is_sorted_by_key(|g| g.0) && model.grams.is_sorted_by_key(|g| g.0));
        assert!(Model::train("test", &examples[..30]).is_none());
    }
}
