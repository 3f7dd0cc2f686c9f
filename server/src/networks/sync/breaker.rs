//! A network's host that fails for everybody is left alone for a while, and then tried by one. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::network_health;

/// So many passing failures in a row, of whatever account, and nobody asks any more.
pub const AFTER: i32 = 5;
/// How long the one that tries again keeps the others waiting.
pub const PROBE: Duration = Duration::minutes(2);

/// Until when nobody asks after so many failures in a row: a minute, two, four … at most half an hour.
pub fn shut_until(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let over = u32::try_from(failures - AFTER).ok()?;
    Some(now + Duration::minutes(2_i64.pow(over.min(5))).min(Duration::minutes(30)))
}

/// Whether a network may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// By everybody.
    Open,
    /// By one, to see.
    Probe,
    /// By nobody.
    Shut,
}

/// Reads it off the row.
pub fn state(row: Option<&network_health::Model>, now: DateTime<Utc>) -> State {
    match row {
        Some(row) if row.failures >= AFTER => match row.open_until {
            Some(until) if now < until => State::Shut,
            _ => State::Probe,
        },
        _ => State::Open,
    }
}

#[cfg(test)]
mod tests {
    use entity::enums::Network;
    use proptest::prelude::*;

    use super::*;

    fn row(failures: i32, open_until: Option<DateTime<Utc>>) -> network_health::Model {
        network_health::Model { failures, open_until, ..network_health::Model::bare(Network::X, "") }
    }

    proptest! {
        #[test]
        fn shut_after_some_failures_and_tried_by_one_later(failures in 0_i32..100) {
            let now = DateTime::from_timestamp(1_793_600_000, 0).unwrap();
            let until = shut_until(failures, now);
            prop_assert_eq!(until.is_some(), failures >= AFTER);
            let row = row(failures, until);
            match until {
                None => prop_assert_eq!(state(Some(&row), now), State::Open),
                Some(until) => {
                    prop_assert_eq!(state(Some(&row), now), State::Shut);
                    prop_assert_eq!(state(Some(&row), until), State::Probe);
                    prop_assert!(until <= now + Duration::minutes(30));
                }
            }
        }
    }

    #[test]
    fn a_network_of_which_nothing_is_known_may_be_asked() {
        assert_eq!(state(None, DateTime::UNIX_EPOCH), State::Open);
    }
}
