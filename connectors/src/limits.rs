//! How the networks' limits stand, out of the headers of their answers. Connectors note it; the caller's scheduler reads it.

use std::{
    collections::{BTreeSet, HashMap, VecDeque, hash_map::Entry},
    sync::{Mutex, PoisonError},
};

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

/// The latest word on each limit.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    latest: HashMap<(LimitScope, String), Limit>,
    /// What was told, and when; a later word on the same limit stands behind.
    told: VecDeque<(DateTime<Utc>, LimitScope, String)>,
}

impl Ledger {
    /// A network that names ever new limits fills no memory.
    const MOST: usize = 20_000;

    /// Keeps what an answer told.
    pub fn note(&self, limits: impl IntoIterator<Item = Limit>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for limit in limits {
            known.told.push_back((limit.seen_at, limit.scope, limit.name.clone()));
            known.latest.insert((limit.scope, limit.name.clone()), limit);
            if known.told.len() > Self::MOST
                && let Some((at, scope, name)) = known.told.pop_front()
                && let Entry::Occupied(old) = known.latest.entry((scope, name))
                && old.get().seen_at == at
            {
                old.remove();
            }
        }
    }

    /// The limits that were told since then, each as it was told last; all that are known without a time. Looks at no more than was told
    /// since.
    pub fn since(&self, at: Option<DateTime<Utc>>) -> Vec<Limit> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = known.told.iter().rev().take_while(|(told, ..)| at.is_none_or(|at| *told >= at));
        let keys: BTreeSet<_> = recent.map(|(_, scope, name)| (*scope, name)).collect();
        keys.into_iter().filter_map(|(scope, name)| known.latest.get(&(scope, name.clone())).cloned()).collect()
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

    #[test]
    fn the_latest_word_counts() {
        let ledger = Ledger::default();
        ledger.note([Limit::counted(LimitScope::App, "a", 10, 9, None, at(0)), Limit::counted(LimitScope::User, "a", 10, 1, None, at(0))]);
        ledger.note([Limit::counted(LimitScope::App, "a", 10, 8, None, at(1))]);
        let all = ledger.since(None);
        assert_eq!((all.len(), all[0].remaining, all[1].remaining), (2, Some(8), Some(1)));
        let late = ledger.since(Some(at(1)));
        assert_eq!((late.len(), late[0].remaining), (1, Some(8)));
        // What was told long ago and again is kept; what was told long ago alone is forgotten.
        ledger.note((0..Ledger::MOST as i64 - 1).map(|n| Limit::counted(LimitScope::Account, &n.to_string(), 10, 9, None, at(2))));
        assert_eq!(ledger.since(None).len(), Ledger::MOST, "the newer word on a stands, the older and that of the user do not");
    }
}
