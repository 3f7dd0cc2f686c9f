//! Interests of an audience: what those who act on a creator's posts are about, against what is usual on the network.

use std::collections::BTreeMap;

/// Cells of fewer people are hidden: no figure may point at persons.
pub const FEWEST_PEOPLE: usize = 20;

/// An interest of an audience.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interest {
    /// The topic's number.
    pub topic: usize,
    /// People of the sample with the interest; [`FEWEST_PEOPLE`] at least.
    pub people: usize,
    /// Their mean share of the topic, over all of the sample, 0–1.
    pub share: f64,
    /// Share divided by the network's; `None` where the network's is not known.
    pub lift: Option<f64>,
}

/// The mean over sampled people, each of whom weighs the same however much they post; the largest share first. `people` are topic weights by person, `base` the
/// network's mean shares. A person without topics still counts: the sample is all who were looked at.
#[must_use]
pub fn interests(people: &[BTreeMap<usize, f64>], base: &BTreeMap<usize, f64>) -> Vec<Interest> {
    let mut sums: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
    for person in people {
        let all: f64 = person.values().filter(|w| **w > 0.0).sum();
        for (topic, weight) in person.iter().filter(|(_, w)| **w > 0.0) {
            let entry = sums.entry(*topic).or_default();
            entry.0 += 1;
            entry.1 += weight / all;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of people")]
    let n = people.len() as f64;
    let mut found: Vec<Interest> = sums
        .into_iter()
        .filter(|(_, (people, _))| *people >= FEWEST_PEOPLE)
        .map(|(topic, (people, sum))| {
            let share = sum / n;
            Interest { topic, people, share, lift: base.get(&topic).filter(|b| **b > 0.0).map(|b| share / b) }
        })
        .collect();
    found.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.topic.cmp(&b.topic)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_people_are_hidden_and_talkers_do_not_outweigh() {
        let mut people: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::from([(1, 1.0), (2, 1.0)]); 19];
        people.push(BTreeMap::from([(1, 50.0)]));
        let found = interests(&people, &BTreeMap::from([(1, 0.25)]));
        assert_eq!(found.len(), 1, "topic 2 has 19 people");
        assert!((found[0].share - (19.0 * 0.5 + 1.0) / 20.0).abs() < 1e-9);
        assert!((found[0].lift.unwrap() - found[0].share / 0.25).abs() < 1e-9);
        assert!(interests(&[], &BTreeMap::new()).is_empty());
    }
}
