//! Engagement rates (section 7): named in full, with benchmarks that remember where they come from, and sponsored beside organic.

use serde::{Deserialize, Serialize};

use crate::{
    math::stats::{Interval, bootstrap, median},
    params::Params,
    types::{Counters, Format, Network, Tier},
};

/// What reactions are divided by. Rates of different bases are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Followers at the time of the post.
    ByFollowers,
    /// People reached.
    ByReach,
    /// Views.
    ByViews,
}

impl Basis {
    /// What a network's rates are shown by first.
    pub fn usual(network: Network) -> Self {
        if crate::reach::shows_views(network) { Self::ByViews } else { Self::ByFollowers }
    }
}

/// A post for a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rated {
    /// Its counters.
    pub counters: Counters,
    /// Followers when it went out.
    pub followers: Option<i64>,
    /// Paid for.
    pub sponsored: bool,
}

/// 100 × (likes + comments + shares) / basis, in per cent. `None`: the basis or every reaction is unknown, or the basis is 0.
pub fn rate(post: &Rated, basis: Basis) -> Option<f64> {
    let c = &post.counters;
    let below = match basis {
        Basis::ByFollowers => post.followers,
        Basis::ByReach => c.reach,
        Basis::ByViews => c.views,
    }?;
    let reactions = [c.likes, c.comments, c.shares];
    let any = reactions.iter().any(Option::is_some);
    let sum: i64 = reactions.iter().flatten().sum();
    (any && below > 0).then(|| 100.0 * sum as f64 / below as f64)
}

/// A creator's rate: the median over posts, so that one hit does not make it.
pub fn creator_rate(posts: &[Rated], basis: Basis) -> Option<f64> {
    median(&posts.iter().filter_map(|p| rate(p, basis)).collect::<Vec<_>>())
}

/// A yardstick and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// Where.
    pub network: Network,
    /// For which tier.
    pub tier: Tier,
    /// For one format alone, where there are enough accounts.
    pub format: Option<Format>,
    /// Per cent, by followers.
    pub rate: f64,
    /// Accounts it was measured on; 0: the seed alone.
    pub accounts: usize,
    /// It rests more on a seed of another network than on accounts: say "unproven".
    pub unproven: bool,
}

/// The benchmark of a cell: the median of accounts, pulled to the seed, which counts as 200 of them.
pub fn benchmark(network: Network, tier: Tier, format: Option<Format>, rates: &[f64], params: &Params) -> Benchmark {
    learned(seed(network, tier, params), (network, tier, format), rates, params)
}

/// A benchmark before there is data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    /// Per cent of followers.
    pub rate: f64,
    /// It is known to be of this network.
    pub own: bool,
}

/// The benchmark of a network and tier before there is data.
pub fn seed(network: Network, tier: Tier, params: &Params) -> Seed {
    let e = &params.engagement;
    let own = e.seeds_of.get(&network).and_then(|tiers| tiers.get(&tier));
    Seed { rate: own.copied().unwrap_or(e.seeds[&tier]), own: own.is_some() || network == e.seeds_are_of }
}

/// A seed and what accounts have, together.
pub fn learned(seed: Seed, cell: (Network, Tier, Option<Format>), rates: &[f64], params: &Params) -> Benchmark {
    let prior = params.engagement.prior;
    let n = rates.len() as f64;
    let rate = median(rates).map_or(seed.rate, |observed| (n * observed + prior * seed.rate) / (n + prior));
    let (network, tier, format) = cell;
    Benchmark { network, tier, format, rate, accounts: rates.len(), unproven: !seed.own && n < prior }
}

/// The narrowest cell with enough accounts: of the format, else of all formats.
pub fn narrowest(network: Network, tier: Tier, format: Format, rates: &[(Format, f64)], params: &Params) -> Benchmark {
    let own: Vec<f64> = rates.iter().filter(|(f, _)| *f == format).map(|r| r.1).collect();
    if own.len() >= params.engagement.own_cell_from {
        return benchmark(network, tier, Some(format), &own, params);
    }
    benchmark(network, tier, None, &rates.iter().map(|r| r.1).collect::<Vec<_>>(), params)
}

/// Sponsored against organic posts of one creator. The sign differs between creators, so it is always computed for each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Median rate of sponsored posts, per cent.
    pub sponsored: f64,
    /// Median rate of organic posts, per cent.
    pub organic: f64,
    /// Sponsored − organic, with the 95 % interval.
    pub difference: Interval,
    /// Sponsored / organic, with the 95 % interval; `None` where organic is 0.
    pub ratio: Option<Interval>,
}

/// Compares; `None`: too few posts of one sort.
pub fn sponsored_against_organic(posts: &[Rated], basis: Basis, params: &Params, seed: u64) -> Option<Comparison> {
    let e = &params.engagement;
    let rated: Vec<(bool, f64)> = posts.iter().filter_map(|p| rate(p, basis).map(|r| (p.sponsored, r))).collect();
    let of = |paid: bool| rated.iter().filter(|r| r.0 == paid).map(|r| r.1).collect::<Vec<f64>>();
    let (sponsored, organic) = (of(true), of(false));
    if sponsored.len() < e.least_posts || organic.len() < e.least_posts {
        return None;
    }
    let both = |drawn: &[&(bool, f64)]| {
        let of = |paid: bool| median(&drawn.iter().filter(|r| r.0 == paid).map(|r| r.1).collect::<Vec<_>>());
        Some((of(true)?, of(false)?))
    };
    let difference = bootstrap(&rated, e.draws, 0.95, seed, |drawn| both(drawn).map(|(s, o)| s - o))?;
    let ratio = bootstrap(&rated, e.draws, 0.95, seed, |drawn| both(drawn).and_then(|(s, o)| (o > 0.0).then(|| s / o)));
    Some(Comparison { sponsored: median(&sponsored)?, organic: median(&organic)?, difference, ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(likes: i64, sponsored: bool) -> Rated {
        Rated { counters: Counters { likes: Some(likes), views: Some(5_000), ..Default::default() }, followers: Some(10_000), sponsored }
    }

    #[test]
    fn rates_name_their_basis_and_unknown_is_none() {
        assert_eq!(rate(&post(200, false), Basis::ByFollowers), Some(2.0));
        assert_eq!(rate(&post(200, false), Basis::ByViews), Some(4.0));
        assert_eq!(rate(&post(200, false), Basis::ByReach), None);
        let hidden = Rated { counters: Counters::default(), ..post(0, false) };
        assert_eq!(rate(&hidden, Basis::ByFollowers), None);
        assert_eq!(rate(&Rated { followers: Some(0), ..post(1, false) }, Basis::ByFollowers), None);
        assert_eq!(creator_rate(&[post(100, false), post(90_000, false), post(200, false)], Basis::ByFollowers), Some(2.0));
    }

    #[test]
    fn benchmarks_start_at_the_seeds_and_learn() {
        let params = Params::shipped();
        assert_eq!(benchmark(Network::Instagram, Tier::Micro, None, &[], params).rate, 0.99);
        let learned = benchmark(Network::Tiktok, Tier::Micro, None, &[4.99; 200], params);
        assert!((learned.rate - 2.99).abs() < 1e-12 && !learned.unproven);
        assert!(benchmark(Network::Tiktok, Tier::Micro, None, &[4.99; 199], params).unproven);
        let mut own = params.clone();
        own.engagement.seeds_of.entry(Network::Tiktok).or_default().insert(Tier::Micro, 3.0);
        let told = benchmark(Network::Tiktok, Tier::Micro, None, &[], &own);
        assert!(told.rate == 3.0 && !told.unproven && benchmark(Network::Tiktok, Tier::Nano, None, &[], &own).unproven);
        let mixed: Vec<_> = (0..250).map(|i| (if i < 220 { Format::Reel } else { Format::Feed }, 3.0)).collect();
        assert_eq!(narrowest(Network::Instagram, Tier::Nano, Format::Reel, &mixed, params).format, Some(Format::Reel));
        assert_eq!(narrowest(Network::Instagram, Tier::Nano, Format::Feed, &mixed, params).format, None);
    }

    #[test]
    fn few_posts_make_no_comparison_and_enough_find_the_sign() {
        let params = Params::shipped();
        let mut posts: Vec<Rated> = (0..40).map(|i| post(200 + i, false)).collect();
        posts.extend((0..4).map(|i| post(100 + i, true)));
        assert_eq!(sponsored_against_organic(&posts, Basis::ByFollowers, params, 1), None);
        posts.extend((4..10).map(|i| post(100 + i, true)));
        let found = sponsored_against_organic(&posts, Basis::ByFollowers, params, 1).expect("ten and forty");
        assert!(found.difference.high < 0.0 && found.ratio.expect("organic").high < 1.0, "{found:?}");
        assert_eq!(Some(found), sponsored_against_organic(&posts, Basis::ByFollowers, params, 1));
    }
}
