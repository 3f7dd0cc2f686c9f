//! The score (section 4): people who see and react, brought to 0–100.

mod facts;
mod parts;

pub use facts::Facts;
pub use parts::{Component, Parts, valued};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    params::{FORMULA_VERSION, Params},
    types::{Day, Network},
};

/// 1.64 standard deviations on each side hold nine in ten.
const NINE_IN_TEN: f64 = 1.64;

/// Why a score is not yet to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provisional {
    /// Too few posts.
    FewPosts,
    /// Observed for too few days.
    FewDays,
    /// The source was down for a third of the window or more.
    Gaps,
}

/// A score with all its parts. An object of this type is what the API stores and shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The formula it was made by.
    pub version: String,
    /// As of the end of this day.
    pub day: Day,
    /// 0 to 100. One decimal in the API, a whole number on screen.
    pub value: f64,
    /// Lower end of the interval that holds nine in ten.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Reasons not to rely on it yet; none: it is final.
    pub provisional: Vec<Provisional>,
    /// IR: the expected number of people who see and react, all networks together.
    pub influence: f64,
    /// True Reach of all networks together, people per post.
    pub true_reach: f64,
    /// By network.
    pub networks: BTreeMap<Network, Parts>,
}

impl Score {
    /// The score from facts; `None` where no network has any reach known.
    pub fn of(facts: &[Facts], params: &Params) -> Option<Self> {
        let networks: BTreeMap<Network, Parts> = facts.iter().filter_map(|f| Some((f.network, Parts::of(f, params)?))).collect();
        let day = facts.iter().map(|f| f.day).max()?;
        (!networks.is_empty()).then(|| Self::from_parts(day, networks, facts, params))
    }

    fn from_parts(day: Day, networks: BTreeMap<Network, Parts>, facts: &[Facts], params: &Params) -> Self {
        let influence = across(&networks, params);
        let value = calibrated(influence, params);
        // Each network's uncertainty counts by its share of the norm.
        let p = params.score.overlap;
        let total: f64 = networks.values().map(|n| n.influence().powf(p)).sum();
        let variance: f64 =
            networks.values().map(|n| if total > 0.0 { (n.influence().powf(p) / total * n.sd).powi(2) } else { n.sd * n.sd }).sum();
        let spread = NINE_IN_TEN * variance.sqrt();
        let mut provisional: Vec<Provisional> = Vec::new();
        let scored = || facts.iter().filter(|f| networks.contains_key(&f.network));
        let posts: f64 = scored().filter_map(|f| f.reach.map(|r| r.posts)).sum();
        if posts < params.score.least_posts {
            provisional.push(Provisional::FewPosts);
        }
        if scored().all(|f| f.observed_days < params.score.least_days) {
            provisional.push(Provisional::FewDays);
        }
        if scored().all(|f| f.gap_days * 3 >= u32::from(params.day.window)) {
            provisional.push(Provisional::Gaps);
        }
        Self {
            version: FORMULA_VERSION.to_owned(),
            day,
            value,
            // The interval is made on the scale of ln IR, so that it never leaves 0–100.
            low: calibrated(influence * (-spread).exp(), params),
            high: calibrated(influence * spread.exp(), params),
            provisional,
            influence,
            true_reach: crate::reach::across(networks.values().map(|n| n.reach), params),
            networks,
        }
    }

    /// One decimal, as the API gives it.
    pub fn rounded(&self) -> f64 {
        (self.value * 10.0).round() / 10.0
    }
}

/// IR of several networks: their p-norm. One more never lowers it.
pub fn across(networks: &BTreeMap<Network, Parts>, params: &Params) -> f64 {
    crate::reach::across(networks.values().map(Parts::influence), params)
}

/// People → score.
pub fn calibrated(influence: f64, params: &Params) -> f64 {
    params.score.calibration.at(influence.max(0.0).ln_1p() / std::f64::consts::LN_10)
}

/// Points of score for one unit of ln IR, here.
pub fn slope(influence: f64, params: &Params) -> f64 {
    let x = influence.max(0.0).ln_1p() / std::f64::consts::LN_10;
    params.score.calibration.slope(x) * influence / (1.0 + influence) / std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_seeds_and_the_check_values() {
        let params = Params::shipped();
        for (people, score) in [(310.0, 53.0), (3_200.0, 68.0), (79_800.0, 81.0), (5.7e6, 99.0)] {
            assert!((calibrated(people, params) - score).abs() < 0.01, "{people}: {}", calibrated(people, params));
        }
        for (people, score) in
            [(10.0, 24.9), (30.0, 34.3), (50.0, 38.7), (100.0, 44.4), (1e3, 61.2), (1e4, 73.1), (3e4, 77.2), (2.5e5, 86.6), (1e6, 93.9)]
        {
            assert!((calibrated(people, params) - score).abs() < 0.06, "{people}: {}", calibrated(people, params));
        }
    }

    #[test]
    fn nothing_known_is_no_score_and_not_zero() {
        let params = Params::shipped();
        assert_eq!(Score::of(&[], params), None);
        assert_eq!(Score::of(&[Facts::empty(Network::X, 0)], params), None);
        let silent = Score::of(&[Facts { followers: Some(0.0), ..Facts::empty(Network::X, 0) }], params).expect("followers known");
        assert_eq!(silent.value, 0.0);
    }
}
