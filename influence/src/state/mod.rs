//! The state of a creator: everything the score needs, kept up to date event by event and day by day. It serialises, so that a server can store it.

mod account;
mod counters;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use account::{Account, AccountDay, PostState};

use crate::{
    daily::{Actors, DayResult},
    params::{FORMULA_VERSION, Params},
    score::{Facts, Score},
    types::{Day, Event, Network, day_of},
};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Taken in; counts when its day is closed.
    Taken,
    /// Older than the window.
    TooOld,
    /// No number, or a count below 0 where none can be.
    Refused,
}

/// A creator's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The version it was made with; a state of another version is built anew from events.
    pub version: String,
    closed: Option<Day>,
    accounts: BTreeMap<Network, Account>,
}

impl Default for State {
    fn default() -> Self {
        Self { version: FORMULA_VERSION.to_owned(), closed: None, accounts: BTreeMap::new() }
    }
}

impl State {
    /// Takes an event in. Order within a day is nothing, and what is told twice counts once.
    pub fn apply(&mut self, event: &Event, params: &Params) -> Applied {
        let (network, at) = event.place();
        // What is published or known for long may be told late; what happened may not.
        let dated = !matches!(event, Event::Post(_) | Event::FollowerMix(_) | Event::PostAverage(_));
        if dated && self.closed.is_some_and(|closed| day_of(at) <= closed - Day::from(params.day.window)) {
            return Applied::TooOld;
        }
        self.accounts.entry(network).or_default().apply(event)
    }

    /// Takes what a day's single actions came to in all, where they are tallied elsewhere (`hibiki-batch`); it replaces what the day had. Counts when the
    /// day is closed, or at the next close if it is closed already.
    pub fn tallied(&mut self, network: Network, day: Day, result: DayResult) {
        self.accounts.entry(network).or_default().tallied(day, result);
    }

    /// Closes a day, and every one before it that is open. `actors` answers for those who acted.
    pub fn close(&mut self, day: Day, actors: &impl Actors, params: &Params) {
        self.closed = Some(self.closed.map_or(day, |closed| closed.max(day)));
        for (network, account) in &mut self.accounts {
            account.close(*network, day, actors, params);
        }
    }

    /// The last closed day.
    pub fn closed(&self) -> Option<Day> {
        self.closed
    }

    /// The account on a network.
    pub fn account(&self, network: Network) -> Option<&Account> {
        self.accounts.get(&network)
    }

    /// What the score is made from, by network: the inputs to store beside it.
    pub fn facts(&self, params: &Params) -> Vec<Facts> {
        let Some(day) = self.closed else { return Vec::new() };
        self.accounts.iter().filter_map(|(network, account)| account.facts(*network, day, params)).collect()
    }

    /// The score of the last closed day; `None`: nothing is known, which is not 0.
    pub fn score(&self, params: &Params) -> Option<Score> {
        Score::of(&self.facts(params), params)
    }
}
