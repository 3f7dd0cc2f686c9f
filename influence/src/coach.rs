//! Advice (section 4): at most three, each with the evidence, what peers have, and what is associated with it. Never a promise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    math::stats::Interval,
    params::Params,
    score::{Component, Facts, Parts, Score, across, calibrated},
    types::Network,
};

/// The 75th percentile of peers (network × tier × topic) in the quantity behind each component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    /// People per post.
    pub reach: Option<f64>,
    /// Weighted actions per person reached.
    pub bond: Option<f64>,
    /// People at second hand for each at first hand.
    pub second_hand: Option<f64>,
    /// Weight of the actors against the network's mean.
    pub connections: Option<f64>,
    /// Posts a week.
    pub cadence: Option<f64>,
}

/// One piece of advice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tip {
    /// On which network.
    pub network: Network,
    /// About which part: its letter is A (engage), B (be consistent), C (connect), or the audience itself.
    pub component: Component,
    /// What the creator has.
    pub own: f64,
    /// What a quarter of the peers exceed.
    pub peers: f64,
    /// Points of score that peers with that figure have more, all else equal, and where the creator's own uncertainty puts the ends.
    pub gain: Interval,
}

/// The best tips for a score: nothing for a part that is above the peers' 75th percentile already.
pub fn tips(score: &Score, facts: &[Facts], peers: &BTreeMap<Network, Peers>, params: &Params) -> Vec<Tip> {
    let mut tips: Vec<(f64, Tip)> = facts
        .iter()
        .filter_map(|facts| Some((facts, score.networks.get(&facts.network)?, peers.get(&facts.network)?)))
        .flat_map(|(facts, parts, peers)| of_network(score, facts, parts, peers, params))
        .collect();
    tips.sort_by(|a, b| b.0.total_cmp(&a.0));
    tips.into_iter().take(3).map(|(_, tip)| tip).collect()
}

fn of_network<'a>(
    score: &'a Score,
    facts: &'a Facts,
    parts: &'a Parts,
    peers: &'a Peers,
    params: &'a Params,
) -> impl Iterator<Item = (f64, Tip)> + 'a {
    let pairs = [
        (Component::Audience, Some(parts.reach), peers.reach),
        (Component::Bond, parts.bond, peers.bond),
        (Component::SecondHand, Some(parts.second_hand), peers.second_hand),
        (Component::Connections, parts.connections, peers.connections),
        (Component::Presence, parts.cadence, peers.cadence),
    ];
    pairs.into_iter().filter_map(move |(component, own, peer)| {
        let (own, peer) = (own?, peer?);
        if own >= peer {
            return None;
        }
        let raised = raise(facts, parts, component, peer, params);
        let mut networks = score.networks.clone();
        networks.insert(facts.network, raised);
        let influence = across(&networks, params);
        let gain = calibrated(influence, params) - score.value;
        // The same step from both ends of the creator's own interval.
        let factor = influence / score.influence.max(f64::MIN_POSITIVE);
        let step = |sd: f64| {
            let from = score.influence * sd.exp();
            calibrated(from * factor, params) - calibrated(from, params)
        };
        let ends = [step(-parts.sd), step(parts.sd), gain];
        let (low, high) = ends.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        let tip = Tip { network: facts.network, component, own, peers: peer, gain: Interval { value: gain, low, high } };
        (gain > 0.05).then_some((gain / (1.0 + parts.sd), tip))
    })
}

/// The parts with one quantity raised.
fn raise(facts: &Facts, parts: &Parts, component: Component, to: f64, params: &Params) -> Parts {
    let mut facts = facts.clone();
    let seen = facts.posts * parts.reach;
    match component {
        // Alone: what depends on reach through other components stays.
        Component::Audience => {
            let mut raised = *parts;
            raised.reach = to;
            raised.ln[0] = to.ln();
            return raised;
        }
        Component::Bond => {
            let factor = to / parts.bond.unwrap_or(to).max(f64::MIN_POSITIVE);
            facts.actions.values_mut().for_each(|n| *n *= factor);
        }
        Component::SecondHand => facts.second_hand = to * seen,
        Component::Connections => facts.actor_weight = Some(to * params.network(facts.network).actor_weight),
        Component::Presence => (facts.cadence, facts.idle_days) = (Some(to), Some(0.0)),
    }
    Parts::of(&facts, params).unwrap_or(*parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Kind;

    fn creator() -> Facts {
        Facts {
            followers: Some(20_000.0),
            actions: [(Kind::Like, 60.0)].into(),
            posts: 10.0,
            cadence: Some(1.0),
            idle_days: Some(2.0),
            ..Facts::empty(Network::Instagram, 1)
        }
    }

    #[test]
    fn tips_raise_what_lags_and_leave_the_rest() {
        let params = Params::shipped();
        let facts = [creator()];
        let score = Score::of(&facts, params).expect("followers");
        let peers = Peers { reach: Some(1.0), bond: Some(1.0), second_hand: Some(0.2), connections: Some(2.0), cadence: Some(8.0) };
        let tips = tips(&score, &facts, &[(Network::Instagram, peers)].into(), params);
        let about: Vec<_> = tips.iter().map(|t| t.component).collect();
        assert!(!about.contains(&Component::Audience), "above its peers");
        assert!(!about.contains(&Component::Connections), "nothing known of the actors");
        assert_eq!(tips.len(), 3);
        assert!(tips.windows(2).all(|w| w[0].gain.value >= w[1].gain.value), "{tips:?}");
        assert!(tips.iter().all(|t| t.gain.low <= t.gain.value && t.gain.value <= t.gain.high));
    }

    #[test]
    fn nobody_above_their_peers_is_told_anything() {
        let params = Params::shipped();
        let facts = [creator()];
        let score = Score::of(&facts, params).expect("followers");
        let peers = Peers { reach: Some(1.0), bond: Some(0.0), second_hand: Some(0.0), connections: None, cadence: Some(0.5) };
        assert_eq!(tips(&score, &facts, &[(Network::Instagram, peers)].into(), params), []);
    }
}
