//! Why a score changed (section 4): contributions by network and component that sum exactly to the change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    params::Params,
    score::{Component, Parts, Score, across, calibrated, slope},
    types::Network,
};

/// One cause of a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// On which network.
    pub network: Network,
    /// Which part; `None`: the network was added or taken away as a whole.
    pub component: Option<Component>,
    /// Points of score it added, or took when below 0.
    pub points: f64,
}

/// Below it a change of people is no change, and the local slope is used.
const NOTHING: f64 = 1e-9;

/// The change from one score to another, by cause; the points sum to `after.value − before.value`.
///
/// Networks in both: IR^p is a sum over networks, and each summand's change splits over its logarithms by the logarithmic mean (LMDI; Ang 2004),
/// which leaves no remainder. Networks in one only: what the score changes by when they come or go.
pub fn between(before: &Score, after: &Score, params: &Params) -> Vec<Contribution> {
    let shared = |score: &Score, other: &Score| -> BTreeMap<Network, Parts> {
        score.networks.iter().filter(|(network, _)| other.networks.contains_key(network)).map(|(n, p)| (*n, *p)).collect()
    };
    let (old, new) = (shared(before, after), shared(after, before));
    let mut contributions = within(&old, &new, params);
    for (score, rest, sign) in [(before, &old, -1.0), (after, &new, 1.0)] {
        // One network after the other, in their order: the steps telescope.
        let mut there = rest.clone();
        let mut at = calibrated(across(&there, params), params);
        for (network, parts) in &score.networks {
            if there.contains_key(network) {
                continue;
            }
            there.insert(*network, *parts);
            let next = calibrated(across(&there, params), params);
            contributions.push(Contribution { network: *network, component: None, points: sign * (next - at) });
            at = next;
        }
    }
    contributions
}

fn within(old: &BTreeMap<Network, Parts>, new: &BTreeMap<Network, Parts>, params: &Params) -> Vec<Contribution> {
    let p = params.score.overlap;
    let (was, is) = (across(old, params), across(new, params));
    let change = calibrated(is, params) - calibrated(was, params);
    let mut raw = Vec::new();
    for (network, a, b) in old.iter().filter_map(|(network, a)| new.get(network).map(|b| (*network, a, b))) {
        let weight = logarithmic_mean(a.influence().powf(p), b.influence().powf(p));
        for component in Component::ALL {
            let moved = b.ln_of(component) - a.ln_of(component);
            if weight == 0.0 && component == Component::Audience {
                // From or to an audience of nobody: all of the network's change is its audience's.
                raw.push((network, component, b.influence().powf(p) - a.influence().powf(p)));
            } else if moved != 0.0 && weight > 0.0 {
                raw.push((network, component, p * weight * moved));
            }
        }
    }
    let total: f64 = raw.iter().map(|r| r.2).sum();
    // IR^p moved by `total`; the score by `change`.
    let scale = if total.abs() > NOTHING * is.powf(p).max(1.0) {
        change / total
    } else {
        let level = is.powf(p);
        if level > 0.0 { slope(is, params) / (p * level) } else { 0.0 }
    };
    raw.into_iter().map(|(network, component, x)| Contribution { network, component: Some(component), points: x * scale }).collect()
}

/// (a − b) / ln(a/b), between the two; 0 where one is 0.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    if a <= 0.0 || b <= 0.0 {
        0.0
    } else if (a / b - 1.0).abs() < 1e-9 {
        (a * b).sqrt()
    } else {
        (a - b) / (a / b).ln()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::score::Facts;

    fn facts(network: Network) -> impl Strategy<Value = Facts> {
        (0f64..1e8, 0f64..1e5, proptest::option::of(0.01f64..100.0), proptest::option::of(0f64..200.0), 0f64..1e5).prop_map(
            move |(followers, likes, cadence, idle_days, second_hand)| Facts {
                followers: Some(followers),
                actions: [(crate::types::Kind::Like, likes)].into(),
                posts: 10.0,
                cadence,
                idle_days,
                second_hand,
                ..Facts::empty(network, 1)
            },
        )
    }

    fn some() -> impl Strategy<Value = Vec<Facts>> {
        (facts(Network::X), facts(Network::Tiktok), facts(Network::Blog), 1usize..8)
            .prop_map(|(a, b, c, mask)| [a, b, c].into_iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, f)| f).collect())
    }

    proptest! {
        #[test]
        fn contributions_sum_to_the_change(before in some(), after in some()) {
            let params = Params::shipped();
            let before = Score::of(&before, params).expect("followers");
            let after = Score::of(&after, params).expect("followers");
            let sum: f64 = between(&before, &after, params).iter().map(|c| c.points).sum();
            prop_assert!((sum - (after.value - before.value)).abs() < 1e-6, "{sum} {}", after.value - before.value);
        }

        #[test]
        fn what_did_not_move_contributes_nothing(one in facts(Network::X), cadence in 0.1f64..50.0) {
            let params = Params::shipped();
            let before = Score::of(&[Facts { cadence: Some(3.0), ..one.clone() }], params).expect("followers");
            let after = Score::of(&[Facts { cadence: Some(cadence), ..one }], params).expect("followers");
            prop_assert!(between(&before, &after, params).iter().all(|c| c.component == Some(Component::Presence)));
        }
    }
}
