//! V1: of two people, the one judged more influential has the higher score. `pairs.csv`: columns `a_*`, `b_*`, `a_more_influential`.

use std::collections::BTreeMap;

use influence::{
    Params, Score,
    math::{
        Rng,
        stats::{Interval, quantile},
    },
};

use super::Given;
use crate::{
    data::pairs::{self, Pair, Person},
    report::{Baseline, Finding, Outcome},
};

/// One public figure of a person.
type Feature<'a> = &'a dyn Fn(&Person) -> f64;

/// The score of a person; without any, the lowest.
pub fn score(person: &Person, params: &Params) -> f64 {
    Score::of(&[person.facts(params)], params).map_or(0.0, |s| s.value)
}

/// Pairs with weights, and the area under the curve of a difference: the chance that a pair judged "first" has the larger one.
struct Judged {
    first: Vec<bool>,
    people: Vec<[usize; 2]>,
    count: usize,
}

impl Judged {
    fn of(pairs: &[Pair]) -> Self {
        let mut known: BTreeMap<[u64; 6], usize> = BTreeMap::new();
        let people = pairs
            .iter()
            .map(|pair| {
                pair.people().map(|person| {
                    let next = known.len();
                    *known.entry(person.key()).or_insert(next)
                })
            })
            .collect();
        Self { first: pairs.iter().map(Pair::first).collect(), people, count: known.len() }
    }

    /// The order of pairs by difference, in groups of equal ones.
    fn groups(differences: &[f64]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..differences.len()).collect();
        order.sort_by(|&a, &b| differences[a].total_cmp(&differences[b]));
        order.chunk_by(|&a, &b| differences[a] == differences[b]).map(<[usize]>::to_vec).collect()
    }

    fn auc(&self, groups: &[Vec<usize>], weights: &[f64]) -> Option<f64> {
        let (mut below, mut won, mut positive) = (0.0, 0.0, 0.0);
        for group in groups {
            let sum = |first: bool| group.iter().filter(|&&i| self.first[i] == first).map(|&i| weights[i]).sum::<f64>();
            let (p, n) = (sum(true), sum(false));
            won += p * (below + n / 2.0);
            below += n;
            positive += p;
        }
        (positive * below > 0.0).then(|| won / (positive * below))
    }

    /// A pair is drawn as often as both its people are: people are what varies, not pairs.
    fn draws(&self, draws: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Rng::new(seed);
        (0..draws)
            .map(|_| {
                let mut times = vec![0.0; self.count];
                (0..self.count).for_each(|_| times[rng.below(self.count)] += 1.0);
                self.people.iter().map(|[a, b]| times[*a] * times[*b]).collect()
            })
            .collect()
    }
}

/// The check.
pub fn people(given: &Given) -> anyhow::Result<Outcome> {
    let pairs = pairs::load(given.data)?;
    let wanted = "a CSV with columns a_follower_count, b_follower_count, a_more_influential";
    if pairs.is_empty() {
        return Ok(Outcome::of(Vec::new(), wanted));
    }
    let judged = Judged::of(&pairs);
    let draws = judged.draws(given.draws, given.seed);
    let difference = |of: &dyn Fn(&Person) -> f64| -> Vec<f64> {
        pairs
            .iter()
            .map(|pair| {
                let [a, b] = pair.people();
                of(&a) - of(&b)
            })
            .collect()
    };
    let measure = |differences: &[f64]| -> Option<(Interval, Vec<f64>)> {
        let groups = Judged::groups(differences);
        let value = judged.auc(&groups, &vec![1.0; pairs.len()])?;
        let drawn: Vec<f64> = draws.iter().map(|w| judged.auc(&groups, w).unwrap_or(0.5)).collect();
        let at = |q| quantile(&drawn, q).unwrap_or(value);
        Some((Interval { value, low: at(0.025), high: at(0.975) }, drawn))
    };
    let ln = |x: f64| x.ln_1p();
    let singles: [(&str, Feature); 4] = [
        ("followers", &|p| ln(p.followers)),
        ("listed", &|p| ln(p.listed)),
        ("retweets received", &|p| ln(p.retweets)),
        ("mentions received", &|p| ln(p.mentions)),
    ];
    let Some((ours, drawn)) = measure(&difference(&|p| score(p, given.params))) else { return Ok(Outcome::of(Vec::new(), wanted)) };
    let mut baselines = Vec::new();
    let mut p_value = 1.0;
    for (name, single) in singles {
        if let Some((figure, theirs)) = measure(&difference(single)) {
            if name == "followers" {
                p_value = drawn.iter().zip(&theirs).filter(|(o, t)| o <= t).count() as f64 / drawn.len() as f64;
            }
            baselines.push(Baseline { name: name.to_owned(), figure });
        }
    }
    let finding = Finding {
        measure: "AUC of the difference of scores".to_owned(),
        n: pairs.len(),
        of: "pairs",
        ours,
        met: Some(ours.value >= 0.85 && p_value < 0.05),
        baselines,
        bar: "≥ .850 and above followers with p < .05".to_owned(),
        note: format!("above followers: p = {p_value:.4}, by resampling {} people", judged.count),
    };
    Ok(Outcome::of(vec![finding], wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_with_weights_and_ties() {
        let judged = Judged { first: vec![true, false, true, false], people: vec![[0, 1]; 4], count: 2 };
        let groups = Judged::groups(&[2.0, 1.0, 1.0, -1.0]);
        assert_eq!(judged.auc(&groups, &[1.0; 4]), Some(3.5 / 4.0));
        assert_eq!(judged.auc(&groups, &[1.0, 0.0, 1.0, 1.0]), Some(1.0));
        assert_eq!(judged.auc(&groups, &[0.0, 1.0, 0.0, 1.0]), None);
    }
}
