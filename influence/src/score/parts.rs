//! The parts of IR on one network: IR = R × bond × second hand × connections × presence, each kept as its logarithm so that it can be explained.

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::{
    params::{NetworkParams, Params},
    reach,
    types::{Kind, Provenance, Tier},
};

/// A part of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// R: people who see a post.
    Audience,
    /// A: what they do about it, for each of them. The A of "always be engaging".
    Bond,
    /// M: people who see it through others. With N the C of "connect".
    SecondHand,
    /// N: how much those who act are themselves listened to.
    Connections,
    /// P: being there, and how regularly. The B of "be consistent".
    Presence,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 5] = [Self::Audience, Self::Bond, Self::SecondHand, Self::Connections, Self::Presence];
}

/// The parts on one network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// R, people per post.
    pub reach: f64,
    /// Where R comes from.
    pub provenance: Provenance,
    /// A, weighted actions per person reached; `None`: no posts are known.
    pub bond: Option<f64>,
    /// What A is measured against: the median of the network and tier.
    pub bond_benchmark: f64,
    /// M, people at second hand for each at first hand, 0 to 1.
    pub second_hand: f64,
    /// N, weight of the actors against the network's mean; `None`: none are known.
    pub connections: Option<f64>,
    /// Posts a week; `None`: unknown.
    pub cadence: Option<f64>,
    /// Days since the last post; `None`: unknown.
    pub idle_days: Option<f64>,
    /// ln of each factor, in the order of `Component::ALL`; their sum is ln IR. The first is −∞ where R is 0, written as null.
    #[serde(deserialize_with = "logs")]
    pub ln: [f64; 5],
    /// Standard deviation of ln IR.
    pub sd: f64,
}

/// JSON has no −∞; its writer writes null.
fn logs<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[f64; 5], D::Error> {
    Ok(<[Option<f64>; 5]>::deserialize(from)?.map(|ln| ln.unwrap_or(f64::NEG_INFINITY)))
}

impl Parts {
    /// The parts from facts; `None` where reach is not known.
    pub fn of(facts: &Facts, params: &Params) -> Option<Self> {
        let score = &params.score;
        let network = params.network(facts.network);
        let known = facts.reach.or_else(|| reach::observed(&[], facts, params))?;
        let (reach, provenance) = (known.people, known.provenance);
        let bond_benchmark = benchmark(network, reach::real_followers(facts, params).unwrap_or(0.0));
        let seen = facts.posts * reach;
        // Actions that are mutual beyond half of all count half: likes for likes are no influence.
        let honest = 1.0 - 0.5 * (facts.mutual - score.mutual_from).max(0.0);
        let bond = (facts.posts > 0.0).then(|| if seen > 0.0 { honest * valued(facts, params) / seen } else { 0.0 });
        let second_hand = if seen > 0.0 { (facts.second_hand / seen).min(1.0) } else { 0.0 };
        let connections = facts.actor_weight.map(|w| w / network.actor_weight);
        let clamped =
            |ratio: Option<f64>, exponent: f64, limit: f64| ratio.map_or(0.0, |r| (exponent * r.ln()).clamp(-limit.ln(), limit.ln()));
        let idle = facts.idle_days.map_or(0.0, |days| (days - score.fresh_days).max(0.0) / score.idle_half_life);
        let widest = score.cadence_clamp.ln();
        let cadence = facts.cadence.map_or(0.0, |c| score.cadence * (c / network.cadence).ln().clamp(-widest, widest));
        let ln = [
            reach.ln(),
            clamped(bond.map(|a| a / bond_benchmark), network.bond_exponent, score.bond_clamp),
            score.second_hand * second_hand.ln_1p(),
            clamped(connections.map(|n| n.clamp(1.0 / score.clamp, score.clamp)), score.connections, score.clamp),
            cadence - idle * std::f64::consts::LN_2,
        ];
        let sd = uncertainty(&known, facts, params);
        Some(Self {
            reach,
            provenance,
            bond,
            bond_benchmark,
            second_hand,
            connections,
            cadence: facts.cadence,
            idle_days: facts.idle_days,
            ln,
            sd,
        })
    }

    /// IR of this network, in people.
    pub fn influence(&self) -> f64 {
        self.ln.iter().sum::<f64>().exp()
    }

    /// ln of one factor.
    pub fn ln_of(&self, component: Component) -> f64 {
        self.ln[component as usize]
    }
}

/// The bond that accounts of such a size have: the medians of the tiers stand at the middles of the tiers, and between them ln goes straight, so that nobody's
/// score jumps at a border.
fn benchmark(network: &NetworkParams, followers: f64) -> f64 {
    let at = followers.max(1.0).ln();
    let points = Tier::ALL.map(|tier| (tier.middle().ln(), network.bond[&tier].ln()));
    let Some(next) = points.iter().position(|p| p.0 > at) else { return points[points.len() - 1].1.exp() };
    let Some(before) = next.checked_sub(1) else { return points[0].1.exp() };
    let ((x0, y0), (x1, y1)) = (points[before], points[next]);
    (y0 + (y1 - y0) * (at - x0) / (x1 - x0)).exp()
}

/// Σ v E: actions by what they are worth.
pub fn valued(facts: &Facts, params: &Params) -> f64 {
    let value = |kind: &Kind| params.score.values.get(kind).copied().unwrap_or(0.0);
    facts.actions.iter().map(|(kind, n)| value(kind) * n).sum()
}

/// Standard deviation of ln IR: how reach is known, how far posts differ, how few actions there are, and days missing.
fn uncertainty(reach: &reach::Reach, facts: &Facts, params: &Params) -> f64 {
    let score = &params.score;
    let network = params.network(facts.network);
    let source = match reach.provenance {
        // A fitted model has told how far it is off.
        Provenance::C if network.model.n > 0 => network.model.sd,
        source => score.uncertainty[&source],
    };
    let actions: f64 = facts.actions.values().sum();
    let gaps = f64::from(facts.gap_days) / f64::from(params.day.window);
    let variances = [
        ((1.0 - network.bond_exponent) * source).powi(2),
        reach.sampling.powi(2),
        network.bond_exponent.powi(2) / (1.0 + actions),
        gaps.powi(2),
    ];
    variances.iter().sum::<f64>().sqrt()
}
