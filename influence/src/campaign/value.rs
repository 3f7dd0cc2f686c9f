//! Reach, earned media value and return of a campaign. All of it estimates, each with its basis.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    params::Params,
    price::{cpm, minor_units},
    reach,
    types::{Counters, CreatorId, Kind, Network, Provenance},
};

/// A post of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Whose.
    pub creator: CreatorId,
    /// Where.
    pub network: Network,
    /// Its counters.
    pub counters: Counters,
    /// People who saw it, by section 5.
    pub reach: Option<f64>,
    /// Followers when it went out.
    pub followers: Option<i64>,
}

/// Earned media value of a post, by one basis alone, so that nothing counts twice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// In minor units of the table's currency.
    pub minor: i64,
    /// A: impressions told first-party. B: public views. C: reactions, by price or standing in for impressions.
    pub basis: Provenance,
}

impl Value {
    /// The value of a post; `None` where nothing of it was counted.
    pub fn of(post: &Measured, params: &Params) -> Option<Self> {
        let values = &params.media;
        let c = &post.counters;
        let thousand = cpm(post.network, values) / 1_000.0;
        if let Some((impressions, basis)) = c.impressions.map(|n| (n, Provenance::A)).or(c.views.map(|n| (n, Provenance::B))) {
            let whole = impressions as f64 * thousand;
            return Some(Self { minor: minor_units(whole, values.minor_digits), basis });
        }
        let reactions = [(Kind::Like, c.likes), (Kind::Comment, c.comments), (Kind::Share, c.shares), (Kind::Save, c.saves)];
        if reactions.iter().all(|(_, n)| n.is_none()) {
            return None;
        }
        let whole: f64 = match values.cpe.get(&post.network) {
            Some(each) => reactions.iter().map(|(kind, n)| n.unwrap_or(0) as f64 * each.get(kind).copied().unwrap_or(0.0)).sum(),
            None => engagements(c) as f64 * values.impressions_per_engagement * thousand,
        };
        Some(Self { minor: minor_units(whole, values.minor_digits), basis: Provenance::C })
    }
}

fn engagements(c: &Counters) -> i64 {
    [c.likes, c.comments, c.shares].iter().flatten().sum()
}

/// A campaign's sums. They are those of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Posts.
    pub posts: usize,
    /// Σ of people over posts: someone who saw three counts three times.
    pub gross_reach: f64,
    /// People, each about once: the largest post of each creator, then the p-norm across creators.
    pub net_reach: f64,
    /// Posts whose reach is unknown: they are in neither.
    pub reach_unknown: usize,
    /// Σ of followers.
    pub potential_impressions: i64,
    /// Likes, comments and shares.
    pub engagements: i64,
    /// Engagements over Σ followers of the posts, in per cent; `None` without followers.
    pub engagement_rate: Option<f64>,
    /// Earned media value, minor units.
    pub media_value: i64,
}

/// Sums a campaign.
pub fn totals(posts: &[Measured], params: &Params) -> Totals {
    let mut best: BTreeMap<CreatorId, f64> = BTreeMap::new();
    for post in posts {
        if let Some(r) = post.reach {
            let held = best.entry(post.creator).or_insert(0.0);
            *held = held.max(r);
        }
    }
    let followers: i64 = posts.iter().filter_map(|p| p.followers).sum();
    // Only posts whose followers are known stand on both sides of the rate.
    let rated: i64 = posts.iter().filter(|p| p.followers.is_some()).map(|p| engagements(&p.counters)).sum();
    Totals {
        posts: posts.len(),
        gross_reach: posts.iter().filter_map(|p| p.reach).sum(),
        net_reach: reach::across(best.into_values(), params),
        reach_unknown: posts.iter().filter(|p| p.reach.is_none()).count(),
        potential_impressions: followers,
        engagements: posts.iter().map(|p| engagements(&p.counters)).sum(),
        engagement_rate: (followers > 0).then(|| 100.0 * rated as f64 / followers as f64),
        media_value: posts.iter().filter_map(|p| Value::of(p, params)).map(|v| v.minor).sum(),
    }
}

/// (value − cost) / cost; `None` where the cost is 0 or unknown. Once with attributed revenue, once with media value, never with their sum.
/// Both in minor units of one currency.
pub fn roi(value: i64, cost: Option<i64>) -> Option<f64> {
    cost.filter(|c| *c > 0).map(|c| (value - c) as f64 / c as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(creator: u64, reach: f64) -> Measured {
        let counters = Counters { likes: Some(90), comments: Some(10), ..Default::default() };
        Measured { creator, network: Network::Instagram, counters, reach: Some(reach), followers: Some(10_000) }
    }

    #[test]
    fn one_basis_per_post() {
        let params = Params::shipped();
        let stand_in = Value::of(&post(1, 1.0), params).expect("reactions");
        assert_eq!(stand_in, Value { minor: 870, basis: Provenance::C });
        let mut seen = post(1, 1.0);
        seen.counters.views = Some(2_000);
        assert_eq!(Value::of(&seen, params), Some(Value { minor: 2_000, basis: Provenance::B }));
        seen.counters = Counters::default();
        assert_eq!(Value::of(&seen, params), None);
    }

    #[test]
    fn net_reach_is_between_the_largest_and_the_sum() {
        let params = Params::shipped();
        let sums = totals(&[post(1, 1_000.0), post(1, 800.0), post(2, 1_000.0)], params);
        assert_eq!((sums.gross_reach, sums.engagements, sums.engagement_rate), (2_800.0, 300, Some(1.0)));
        assert!((sums.net_reach - 1_000.0 * 2f64.powf(1.0 / 1.5)).abs() < 1e-6);
        assert_eq!(totals(&[], params).engagement_rate, None);
    }

    #[test]
    fn no_cost_is_no_return() {
        assert_eq!([roi(150, Some(100)), roi(150, Some(0)), roi(150, None)], [Some(0.5), None, None]);
    }
}
