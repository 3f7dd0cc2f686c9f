//! What a network allows us in all, and how what was used comes back. Pure.

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc};
use entity::enums::{Network, SyncKind};

use super::rules::{FIGURES_A_TURN, next_midnight, priority};
use crate::config::SyncConfig;

/// How a used-up allowance comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refill {
    /// Evenly: an empty bucket is full after so many seconds.
    Steady(i64),
    /// All at once at midnight of a zone.
    Daily(chrono_tz::Tz),
    /// All at once with the month, in UTC.
    Monthly,
}

/// A limit on all that this installation asks of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted; with the network the bucket's key.
    pub name: &'static str,
    /// How much fits.
    pub capacity: i64,
    /// How it comes back.
    pub refill: Refill,
}

/// What is left, in thousandths, and when that was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// In thousandths; below zero after more was used than was reckoned.
    pub left_milli: i64,
    /// When.
    pub as_of: DateTime<Utc>,
}

const MILLI: i64 = 1000;

fn next_month(now: DateTime<Utc>) -> DateTime<Utc> {
    let (year, month) = if now.month() == 12 { (now.year() + 1, 1) } else { (now.year(), now.month() + 1) };
    Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single().unwrap_or(now + Duration::days(31))
}

impl Allowance {
    fn full(&self) -> i64 {
        self.capacity.clamp(0, 1_000_000_000_000) * MILLI
    }

    /// A bucket that nobody has used.
    pub fn fresh(&self, now: DateTime<Utc>) -> Level {
        Level { left_milli: self.full(), as_of: now }
    }

    /// What is left now.
    pub fn at(&self, level: Level, now: DateTime<Utc>) -> Level {
        // A clock that goes back gives nothing twice.
        if now <= level.as_of {
            return Level { left_milli: level.left_milli.min(self.full()), ..level };
        }
        let left = match self.refill {
            Refill::Steady(seconds) => {
                let gone = i128::from((now - level.as_of).num_milliseconds().max(0));
                let back = gone * i128::from(self.full()) / (i128::from(seconds.max(1)) * 1000);
                level.left_milli.saturating_add(i64::try_from(back).unwrap_or(i64::MAX))
            }
            Refill::Daily(zone) if next_midnight(zone, level.as_of) <= now => self.full(),
            Refill::Monthly if next_month(level.as_of) <= now => self.full(),
            Refill::Daily(_) | Refill::Monthly => level.left_milli,
        };
        Level { left_milli: left.min(self.full()), as_of: now }
    }

    /// Takes `amount` and leaves at least `reserve` per cent, or says when that will be possible.
    pub fn take(&self, level: Level, amount: i64, reserve: i64, now: DateTime<Utc>) -> Result<Level, DateTime<Utc>> {
        let level = self.at(level, now);
        let amount = amount.max(0).saturating_mul(MILLI);
        let kept = self.full() / 100 * reserve.clamp(0, 100);
        let missing = amount + kept - level.left_milli;
        // What is more than fits can only be taken from a full bucket; from one that holds nothing, never.
        let whole = self.full() > 0 && amount + kept > self.full() && level.left_milli == self.full();
        if missing <= 0 || whole {
            return Ok(Level { left_milli: level.left_milli - amount, ..level });
        }
        Err(match self.refill {
            Refill::Steady(seconds) => {
                let wait = i128::from(missing) * i128::from(seconds.max(1)) * 1000 / i128::from(self.full().max(1)) + 1;
                now + Duration::milliseconds(i64::try_from(wait).unwrap_or(86_400_000).min(seconds.max(1) * 1000 + 1))
            }
            Refill::Daily(zone) => next_midnight(zone, now),
            Refill::Monthly => next_month(now),
        })
    }

    /// As if `amount` more (or less, below zero) had been taken.
    pub fn corrected(&self, level: Level, amount: i64) -> Level {
        Level { left_milli: level.left_milli.saturating_sub(amount.saturating_mul(MILLI)).min(self.full()), ..level }
    }
}

/// How much is kept back for those who go before, in per cent.
pub fn reserve(of: i32) -> i64 {
    match of {
        ..=priority::STORY => 0,
        priority::BACKFILL.. => 30,
        _ => 10,
    }
}

/// X sells by the piece: a post read for half a cent, a user for one. Counted in tenths of a cent.
const X_POST: i64 = 5;
const X_USER: i64 = 10;
/// So many posts an X page is reckoned to have until it is read.
const X_PAGE: i64 = 40;

/// What an app may ask of a network in all.
pub fn of(network: Network, config: &SyncConfig) -> Option<Allowance> {
    let calls = |name, capacity: u32, refill| Allowance { name, capacity: capacity.into(), refill };
    Some(match network {
        Network::Youtube => calls("units", config.youtube_units_per_day, Refill::Daily(chrono_tz::America::Los_Angeles)),
        Network::X => calls("tenths_of_a_cent", config.x_cents_per_month.saturating_mul(10), Refill::Monthly),
        Network::Tiktok => a_minute("calls", config.tiktok_calls_per_minute),
        Network::Twitch => a_minute("points", config.twitch_points_per_minute),
        Network::Reddit => a_minute("calls", config.reddit_calls_per_minute),
        Network::Pinterest => calls("calls", config.pinterest_calls_per_day, Refill::Daily(chrono_tz::Tz::UTC)),
        _ => return None,
    })
}

/// How many searches, where a network counts those for themselves.
pub fn searches(network: Network, config: &SyncConfig) -> Option<Allowance> {
    let capacity = config.youtube_searches_per_day.into();
    let daily = Refill::Daily(chrono_tz::America::Los_Angeles);
    (network == Network::Youtube).then_some(Allowance { name: "searches", capacity, refill: daily })
}

/// So many in any minute. A bucket gives what it holds and what comes back meanwhile: it holds a tenth, and gets the rest within the minute.
fn a_minute(name: &'static str, most: u32) -> Allowance {
    let most = i64::from(most);
    let capacity = (most / 10).max(most.min(1));
    let rest = (most - capacity).max(1);
    Allowance { name, capacity, refill: Refill::Steady((60 * capacity + rest - 1) / rest) }
}

/// What is asked outside of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Somebody links an account: whose it is, what it is, and that the network shall tell of it.
    Link,
    /// A public account by its handle.
    Lookup,
    /// A search by a hashtag.
    Search,
}

/// What it takes of the network's allowance, at most.
pub fn asking(network: Network, what: Ask) -> i64 {
    match (network, what) {
        (Network::X, Ask::Link) => 2 * X_USER,
        (Network::X, Ask::Lookup) => X_USER,
        (Network::X, Ask::Search) => X_POST * X_PAGE,
        (Network::Twitch, Ask::Link) => 7,
        (_, Ask::Link) | (Network::Twitch, Ask::Lookup) => 2,
        (_, Ask::Lookup | Ask::Search) => 1,
    }
}

/// What such a question took beyond that, below zero if less; by the same rules as [`correction`].
pub fn asked_more(network: Network, what: Ask, calls: u32, items: Option<i64>) -> i64 {
    let kind = if what == Ask::Search { SyncKind::Posts } else { SyncKind::Profile };
    correction(network, kind, asking(network, what), calls, items)
}

/// The allowance that one reading of a kind uses, and how much of it at most, before it is known how much there is.
pub fn cost(network: Network, kind: SyncKind, config: &SyncConfig) -> Option<(Allowance, i64)> {
    let posts = i64::try_from(FIGURES_A_TURN).unwrap_or(i64::MAX);
    let reckoned = match (network, kind) {
        (Network::Youtube, SyncKind::Profile) => 1,
        (Network::Youtube, SyncKind::Posts | SyncKind::Backfill) => 3,
        // A page under each, and further ones.
        (Network::Youtube, SyncKind::Comments) => 10,
        // Analytics have a budget of their own.
        (Network::Youtube, _) => return None,
        (Network::X, SyncKind::Profile) => X_USER,
        (Network::X, _) => X_POST * X_PAGE,
        (Network::Tiktok, SyncKind::PostFigures) => posts / 20,
        (Network::Twitch, SyncKind::Grant) => 1,
        (Network::Twitch, _) => 3,
        // One by one.
        (Network::Pinterest, SyncKind::PostFigures) => posts,
        // Two windows, and where they are refused what kind of account it is.
        (Network::Pinterest, SyncKind::Insights) => 4,
        _ => 1,
    };
    of(network, config).map(|allowance| (allowance, reckoned))
}

/// What a reading took beyond the `reckoned`, below zero if less: by the `calls` that were counted, at X by the `items` that came back, none if it failed.
pub fn correction(network: Network, kind: SyncKind, reckoned: i64, calls: u32, items: Option<i64>) -> i64 {
    match (network, kind, items) {
        // X sells what it gives; what a failure has cost is not known.
        (Network::X, SyncKind::Profile, _) | (Network::X, _, None) => 0,
        (Network::X, _, Some(items)) => X_POST * (items - X_PAGE),
        _ => i64::from(calls) - reckoned,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000 + seconds, 0).unwrap()
    }

    fn refills() -> impl Strategy<Value = Refill> {
        prop_oneof![
            (1_i64..100_000).prop_map(Refill::Steady),
            Just(Refill::Daily(chrono_tz::America::Los_Angeles)),
            Just(Refill::Daily(chrono_tz::Tz::UTC)),
            Just(Refill::Monthly),
        ]
    }

    #[test]
    fn a_days_units_are_back_at_midnight_and_not_before() {
        let units = Allowance { name: "units", capacity: 10_000, refill: Refill::Daily(chrono_tz::America::Los_Angeles) };
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-23T09:00:00Z");
        let used = units.take(units.fresh(now), 10_000, 0, now).unwrap();
        assert_eq!(units.take(used, 1, 0, at("2026-11-24T07:59:59Z")), Err(at("2026-11-24T08:00:00Z")));
        assert_eq!(units.take(used, 1, 0, at("2026-11-24T08:00:00Z")).map(|level| level.left_milli), Ok(9_999_000));
        let some = units.take(units.fresh(now), 500, 0, now).unwrap();
        assert!(units.take(some, 9_000, 10, now).is_err(), "a tenth is for those who wait");
        assert!(units.take(some, 9_000, 0, now).is_ok());
    }

    #[test]
    fn a_months_money_is_a_ceiling() {
        let config = SyncConfig { x_cents_per_month: 100, ..SyncConfig::default() };
        let (money, reckoned) = cost(Network::X, SyncKind::Posts, &config).unwrap();
        let now = at(0);
        let mut level = money.fresh(now);
        let mut pages = 0;
        while let Ok(next) = money.take(level, reckoned, 0, now) {
            // Each page had a hundred posts, more than was reckoned.
            level = money.corrected(next, correction(Network::X, SyncKind::Posts, reckoned, 1, Some(100)));
            pages += 1;
        }
        assert!(pages <= 2, "a dollar buys 200 posts: {pages} pages");
        assert!(money.take(level, 1, 0, now + Duration::days(40)).is_ok());
    }

    #[test]
    fn what_is_not_allowed_at_all_is_never_taken() {
        let config = SyncConfig { x_cents_per_month: 0, ..SyncConfig::default() };
        let (money, reckoned) = cost(Network::X, SyncKind::Profile, &config).unwrap();
        assert!(money.take(money.fresh(at(0)), reckoned, 0, at(0)).is_err());
    }

    proptest! {
        #[test]
        fn in_no_minute_more_than_the_network_allows(most in 1_u32..2_000, steps in prop::collection::vec((0_i64..30_000, 1_i64..5), 1..400)) {
            let allowance = a_minute("calls", most);
            let (mut now, mut level) = (at(0), allowance.fresh(at(0)));
            let mut taken: Vec<(DateTime<Utc>, i64)> = Vec::new();
            for (pass, amount) in steps {
                now += Duration::milliseconds(pass);
                let amount = amount.min(allowance.capacity);
                if let Ok(next) = allowance.take(level, amount, 0, now) {
                    level = next;
                    taken.push((now, amount));
                }
                let minute: i64 = taken.iter().filter(|(then, _)| now - *then < Duration::minutes(1)).map(|(_, amount)| amount).sum();
                prop_assert!(minute <= most.into(), "{minute} of {most}");
            }
        }

        #[test]
        fn no_more_than_fits_and_nothing_twice(refill in refills(), capacity in 10_i64..100_000, steps in prop::collection::vec((0_i64..100_000, 0_i64..1_000, 0_i64..40), 1..50)) {
            let allowance = Allowance { name: "x", capacity, refill };
            let (mut now, mut level, mut taken) = (at(0), allowance.fresh(at(0)), 0_i64);
            for (pass, amount, reserve) in steps {
                let amount = amount % (capacity / 2);
                now += Duration::seconds(pass);
                match allowance.take(level, amount, reserve, now) {
                    Ok(next) => {
                        taken += amount;
                        level = next;
                    }
                    Err(when) => {
                        prop_assert!(when > now);
                        prop_assert!(allowance.take(level, amount, reserve, when).is_ok(), "then it is possible");
                    }
                }
                prop_assert!(level.left_milli <= capacity * 1000);
            }
            // Over all: what fitted at first and what came back meanwhile.
            let gone = (now - at(0)).num_seconds();
            let back = match refill {
                Refill::Steady(seconds) => capacity * gone / seconds + 1,
                Refill::Daily(_) => capacity * (gone / 82_800 + 1),
                Refill::Monthly => capacity * (gone / (28 * 86_400) + 1),
            };
            prop_assert!(taken <= capacity + back, "{taken} of {capacity}, {back} back");
        }

        #[test]
        fn a_clock_that_goes_back_gives_nothing(refill in refills(), used in 0_i64..1_000, back in 0_i64..1_000_000) {
            let allowance = Allowance { name: "x", capacity: 1_000, refill };
            let level = allowance.take(allowance.fresh(at(0)), used, 0, at(0)).unwrap();
            prop_assert_eq!(allowance.at(level, at(-back)).left_milli, level.left_milli);
        }
    }
}
