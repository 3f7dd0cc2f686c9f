//! Daily features (section 3): what an action counts after damping, and the decayed window of 90 days.

mod tally;
mod window;

pub use tally::{Act, Acted, DayResult, Reactions, Tally};
pub use window::{Series, Window};

use crate::{
    params::DayParams,
    types::{ActorId, Class, Day, Network},
};

/// What is known of an actor on a day. The server looks it up; a score of today never enters, so no order of computing matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Actor {
    /// The chance that it is no bot, q, 0 to 1; `None`: nobody judged it.
    pub quality: Option<f64>,
    /// Its own score of the day before; `None`: it has none.
    pub score: Option<f64>,
    /// All it did that day, with any creator; `None`: what it did here is taken.
    pub actions: Option<f64>,
    /// Its class.
    pub class: Class,
    /// Its own True Reach; `None`: the network's median is taken.
    pub reach: Option<f64>,
    /// The creator acts on it as well.
    pub mutual: bool,
}

impl Default for Actor {
    fn default() -> Self {
        Self { quality: None, score: None, actions: None, class: Class::Real, reach: None, mutual: false }
    }
}

/// Looks up actors.
pub trait Actors {
    /// What is known of one on a day; `None`: nothing.
    fn actor(&self, network: Network, actor: ActorId, day: Day) -> Option<Actor>;
}

/// Nothing is known of anybody.
impl Actors for () {
    fn actor(&self, _: Network, _: ActorId, _: Day) -> Option<Actor> {
        None
    }
}

impl<F: Fn(Network, ActorId, Day) -> Option<Actor>> Actors for F {
    fn actor(&self, network: Network, actor: ActorId, day: Day) -> Option<Actor> {
        self(network, actor, day)
    }
}

/// Section 3.1: what each action of an actor counts that does so many a day, in (0, 1].
pub fn damping(actions: f64, params: &DayParams) -> f64 {
    let from = params.damping_from;
    1.0 / (1.0 + (1.0 + (actions - from).max(0.0) / from).log2())
}

/// Section 3.2: what n actions by one actor on one creator in one day count: 1 + ln n. Below one action, n itself.
pub fn repeated(n: f64) -> f64 {
    if n < 1.0 { n.max(0.0) } else { 1.0 + n.ln() }
}

/// Section 3.4: the weight of an actor with such a score, bounded so that one step a day cannot run away.
pub fn actor_weight(score: Option<f64>, params: &DayParams) -> f64 {
    let [base, span] = params.actor_weight;
    score.map_or(params.unknown_actor, |s| base + span * (s.clamp(0.0, 100.0) / 100.0).powi(2))
}

/// Section 3.8: the credit a post gets for an inferred action after so many hours.
pub fn attribution(hours: f64, params: &DayParams) -> f64 {
    0.5f64.powf(hours.max(0.0) / params.attribution_half_life_hours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Params;

    #[test]
    fn damping_starts_at_the_limit_and_stays_above_zero() {
        let day = &Params::shipped().day;
        assert_eq!([0.0, 1.0, 20.0, 40.0, 80.0].map(|a| damping(a, day)), [1.0, 1.0, 1.0, 0.5, 1.0 / 3.0]);
        assert!(damping(1e12, day) > 0.0);
    }

    #[test]
    fn a_hundred_people_outweigh_one_who_acts_a_hundred_times() {
        let day = &Params::shipped().day;
        let one = damping(100.0, day) * repeated(100.0);
        assert!(100.0 * damping(1.0, day) * repeated(1.0) > 50.0 * one, "{one}");
    }

    #[test]
    fn weights_are_bounded() {
        let day = &Params::shipped().day;
        assert_eq!([Some(0.0), Some(100.0), Some(1e9), None].map(|s| actor_weight(s, day)), [0.5, 2.0, 2.0, 0.6]);
        assert_eq!([repeated(0.0), repeated(0.25), repeated(1.0)], [0.0, 0.25, 1.0]);
        assert_eq!([attribution(0.0, day), attribution(24.0, day), attribution(-3.0, day)], [1.0, 0.5, 1.0]);
    }
}
