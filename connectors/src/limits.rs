//! How the networks' limits stand, out of the headers of their answers: [`crate::counted`] hands them to the caller's scheduler.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::LimitScope;

/// One limit as an answer told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What it counts.
    pub scope: LimitScope,
    /// Which of the scope's limits: an endpoint, a category or an account's id; empty if there is but one.
    pub name: String,
    /// How much is used, in per cent; may exceed 100.
    pub used_percent: u32,
    /// Calls left, where the network counts calls.
    pub remaining: Option<u64>,
    /// When it starts anew, or ends blocking; `None`: the network did not say.
    pub resets_at: Option<DateTime<Utc>>,
    /// When it was told.
    pub seen_at: DateTime<Utc>,
}

impl Limit {
    /// From this share on it is wise to slow down.
    pub const SLOW: u32 = 75;
    /// From this share on only what people wait for should be asked.
    pub const STOP: u32 = 95;

    /// A limit of so many calls of which so many are left.
    pub fn counted(
        scope: LimitScope,
        name: &str,
        limit: u64,
        remaining: u64,
        resets_at: Option<DateTime<Utc>>,
        seen_at: DateTime<Utc>,
    ) -> Self {
        let used = limit.saturating_sub(remaining);
        let used_percent = used.saturating_mul(100).checked_div(limit).map_or(100, |p| u32::try_from(p).unwrap_or(u32::MAX));
        Self { scope, name: name.to_owned(), used_percent, remaining: Some(remaining), resets_at, seen_at }
    }

    /// Until when to wait, if it is used up and not yet over.
    pub fn blocked_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let used_up = self.remaining == Some(0) || self.used_percent >= Self::STOP;
        self.resets_at.filter(|at| used_up && *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_limit_blocks_until_it_starts_anew() {
        let limit = |remaining| Limit::counted(LimitScope::App, "search", 450, remaining, Some(at(900)), at(0));
        assert_eq!((limit(450).used_percent, limit(225).used_percent, limit(0).used_percent), (0, 50, 100));
        assert_eq!(limit(0).blocked_until(at(1)), Some(at(900)));
        assert_eq!(limit(0).blocked_until(at(901)), None);
        assert_eq!(limit(225).blocked_until(at(1)), None);
        assert_eq!(Limit::counted(LimitScope::App, "", 0, 0, None, at(0)).used_percent, 100);
    }
}
