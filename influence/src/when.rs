//! When to post (section 4): reactions by hour of the week in the audience's time, smoothed by the network's own week.

use serde::{Deserialize, Serialize};

use crate::types::Millis;

/// Hours of a week, from Monday 00:00.
pub const WEEK: usize = 168;

/// Reactions by hour of the week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Week(Vec<f64>);

impl Default for Week {
    fn default() -> Self {
        Self(vec![0.0; WEEK])
    }
}

/// The network's share counts as so many reactions.
const PRIOR: f64 = 20.0;
const HOUR: Millis = 3_600_000;

/// The hour of the week of an instant, for an actor so many minutes east of Greenwich.
pub fn hour_of_week(at: Millis, offset_minutes: i32) -> usize {
    // 1 January 1970 was a Thursday.
    let local = at + Millis::from(offset_minutes) * 60_000 + 3 * 24 * HOUR;
    local.div_euclid(HOUR).rem_euclid(WEEK as Millis) as usize
}

impl Week {
    /// Counts a reaction.
    pub fn add(&mut self, at: Millis, offset_minutes: i32) {
        self.0[hour_of_week(at, offset_minutes)] += 1.0;
    }

    /// All reactions.
    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// Shares of the hours, summing to 1: (count + 20 × network share) / (total + 20). Without a network, an even week takes its place.
    pub fn smoothed(&self, network: Option<&Self>) -> Vec<f64> {
        let total = self.total();
        let even = 1.0 / WEEK as f64;
        let base = network.filter(|n| n.total() > 0.0);
        (0..WEEK).map(|h| (self.0[h] + PRIOR * base.map_or(even, |n| n.0[h] / n.total())) / (total + PRIOR)).collect()
    }
}

/// An hour to post in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hour {
    /// 0 is Monday 00:00 to 00:59 in the audience's time.
    pub hour: usize,
    /// Reactions that come within the delay after it, over those after an average hour. "Associated with", never "will raise".
    pub lift: f64,
}

/// The best hours: those after which most reactions come, weighted by how fast the network reacts (half within `delay_hours`).
pub fn best(week: &Week, network: Option<&Week>, delay_hours: f64, most: usize) -> Vec<Hour> {
    let shares = week.smoothed(network);
    // Reactions to a post come with density 0.5^(t/h): a day of it is all that matters.
    let decay = 0.5f64.powf(1.0 / delay_hours.max(0.1));
    let weights: Vec<f64> = (0..24).map(|t| decay.powi(t)).collect();
    let sum: f64 = weights.iter().sum();
    let mut hours: Vec<Hour> = (0..WEEK)
        .map(|hour| {
            let caught: f64 = weights.iter().enumerate().map(|(t, w)| w * shares[(hour + t) % WEEK]).sum();
            Hour { hour, lift: caught / sum * WEEK as f64 }
        })
        .collect();
    hours.sort_by(|a, b| b.lift.total_cmp(&a.lift).then(a.hour.cmp(&b.hour)));
    hours.truncate(most);
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_in_the_audiences_time() {
        // Monday 5 January 1970, 00:30 UTC.
        let at = 4 * 24 * HOUR + HOUR / 2;
        assert_eq!([hour_of_week(at, 0), hour_of_week(at, 540), hour_of_week(at, -60)], [0, 9, 167]);
    }

    #[test]
    fn the_hour_before_the_crowd_is_best_and_few_reactions_say_little() {
        let mut week = Week::default();
        for i in 0..500 {
            week.add((4 * 24 + 20) * HOUR + i * 7 * 24 * HOUR, 0);
        }
        let found = best(&week, None, 0.4, 1);
        assert_eq!(found[0].hour, 20);
        let mut few = Week::default();
        few.add((4 * 24 + 20) * HOUR, 0);
        assert!(best(&few, None, 0.4, 1)[0].lift < found[0].lift / 5.0);
        assert!((few.smoothed(Some(&week)).iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
