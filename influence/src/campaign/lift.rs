//! Followers gained through a campaign (section 11): what came, less what the 28 days before let expect, with an interval that knows the baseline is a guess.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    math::{
        Rng,
        stats::{Interval, median, quantile, theil_sen},
    },
    types::Day,
};

/// Days before the campaign that make the baseline.
const BEFORE: Day = 28;
/// Fewer of them, and nothing is claimed.
const LEAST: usize = 14;
/// Days after its end that still count.
const AFTER: Day = 7;
/// Days drawn together, so that weeks keep their shape.
const BLOCK: usize = 7;
/// Resamples.
const DRAWS: usize = 1_000;
/// The share of truth the interval is to hold.
const LEVEL: f64 = 0.9;
/// Accounts without the campaign from which their lift is taken off.
const CONTROLS: usize = 3;
/// A weekday's factor counts as if so many ordinary ones had been seen with it.
const PRIOR_WEEKS: f64 = 2.0;

/// Why nothing is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoClaim {
    /// Fewer than 14 clean days before the start.
    ShortBaseline,
    /// Days of the campaign are missing.
    MissingDays,
}

/// Residuals are smaller than errors, since so many days' worth of freedom went into trend and week.
const FITTED: f64 = 12.0;
/// By so much a fit to four weeks hides the likeness of neighbouring days.
const HIDDEN_MEMORY: f64 = 0.1;

/// How much wider sums over days vary when neighbours are alike than when they are not: √((1 + ρ)/(1 − ρ)).
fn memory(residuals: &[f64]) -> f64 {
    let squares: f64 = residuals.iter().map(|r| r * r).sum();
    let neighbours: f64 = residuals.windows(2).map(|w| w[0] * w[1]).sum();
    let rho = (neighbours / squares.max(f64::MIN_POSITIVE) + HIDDEN_MEMORY).clamp(0.0, 0.6);
    ((1.0 + rho) / (1.0 - rho)).sqrt()
}

/// Followers beyond the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lift {
    /// Followers, with the 90 % interval.
    pub followers: Interval,
    /// What the baseline expected.
    pub expected: f64,
    /// What came.
    pub actual: f64,
    /// Control accounts whose lift was taken off; 0 where they are fewer than three.
    pub controls: usize,
}

impl Lift {
    /// The interval does not hold 0: then, and only then, a lift may be spoken of.
    pub fn is_claim(&self) -> bool {
        self.followers.low > 0.0 || self.followers.high < 0.0
    }
}

/// The lift from daily gains (followers gained on each day; days on which the source was down are absent), for a campaign from `start` to `end`.
/// Controls: gains of like accounts without the campaign; their relative lift, the median of them, is taken off.
pub fn follower_lift(
    gains: &BTreeMap<Day, f64>,
    start: Day,
    end: Day,
    controls: &[BTreeMap<Day, f64>],
    seed: u64,
) -> Result<Lift, NoClaim> {
    let own = Fit::of(gains, start, end)?;
    let others: Vec<Fit> = controls.iter().filter_map(|c| Fit::of(c, start, end).ok()).collect();
    let others = if others.len() >= CONTROLS { others } else { Vec::new() };
    // A control counts by its lift per expected follower, brought to the size of this account.
    let shared = |lifts: Vec<f64>| median(&lifts).unwrap_or(0.0) * own.expected;
    let relative = |fit: &Fit, lift: f64| lift / fit.expected.abs().max(1.0);
    let value = own.lift() - shared(others.iter().map(|o| relative(o, o.lift())).collect());
    let mut rng = Rng::new(seed);
    let errors: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mine = own.error(&mut rng);
            mine - shared(others.iter().map(|o| relative(o, o.error(&mut rng))).collect())
        })
        .collect();
    let side = (1.0 - LEVEL) / 2.0;
    let at = |q: f64| quantile(&errors, q).unwrap_or(0.0);
    let followers = Interval { value, low: value - at(1.0 - side), high: value - at(side) };
    Ok(Lift { followers, expected: own.expected, actual: own.actual, controls: others.len() })
}

/// A baseline: straight trend by Theil and Sen, times a factor for the day of the week.
#[derive(Clone, Debug)]
struct Baseline {
    slope: f64,
    height: f64,
    weekdays: [f64; 7],
}

impl Baseline {
    fn of(days: &[(Day, f64)], origin: Day) -> Option<Self> {
        let points: Vec<(f64, f64)> = days.iter().map(|(day, x)| (f64::from(day - origin), *x)).collect();
        let (slope, height) = theil_sen(&points)?;
        let mut this = Self { slope, height, weekdays: [1.0; 7] };
        let level = points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64;
        // Around zero a factor means nothing.
        if level > 0.0 {
            let mut sums = [(0.0, 0.0); 7];
            for (day, x) in days {
                let sum = &mut sums[day.rem_euclid(7) as usize];
                sum.0 += x;
                sum.1 += this.trend(*day, origin).max(0.0);
            }
            this.weekdays = sums.map(|(x, expected)| ((x + PRIOR_WEEKS * level) / (expected + PRIOR_WEEKS * level)).clamp(0.2, 5.0));
        }
        Some(this)
    }

    fn trend(&self, day: Day, origin: Day) -> f64 {
        self.height + self.slope * f64::from(day - origin)
    }

    fn at(&self, day: Day, origin: Day) -> f64 {
        self.trend(day, origin) * self.weekdays[day.rem_euclid(7) as usize]
    }
}

/// A baseline fitted to an account, with what it missed.
struct Fit {
    start: Day,
    days: Vec<Day>,
    fitted: Vec<f64>,
    residuals: Vec<f64>,
    measured: Vec<Day>,
    expected: f64,
    actual: f64,
}

impl Fit {
    fn of(gains: &BTreeMap<Day, f64>, start: Day, end: Day) -> Result<Self, NoClaim> {
        let before: Vec<(Day, f64)> = gains.range(start - BEFORE..start).map(|(d, x)| (*d, *x)).collect();
        if before.len() < LEAST {
            return Err(NoClaim::ShortBaseline);
        }
        let measured: Vec<Day> = gains.range(start..=end + AFTER).map(|(d, _)| *d).collect();
        if measured.len() as i64 != i64::from(end + AFTER) - i64::from(start) + 1 {
            return Err(NoClaim::MissingDays);
        }
        let baseline = Baseline::of(&before, start).ok_or(NoClaim::ShortBaseline)?;
        let fitted: Vec<f64> = before.iter().map(|(d, _)| baseline.at(*d, start)).collect();
        let n = before.len() as f64;
        let raw: Vec<f64> = before.iter().zip(&fitted).map(|((_, x), f)| x - f).collect();
        let mean = raw.iter().sum::<f64>() / n;
        let widen = (n / (n - FITTED)).sqrt() * memory(&raw);
        Ok(Self {
            start,
            days: before.iter().map(|b| b.0).collect(),
            residuals: raw.iter().map(|r| widen * (r - mean)).collect(),
            expected: measured.iter().map(|d| baseline.at(*d, start)).sum(),
            actual: measured.iter().filter_map(|d| gains.get(d)).sum(),
            fitted,
            measured,
        })
    }

    fn lift(&self) -> f64 {
        self.actual - self.expected
    }

    /// Residuals in blocks of a week, from anywhere in the series, around its end.
    fn blocks(&self, n: usize, rng: &mut Rng) -> Vec<f64> {
        let mut drawn = Vec::with_capacity(n + BLOCK);
        while drawn.len() < n {
            let from = rng.below(self.residuals.len());
            drawn.extend((0..BLOCK).map(|i| self.residuals[(from + i) % self.residuals.len()]));
        }
        drawn.truncate(n);
        drawn
    }

    /// How far a lift of nothing would be off, were the past and the future drawn again.
    fn error(&self, rng: &mut Rng) -> f64 {
        let past: Vec<(Day, f64)> =
            self.days.iter().zip(self.fitted.iter().zip(self.blocks(self.days.len(), rng))).map(|(d, (f, r))| (*d, f + r)).collect();
        let noise: f64 = self.blocks(self.measured.len(), rng).iter().sum();
        let again = Baseline::of(&past, self.start).map_or(self.expected, |b| self.measured.iter().map(|d| b.at(*d, self.start)).sum());
        self.expected + noise - again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gains(lift: f64, days: std::ops::Range<Day>) -> BTreeMap<Day, f64> {
        let mut rng = Rng::new(4);
        days.map(|day| {
            let base = (100.0 + 0.5 * f64::from(day)) * if day.rem_euclid(7) < 2 { 1.5 } else { 1.0 };
            (day, base + 5.0 * rng.normal() + if (28..35).contains(&day) { lift } else { 0.0 })
        })
        .collect()
    }

    #[test]
    fn a_strong_campaign_is_found_and_none_is_not() {
        let strong = follower_lift(&gains(80.0, 0..42), 28, 34, &[], 1).expect("enough days");
        assert!(strong.is_claim() && strong.followers.low < 560.0 && strong.followers.high > 560.0, "{strong:?}");
        assert!(!follower_lift(&gains(0.0, 0..42), 28, 34, &[], 1).expect("enough days").is_claim());
    }

    #[test]
    fn a_rise_that_all_have_is_no_lift() {
        let controls = [gains(80.0, 0..42), gains(80.0, 0..42), gains(80.0, 0..42)];
        let shared = follower_lift(&gains(80.0, 0..42), 28, 34, &controls, 1).expect("enough days");
        assert!(!shared.is_claim() && shared.controls == 3, "{shared:?}");
        // Two are too few to tell.
        assert_eq!(follower_lift(&gains(80.0, 0..42), 28, 34, &controls[..2], 1).expect("enough days").controls, 0);
    }

    #[test]
    fn too_few_days_are_no_claim() {
        assert_eq!(follower_lift(&gains(80.0, 15..42), 28, 34, &[], 1), Err(NoClaim::ShortBaseline));
        assert_eq!(follower_lift(&gains(80.0, 0..40), 28, 34, &[], 1), Err(NoClaim::MissingDays));
    }
}
