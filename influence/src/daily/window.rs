//! The decayed window (section 3.6): S = Σ λ^(observed days since d) x_d over the last 90 days, kept at O(1) per day and series.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    params::DayParams,
    types::{Class, Day, Kind},
};

/// What is summed by day. Network × kind × class × these aggregates over windows of 1, 7, 28 and 90 days is the feature tensor of section 3.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Effective actions of actors whose quality is known: Σ q g w (1 + ln n).
    Effective(Kind, Class),
    /// The same without q, of actors that nobody judged.
    Unjudged(Kind),
    /// Distinct actors.
    People(Kind, Class),
    /// Raw actions of known actors.
    Named(Kind),
    /// Raw actions by counters.
    Counter(Kind),
    /// Actions taken back.
    Purge(Kind),
    /// Raw actions by the counters of posts.
    PostCounter(Kind),
    /// What those counters lost.
    PostPurge(Kind),
    /// Posts published.
    Posts,
    /// Σ q w over distinct actors.
    Weight,
    /// Σ q over distinct actors, 1 for each that nobody judged.
    Actors,
    /// Σ q over judged actors.
    Quality,
    /// Judged actors.
    Judged,
    /// Σ q R × share rate over sharers: people reached at second hand.
    SecondHand,
    /// Effective actions of actors on whom the creator acts as well.
    Mutual,
}

/// Days of one series and their decayed sum.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ring {
    days: BTreeMap<Day, f64>,
    sum: f64,
}

/// All series of one account. The gaps are shared: a source that was down was down for all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    last: Option<Day>,
    first: Option<Day>,
    gaps: BTreeSet<Day>,
    #[serde(with = "crate::pairs")]
    rings: BTreeMap<Series, Ring>,
    since_rebuild: u8,
}

impl Window {
    /// The last day that was closed.
    pub fn last(&self) -> Option<Day> {
        self.last
    }

    /// Days observed within the window, up to the last one.
    pub fn observed(&self, params: &DayParams) -> u32 {
        let (Some(first), Some(last)) = (self.first, self.last) else { return 0 };
        let from = first.max(last - Day::from(params.window) + 1);
        let gaps = self.gaps.range(from..=last).count() as i64;
        (i64::from(last) - i64::from(from) + 1 - gaps).max(0) as u32
    }

    /// Days of the window on which the source was down.
    pub fn gaps(&self) -> usize {
        self.gaps.len()
    }

    /// Observed days after `day`, up to the last one: the age of what happened on it.
    fn age(&self, day: Day) -> i32 {
        let last = self.last.unwrap_or(day);
        if day >= last {
            return 0;
        }
        last - day - self.gaps.range(day + 1..=last).count() as i32
    }

    fn factor(&self, day: Day, params: &DayParams) -> f64 {
        0.5f64.powf(f64::from(self.age(day)) / params.half_life)
    }

    fn oldest(&self, params: &DayParams) -> Option<Day> {
        self.last.map(|last| last - Day::from(params.window) + 1)
    }

    /// Goes on to a day. A gap neither decays nor adds; what leaves the window is taken off as it then counts.
    pub fn advance(&mut self, to: Day, params: &DayParams) {
        let Some(last) = self.last else {
            (self.first, self.last) = (Some(to), Some(to));
            return;
        };
        // Far leaps need no steps: all days but the gaps decay alike.
        if to - last > Day::from(params.window) {
            self.last = Some(to);
            return self.rebuild(params);
        }
        for day in last + 1..=to {
            let leaving = day - Day::from(params.window);
            let left = self.factor(leaving, params);
            self.last = Some(day);
            let step = if self.gaps.contains(&day) { 1.0 } else { 0.5f64.powf(1.0 / params.half_life) };
            for ring in self.rings.values_mut() {
                if let Some(x) = ring.days.remove(&leaving) {
                    ring.sum -= x * left;
                }
                // Nothing left is exactly nothing.
                ring.sum = if ring.days.is_empty() { 0.0 } else { ring.sum * step };
            }
            self.since_rebuild += 1;
            if self.since_rebuild >= params.rebuild {
                self.rebuild(params);
            }
        }
        self.gaps = self.gaps.split_off(&(to - Day::from(params.window) + 1));
    }

    /// Sums anew from the days, so that rounding cannot add up over years.
    pub fn rebuild(&mut self, params: &DayParams) {
        self.since_rebuild = 0;
        if let Some(oldest) = self.oldest(params) {
            self.gaps = self.gaps.split_off(&oldest);
            for ring in self.rings.values_mut() {
                ring.days = ring.days.split_off(&oldest);
            }
        }
        self.rings.retain(|_, ring| !ring.days.is_empty());
        let sums: Vec<f64> = self.rings.values().map(|ring| ring.days.iter().map(|(day, x)| x * self.factor(*day, params)).sum()).collect();
        self.rings.values_mut().zip(sums).for_each(|(ring, sum)| ring.sum = sum);
    }

    /// The source was down on a day; a day of which there is something is none.
    pub fn gap(&mut self, day: Day, params: &DayParams) {
        if self.rings.values().all(|ring| !ring.days.contains_key(&day)) && self.gaps.insert(day) {
            self.rebuild(params);
        }
    }

    /// There is something of that day after all.
    pub fn seen(&mut self, day: Day, params: &DayParams) {
        self.first = self.first.map(|first| first.min(day));
        if self.gaps.remove(&day) {
            self.rebuild(params);
        }
    }

    /// Sets what a series has on a day. Days outside the window are left alone.
    pub fn set(&mut self, series: Series, day: Day, x: f64, params: &DayParams) {
        let inside = self.oldest(params).is_some_and(|oldest| day >= oldest) && Some(day) <= self.last;
        let old = self.rings.get(&series).and_then(|ring| ring.days.get(&day)).copied().unwrap_or(0.0);
        if !inside || x == old {
            return;
        }
        let factor = self.factor(day, params);
        let ring = self.rings.entry(series).or_default();
        if x == 0.0 {
            ring.days.remove(&day);
        } else {
            ring.days.insert(day, x);
        }
        ring.sum += (x - old) * factor;
    }

    /// Takes off a day what its single actions came to, before they are entered anew. What comes from the counters of posts stays.
    pub fn clear(&mut self, day: Day, params: &DayParams) {
        let theirs = |s: &Series| !matches!(s, Series::Posts | Series::PostCounter(_) | Series::PostPurge(_));
        let there: Vec<Series> = self.rings.iter().filter(|(s, ring)| theirs(s) && ring.days.contains_key(&day)).map(|(s, _)| *s).collect();
        there.into_iter().for_each(|series| self.set(series, day, 0.0, params));
    }

    /// Adds to what a series has on a day.
    pub fn add(&mut self, series: Series, day: Day, x: f64, params: &DayParams) {
        let old = self.rings.get(&series).and_then(|ring| ring.days.get(&day)).copied().unwrap_or(0.0);
        self.set(series, day, old + x, params);
    }

    /// The decayed sum of a series; never below 0, whatever rounding left.
    pub fn sum(&self, series: Series) -> f64 {
        self.rings.get(&series).map_or(0.0, |ring| ring.sum.max(0.0))
    }

    /// The plain sum of the last so many days.
    pub fn plain(&self, series: Series, days: i32) -> f64 {
        let Some(last) = self.last else { return 0.0 };
        self.rings.get(&series).map_or(0.0, |ring| ring.days.range(last - days + 1..=last).map(|(_, x)| x).sum())
    }

    /// One series over another, by day, for the days that have the other.
    pub fn ratios(&self, above: Series, below: Series) -> Vec<f64> {
        let Some(below) = self.rings.get(&below) else { return Vec::new() };
        let above = |day: &Day| self.rings.get(&above).and_then(|ring| ring.days.get(day)).copied().unwrap_or(0.0);
        below.days.iter().map(|(day, x)| above(day) / x).collect()
    }

    /// What a series had on each of some days.
    pub fn days(&self, series: Series, days: std::ops::RangeInclusive<Day>) -> impl Iterator<Item = (Day, f64)> + '_ {
        self.rings.get(&series).into_iter().flat_map(move |ring| ring.days.range(days.clone()).map(|(day, x)| (*day, *x)))
    }

    /// Gaps among some days.
    pub fn gaps_in(&self, days: std::ops::RangeInclusive<Day>) -> impl Iterator<Item = Day> + '_ {
        self.gaps.range(days).copied()
    }

    /// What a constant 1 a day would have summed to over the observed days: turns a decayed sum into a daily mean.
    pub fn weight(&self, params: &DayParams) -> f64 {
        let (Some(first), Some(last)) = (self.first, self.last) else { return 0.0 };
        let from = first.max(last - Day::from(params.window) + 1);
        (from..=last).filter(|day| !self.gaps.contains(day)).map(|day| self.factor(day, params)).sum()
    }

    /// The account's slice of the feature tensor (section 3.7): every series over 1, 7, 28 and 90 days, not decayed. What is 0 is left out.
    pub fn features(&self) -> Vec<(Series, i32, f64)> {
        let all = self.series().flat_map(|series| [1, 7, 28, 90].map(|days| (series, days, self.plain(series, days))));
        all.filter(|(_, _, x)| *x != 0.0).collect()
    }

    /// Every series there is something of.
    pub fn series(&self) -> impl Iterator<Item = Series> + '_ {
        self.rings.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::params::Params;

    /// The definition, summed directly.
    fn directly(days: &BTreeMap<Day, f64>, gaps: &BTreeSet<Day>, last: Day, params: &DayParams) -> f64 {
        days.iter()
            .filter(|(day, _)| **day > last - Day::from(params.window) && **day <= last)
            .map(|(day, x)| x * 0.5f64.powf(f64::from((day + 1..=last).filter(|d| !gaps.contains(d)).count() as i32) / params.half_life))
            .sum()
    }

    proptest! {
        #[test]
        fn step_by_step_is_the_definition(
            values in proptest::collection::vec(0.0f64..1e6, 1..400),
            gaps in proptest::collection::btree_set(0i32..400, 0..30),
            late in proptest::collection::vec((0i32..400, 0.0f64..1e6), 0..10),
        ) {
            let params = &Params::shipped().day;
            let mut window = Window::default();
            let mut days = BTreeMap::new();
            let gaps: BTreeSet<Day> = gaps.into_iter().filter(|day| *day > 0).collect();
            for (day, x) in (0..).zip(&values) {
                window.advance(day, params);
                if gaps.contains(&day) {
                    window.gap(day, params);
                } else {
                    window.set(Series::Posts, day, *x, params);
                    days.insert(day, *x);
                }
            }
            let last = values.len() as Day - 1;
            for (day, x) in late {
                if !gaps.contains(&day) && day <= last && day > last - 90 {
                    window.add(Series::Posts, day, x, params);
                    *days.entry(day).or_insert(0.0) += x;
                }
            }
            let expected = directly(&days, &gaps, last, params);
            prop_assert!((window.sum(Series::Posts) - expected).abs() <= 1e-6 * expected.max(1.0), "{} {expected}", window.sum(Series::Posts));
        }
    }

    #[test]
    fn a_gap_holds_and_a_quiet_day_decays() {
        let params = &Params::shipped().day;
        let mut window = Window::default();
        window.advance(0, params);
        window.set(Series::Posts, 0, 8.0, params);
        let mut quiet = window.clone();
        quiet.advance(30, params);
        assert!((quiet.sum(Series::Posts) - 4.0).abs() < 1e-9);
        assert_eq!(quiet.features(), [(Series::Posts, 90, 8.0)]);
        for day in 1..=30 {
            window.gap(day, params);
        }
        window.advance(30, params);
        assert!((window.sum(Series::Posts) - 8.0).abs() < 1e-9);
        assert_eq!(window.observed(params), 1);
        // The source comes back and tells of one of those days: it is none of the gaps any more.
        window.seen(30, params);
        assert_eq!(window.observed(params), 2);
    }

    #[test]
    fn nothing_is_left_of_what_left_the_window() {
        let params = &Params::shipped().day;
        let mut window = Window::default();
        window.advance(0, params);
        window.set(Series::Posts, 0, 8.0, params);
        window.advance(89, params);
        assert!((window.sum(Series::Posts) - 8.0 * 0.5f64.powf(89.0 / 30.0)).abs() < 1e-9);
        window.advance(90, params);
        assert_eq!(window.sum(Series::Posts), 0.0);
        window.advance(5_000, params);
        assert_eq!(window.series().count(), 0);
    }
}
