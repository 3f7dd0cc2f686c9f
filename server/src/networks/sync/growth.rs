//! Growth is derived from readings: no network tells the history of followers of all. Pure.

use chrono::{Days, NaiveDate};

/// How followers changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Over so many days, as asked.
    pub days: u32,
    /// The reading that is compared with: its day and figure.
    pub from: (NaiveDate, i64),
    /// The latest reading.
    pub to: (NaiveDate, i64),
}

impl Growth {
    /// How many more; below zero if there are fewer.
    pub fn change(&self) -> i64 {
        self.to.1 - self.from.1
    }

    /// In hundredths of a per cent of what there was; none of nothing.
    pub fn basis_points(&self) -> Option<i64> {
        (self.from.1 > 0).then(|| i64::try_from(i128::from(self.change()) * 10_000 / i128::from(self.from.1)).unwrap_or(i64::MAX))
    }
}

/// From the last reading before the span began, the oldest first. None where there is no such reading: a shorter span would be another
/// figure, and a guess would be none.
pub fn growth(readings: &[(NaiveDate, Option<i64>)], days: u32) -> Option<Growth> {
    let known: Vec<(NaiveDate, i64)> = readings.iter().filter_map(|(day, n)| Some((*day, (*n)?))).collect();
    let to = *known.last()?;
    let since = to.0.checked_sub_days(Days::new(days.into()))?;
    // An older reading than twice the span says nothing about it.
    let oldest = since.checked_sub_days(Days::new(days.into()))?;
    let from = *known.iter().rev().find(|(day, _)| *day <= since).filter(|(day, _)| *day > oldest)?;
    Some(Growth { days, from, to })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(n)
    }

    #[test]
    fn compared_with_the_last_reading_before_the_span() {
        let readings = [(day(0), Some(100)), (day(22), Some(110)), (day(25), None), (day(30), Some(99))];
        let week = growth(&readings, 7).unwrap();
        assert_eq!((week.from, week.change(), week.basis_points()), ((day(22), 110), -11, Some(-1_000)));
        assert_eq!(growth(&readings, 30).unwrap().change(), -1);
        assert_eq!(growth(&readings, 90), None, "there was no reading then");
        assert_eq!(growth(&readings[1..], 30), None);
        assert_eq!(growth(&[(day(0), Some(0)), (day(7), Some(5))], 7).unwrap().basis_points(), None);
        assert_eq!(growth(&[(day(0), Some(1)), (day(90), Some(5))], 7), None, "an old reading says nothing about a week");
    }

    proptest! {
        #[test]
        fn changes_add_up(counts in prop::collection::vec(0_i64..1_000_000, 61)) {
            let readings: Vec<_> = counts.iter().enumerate().map(|(n, count)| (day(n as u64), Some(*count))).collect();
            let month = growth(&readings, 30).unwrap().change();
            let before = growth(&readings[..31], 30).unwrap().change();
            prop_assert_eq!(before + month, growth(&readings, 60).unwrap().change());
        }
    }
}
