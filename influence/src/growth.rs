//! Growth (section 6): days on which followers jump without a post to explain it, gains that were bought, and follow/unfollow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    math::stats::{mad, median, quantile},
    params::{GrowthParams, Params},
    state::Account,
    types::{Day, day_of},
};

/// A day on which followers jumped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jump {
    /// When.
    pub day: Day,
    /// Followers gained, or lost when below 0.
    pub gained: f64,
    /// Robust z of the daily growth in ln.
    pub z: f64,
    /// A strong post went out in the days before.
    pub explained: bool,
    /// Much of the gain was lost again soon.
    pub bought: bool,
}

/// The least spread of daily growth in ln: below it, counters that move by a handful would look like jumps.
const LEAST_SPREAD: f64 = 0.002;

/// Jumps of a series of daily followers. `strong` are the days of posts above the creator's 95th percentile.
pub fn jumps(followers: &BTreeMap<Day, f64>, strong: &[Day], params: &GrowthParams) -> Vec<Jump> {
    let steps: Vec<(Day, f64, f64, f64)> = followers
        .iter()
        .zip(followers.iter().skip(1))
        .map(|((from, before), (to, after))| (*to, after - before, (1.0 + after).ln() - (1.0 + before).ln(), f64::from(to - from).max(1.0)))
        .collect();
    let daily: Vec<f64> = steps.iter().map(|s| s.2 / s.3).collect();
    let (Some(middle), Some(spread)) = (median(&daily), mad(&daily)) else { return Vec::new() };
    if daily.len() < params.least_days {
        return Vec::new();
    }
    let spread = spread.max(LEAST_SPREAD);
    steps
        .iter()
        .zip(&daily)
        .filter_map(|((day, gained, _, _), growth)| {
            let z = (growth - middle) / spread;
            let explained = strong.iter().any(|post| (0..=params.explained_days).contains(&(day - post)));
            let peak = followers.get(day)?;
            let least = followers.range(day..=&(day + params.lost_days)).map(|(_, f)| *f).fold(*peak, f64::min);
            let bought = *gained > 0.0 && peak - least >= params.lost_share * gained;
            (z.abs() > params.z).then_some(Jump { day: *day, gained: *gained, z, explained, bought })
        })
        .collect()
}

/// Followings that swing widely twice in a month: accounts that follow so as to be followed.
pub fn follow_unfollow(following: &BTreeMap<Day, f64>, params: &GrowthParams) -> bool {
    // Turning points, and the size of the moves between them.
    let mut turns: Vec<(Day, f64)> = Vec::new();
    for (day, n) in following {
        match turns.as_slice() {
            [.., (_, a), (_, b)] if (b - a) * (n - b) >= 0.0 => *turns.last_mut().expect("matched") = (*day, *n),
            _ => turns.push((*day, *n)),
        }
    }
    let swings: Vec<Day> =
        turns.windows(2).filter(|w| (w[1].1 - w[0].1).abs() >= params.swing * w[0].1.min(w[1].1).max(1.0)).map(|w| w[1].0).collect();
    swings.windows(2).any(|w| w[1] - w[0] <= params.swing_days)
}

/// The jumps of an account up to a day.
pub fn of_account(account: &Account, day: Day, params: &Params) -> Vec<Jump> {
    jumps(&followers(account, day), &strong_posts(account), &params.growth)
}

fn followers(account: &Account, day: Day) -> BTreeMap<Day, f64> {
    account.days().range(..=day).filter(|(_, a)| !a.gone).map(|(day, a)| (*day, a.followers as f64)).collect()
}

/// Followers that came in jumps no post explains and that are still there: they do not count as people until they act.
pub fn unexplained(account: &Account, day: Day, params: &Params) -> f64 {
    let gained: f64 = of_account(account, day, params).iter().filter(|j| j.gained > 0.0 && !j.explained).map(|j| j.gained).sum();
    let followers = followers(account, day);
    let now = followers.values().next_back().copied().unwrap_or(0.0);
    let least_since = followers.values().copied().fold(now, f64::min);
    // What was lost again since is no longer among them.
    gained.min(now - least_since).max(0.0)
}

/// The days of posts whose reactions are above the creator's own 95th percentile.
fn strong_posts(account: &Account) -> Vec<Day> {
    let posts: Vec<(Day, f64)> = account
        .posts()
        .filter_map(|held| {
            let counters = held.counters();
            let n = counters.views.or(counters.likes)?;
            Some((day_of(held.post.as_ref()?.published_at), n as f64))
        })
        .collect();
    let Some(limit) = quantile(&posts.iter().map(|p| p.1).collect::<Vec<_>>(), 0.95) else { return Vec::new() };
    posts.into_iter().filter(|p| p.1 >= limit).map(|p| p.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growing(jump: f64, back: f64) -> BTreeMap<Day, f64> {
        (0..60)
            .map(|day| {
                let base = 10_000.0 + 10.0 * f64::from(day) + f64::from(day % 7);
                (day, base + if day >= 30 { jump } else { 0.0 } - if day >= 36 { back } else { 0.0 })
            })
            .collect()
    }

    #[test]
    fn a_jump_without_a_post_is_found_and_one_with_it_is_explained() {
        let params = &Params::shipped().growth;
        assert_eq!(jumps(&growing(0.0, 0.0), &[], params), []);
        let found = jumps(&growing(1_000.0, 0.0), &[], params);
        assert_eq!(found.iter().map(|j| (j.day, j.explained, j.bought)).collect::<Vec<_>>(), [(30, false, false)]);
        assert!(jumps(&growing(1_000.0, 0.0), &[28], params)[0].explained);
        assert!(jumps(&growing(1_000.0, 400.0), &[], params)[0].bought);
    }

    #[test]
    fn following_and_leaving_again_is_seen() {
        let params = &Params::shipped().growth;
        let series = |values: &[f64]| (0..).zip(values.iter().copied()).map(|(i, n)| (i * 5, n)).collect::<BTreeMap<Day, f64>>();
        assert!(follow_unfollow(&series(&[1_000.0, 1_500.0, 900.0, 1_400.0]), params));
        assert!(!follow_unfollow(&series(&[1_000.0, 1_050.0, 1_100.0, 1_900.0]), params));
    }
}
