//! The inputs of a score, by network: stored beside it, they give the same number again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    params::Params,
    reach::Reach,
    types::{Day, FollowerMix, Kind, Network},
};

/// What the score needs to know of an account. `State::facts` makes it from events; importers of ready totals fill it in directly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Where.
    pub network: Network,
    /// As of the end of this day.
    pub day: Day,
    /// Followers.
    pub followers: Option<f64>,
    /// Accounts followed.
    pub following: Option<f64>,
    /// Lists that name the account.
    pub listed: Option<f64>,
    /// Country of most of the audience, ISO 3166 alpha-2 or the name that the parameters use.
    pub country: Option<String>,
    /// Make-up of the followers, where a sample was judged.
    pub mix: Option<FollowerMix>,
    /// Followers that came in a jump no post explains (section 6): they do not count until they act.
    pub unexplained: f64,
    /// Mean quality of the actors, q̄.
    pub quality: f64,
    /// People per post.
    pub reach: Option<Reach>,
    /// Effective actions by kind, decayed.
    pub actions: BTreeMap<Kind, f64>,
    /// Posts, decayed alike: actions over posts are actions per post.
    pub posts: f64,
    /// Posts a week; `None`: unknown.
    pub cadence: Option<f64>,
    /// Days since the last post; `None`: unknown.
    pub idle_days: Option<f64>,
    /// People reached at second hand, decayed.
    pub second_hand: f64,
    /// Mean weight of the actors; `None`: none is known.
    pub actor_weight: Option<f64>,
    /// Share of actions that is mutual.
    pub mutual: f64,
    /// Days observed.
    pub observed_days: u32,
    /// Days of the window on which the source was down.
    pub gap_days: u32,
}

impl Facts {
    /// Facts from totals that someone else has summed over a window: `actions` are raw counts of the network's counters, `posts` those of the same window.
    /// They count as counters do in section 3.5.
    pub fn of_totals(network: Network, actions: &[(Kind, f64)], posts: f64, params: &Params) -> Self {
        let each = params.day.counter_actor_damping * params.day.unknown_actor;
        let shares: f64 = actions.iter().filter(|(kind, _)| matches!(kind, Kind::Share | Kind::Quote)).map(|a| a.1).sum();
        Self {
            actions: actions.iter().map(|(kind, n)| (*kind, n * each)).collect(),
            posts,
            second_hand: shares * params.network(network).median_reach * params.score.share_rate,
            ..Self::empty(network, 0)
        }
    }

    /// Nothing is known yet.
    pub fn empty(network: Network, day: Day) -> Self {
        Self {
            network,
            day,
            followers: None,
            following: None,
            listed: None,
            country: None,
            mix: None,
            unexplained: 0.0,
            quality: 1.0,
            reach: None,
            actions: BTreeMap::new(),
            posts: 0.0,
            cadence: None,
            idle_days: None,
            second_hand: 0.0,
            actor_weight: None,
            mutual: 0.0,
            observed_days: 0,
            gap_days: 0,
        }
    }
}
