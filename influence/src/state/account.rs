//! One account of a creator: its posts, its counters by day, its open days and its window.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Applied,
    counters::{Deltas, deltas, newest},
};
use crate::{
    daily::{Acted, Actors, DayResult, Series, Tally, Window},
    growth,
    math::stats::median,
    params::Params,
    reach::{self, Seen},
    score::Facts,
    types::{AccountSnapshot, Counters, DAY, Day, Event, FollowerMix, Format, Kind, Millis, Network, Post, PostAverage, PostId, day_of},
};

/// A post with its counters by day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PostState {
    /// What is known of it; a snapshot can come first.
    pub post: Option<Post>,
    snapshots: BTreeMap<Day, (Millis, Counters)>,
    acted: BTreeMap<Day, Acted>,
}

impl PostState {
    /// Its newest counters.
    pub fn counters(&self) -> Counters {
        newest(&self.snapshots)
    }

    fn last_touched(&self) -> Option<Day> {
        let days = [self.snapshots.keys().next_back(), self.acted.keys().next_back()];
        days.into_iter().flatten().copied().chain(self.post.as_ref().map(|p| day_of(p.published_at))).max()
    }
}

/// An account's counters on a day: the last reading of it.
pub type AccountDay = AccountSnapshot;

/// One account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    window: Window,
    open: BTreeMap<Day, Tally>,
    posts: BTreeMap<PostId, PostState>,
    days: BTreeMap<Day, AccountDay>,
    average: Option<PostAverage>,
    mix: Option<FollowerMix>,
    gone_since: Option<Day>,
    /// Days said to be gaps that the window has not reached yet.
    gaps: BTreeSet<Day>,
    /// Counters changed since the last close.
    recount: bool,
    /// The last day whose single actions were let go.
    folded: Option<Day>,
    /// Days whose single actions were tallied elsewhere, until the next close.
    #[serde(skip)]
    tallied: BTreeMap<Day, DayResult>,
}

/// The order of two readings of one day: the later one stands, and of two at the same instant the greater.
fn later<T: PartialOrd>(at: Millis, value: &T, than_at: Millis, than: &T) -> bool {
    at > than_at || (at == than_at && value > than)
}

impl Account {
    pub(super) fn apply(&mut self, event: &Event) -> Applied {
        match event {
            Event::Interaction(i) => {
                if !i.n.is_finite() || i.n == 0.0 {
                    return Applied::Refused;
                }
                self.open.entry(day_of(i.ts)).or_default().take(i);
            }
            Event::Post(post) => {
                let held = self.posts.entry(post.id).or_default();
                if held.post.is_none() {
                    self.mark(day_of(post.published_at));
                }
                // Told again with other words: the greater text stands, so that order is nothing.
                let greater = |p: &Post| (p.published_at, p.format, p.boosted, p.sponsored, p.hidden_likes);
                let held = self.posts.entry(post.id).or_default();
                if held.post.as_ref().is_none_or(|h| greater(post) > greater(h)) {
                    held.post = Some(post.clone());
                    self.recount = true;
                    // Inferred actions count by delay since publication.
                    self.open.values_mut().for_each(|tally| tally.changed = true);
                }
            }
            Event::PostSnapshot(s) => {
                if s.counters.actions().iter().any(|(_, n)| n.is_some_and(|n| n < 0)) {
                    return Applied::Refused;
                }
                let held = self.posts.entry(s.post).or_default().snapshots.entry(day_of(s.at)).or_insert((Millis::MIN, s.counters));
                if later(s.at, &s.counters, held.0, &held.1) {
                    *held = (s.at, s.counters);
                    self.recount = true;
                    self.mark(day_of(s.at));
                }
            }
            Event::AccountSnapshot(a) => {
                if a.followers < 0 || a.following.is_some_and(|n| n < 0) || a.listed.is_some_and(|n| n < 0) {
                    return Applied::Refused;
                }
                let day = day_of(a.at);
                let value = |a: &AccountSnapshot| (!a.gone, a.followers, a.following, a.listed, a.audience_country);
                if self.days.get(&day).is_none_or(|held| later(a.at, &value(a), held.at, &value(held))) {
                    self.days.insert(day, *a);
                    self.mark(day);
                    let mut after_all = self.days.iter().rev().take_while(|(_, a)| a.gone).map(|(day, _)| *day);
                    let last = after_all.next();
                    self.gone_since = after_all.last().or(last);
                }
            }
            Event::PostAverage(a) => {
                let key = |a: &PostAverage| (a.at, a.counters, a.format);
                if self.average.as_ref().is_none_or(|held| key(a) > key(held)) {
                    self.average = Some(*a);
                }
            }
            Event::FollowerMix(m) => {
                let shares = [m.real, m.influencer, m.mass, m.suspicious];
                if shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (shares.iter().sum::<f64>() - 1.0).abs() > 0.01 {
                    return Applied::Refused;
                }
                if self.mix.as_ref().is_none_or(|held| (m.at, m.suspicious.to_bits()) > (held.at, held.suspicious.to_bits())) {
                    self.mix = Some(*m);
                }
            }
            Event::Gap { at, .. } => {
                self.gaps.insert(day_of(*at));
            }
        }
        Applied::Taken
    }

    pub(super) fn tallied(&mut self, day: Day, result: DayResult) {
        self.tallied.insert(day, result);
    }

    /// There is something of that day, so it is no gap.
    fn mark(&mut self, day: Day) {
        self.open.entry(day).or_default().changed = true;
    }

    pub(super) fn close(&mut self, network: Network, day: Day, actors: &impl Actors, params: &Params) {
        let window = Day::from(params.day.window);
        for gap in std::mem::take(&mut self.gaps) {
            if gap <= day && !self.open.contains_key(&gap) {
                self.window.gap(gap, &params.day);
            } else if gap > day {
                self.gaps.insert(gap);
            }
        }
        self.window.advance(day, &params.day);
        let from = day - window + 1;
        let published: BTreeMap<PostId, Millis> =
            self.posts.iter().filter_map(|(id, p)| p.post.as_ref().map(|p| (*id, p.published_at))).collect();
        let keep = day - Day::from(params.day.grace);
        let later = self.open.split_off(&(day + 1));
        for (on, mut tally) in std::mem::replace(&mut self.open, later) {
            // The single actions of this day were let go: what is new of it is added, not set.
            let folded = self.folded.is_some_and(|folded| on <= folded);
            if std::mem::take(&mut tally.changed) && on >= from {
                self.window.seen(on, &params.day);
                let result = tally.close(network, on, actors, |id| published.get(&id).copied(), params);
                self.enter(on, result, folded, params);
            }
            if on > keep {
                self.open.insert(on, tally);
            }
        }
        let later = self.tallied.split_off(&(day + 1));
        for (on, result) in std::mem::replace(&mut self.tallied, later).into_iter().filter(|(on, _)| *on >= from) {
            self.window.seen(on, &params.day);
            self.enter(on, result, false, params);
        }
        self.folded = self.folded.max(Some(keep));
        if std::mem::take(&mut self.recount) {
            self.recount_posts(from, day, params);
        }
        self.forget(from);
    }

    /// Writes a day's result. Counters of posts are added by `recount_posts`, which knows all of them.
    fn enter(&mut self, day: Day, result: DayResult, folded: bool, params: &Params) {
        if !folded {
            self.window.clear(day, &params.day);
        }
        for (series, x) in result.series {
            if folded {
                self.window.add(series, day, x, &params.day);
            } else {
                self.window.set(series, day, x, &params.day);
            }
        }
        for (id, acted) in result.posts {
            let held = self.posts.entry(id).or_default().acted.entry(day).or_default();
            *held = if folded { held.plus(acted) } else { acted };
        }
    }

    /// Sets the series that come from all posts at once.
    fn recount_posts(&mut self, from: Day, to: Day, params: &Params) {
        let mut all = Deltas::new();
        let mut published: BTreeMap<Day, f64> = BTreeMap::new();
        for held in self.posts.values() {
            let at = held.post.as_ref().map(|p| p.published_at);
            deltas(&held.snapshots, at, from, &mut all);
            if let Some(at) = at {
                *published.entry(day_of(at)).or_insert(0.0) += 1.0;
            }
        }
        for (day, n) in published.range(from..=to) {
            self.window.seen(*day, &params.day);
            self.window.set(Series::Posts, *day, *n, &params.day);
        }
        for ((day, kind), (gained, lost)) in all.into_iter().filter(|((day, _), _)| (from..=to).contains(day)) {
            self.window.set(Series::PostCounter(kind), day, gained as f64, &params.day);
            self.window.set(Series::PostPurge(kind), day, lost as f64, &params.day);
        }
    }

    /// Lets go of what left the window. The newest snapshot before it stays, as the base of the next difference.
    fn forget(&mut self, from: Day) {
        self.posts.retain(|_, held| held.last_touched().is_some_and(|day| day >= from));
        for held in self.posts.values_mut() {
            if let Some(base) = held.snapshots.range(..from).next_back().map(|(day, _)| *day) {
                held.snapshots = held.snapshots.split_off(&base);
            }
            held.acted = held.acted.split_off(&from);
        }
        if let Some(base) = self.days.range(..=from).next_back().map(|(day, _)| *day) {
            self.days = self.days.split_off(&base);
        }
    }

    /// The account's readings by day.
    pub fn days(&self) -> &BTreeMap<Day, AccountDay> {
        &self.days
    }

    /// Its posts.
    pub fn posts(&self) -> impl Iterator<Item = &PostState> {
        self.posts.values()
    }

    /// Its window.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// What the score needs; `None`: nothing is known, or the account is gone for too long.
    pub(super) fn facts(&self, network: Network, day: Day, params: &Params) -> Option<Facts> {
        if self.gone_since.is_some_and(|gone| day - gone >= params.score.gone_days) {
            return None;
        }
        let now = Millis::from(day + 1) * DAY;
        let account = self.days.range(..=day).rfind(|(_, a)| !a.gone).map(|(_, a)| a);
        let unexplained = growth::unexplained(self, day, params);
        let quality = self.quality(params);
        let count = |n: Option<i64>| n.map(|n| n as f64);
        let mut facts = Facts {
            network,
            day,
            followers: account.map(|a| a.followers as f64),
            following: account.and_then(|a| count(a.following)),
            listed: account.and_then(|a| count(a.listed)),
            country: account.and_then(|a| a.audience_country).map(|c| String::from_utf8_lossy(&c).into_owned()),
            mix: self.mix,
            unexplained,
            quality,
            observed_days: self.window.observed(&params.day),
            gap_days: self.window.gaps() as u32,
            ..Facts::empty(network, day)
        };
        facts.actions = Kind::ALL.into_iter().map(|kind| (kind, self.actions(kind, quality, params))).filter(|(_, n)| *n > 0.0).collect();
        facts.posts = self.window.sum(Series::Posts);
        let weight = self.window.weight(&params.day);
        let known: Vec<&PostState> = self.posts.values().filter(|p| p.post.as_ref().is_some_and(|p| p.published_at < now)).collect();
        if facts.posts > 0.0 && weight > 0.0 {
            facts.cadence = Some(7.0 * facts.posts / weight);
        }
        let last = known.iter().filter_map(|p| p.post.as_ref().map(|p| p.published_at)).max();
        facts.idle_days = last.map(|at| (now - at) as f64 / DAY as f64);
        let unknown_sharers = quality * (self.unnamed(Kind::Share) + self.unnamed(Kind::Quote));
        let each = params.network(network).median_reach * params.score.share_rate;
        facts.second_hand = self.window.sum(Series::SecondHand) + unknown_sharers * each;
        let actors = self.window.sum(Series::Actors);
        // A few actors are chance: the network's mean counts as so many more.
        let prior = params.score.prior_actors;
        let usual = params.network(network).actor_weight;
        facts.actor_weight = (actors > 0.0).then(|| (self.window.sum(Series::Weight) + prior * usual) / (actors + prior));
        let effective: f64 = facts.actions.values().sum();
        facts.mutual = if effective > 0.0 { (self.window.sum(Series::Mutual) / effective).min(1.0) } else { 0.0 };
        let counted = self.posts.values().any(|p| !p.snapshots.is_empty());
        let seen: Vec<Seen> = known.iter().filter_map(|held| self.seen(held, now, quality, counted)).collect();
        facts.reach = reach::observed(&seen, &facts, params);
        if seen.is_empty() && facts.posts == 0.0 {
            self.stand_in(&mut facts, params);
        }
        (facts.followers.is_some() || facts.reach.is_some() || !facts.actions.is_empty()).then_some(facts)
    }

    /// Decayed effective actions of a kind: those of judged actors, and the rest at the creator's mean quality.
    fn actions(&self, kind: Kind, quality: f64, params: &Params) -> f64 {
        // What suspicious actors do is kept for the record and counts nothing.
        use crate::types::Class::{Influencer, Mass, Real};
        let judged: f64 = [Real, Influencer, Mass].map(|class| self.window.sum(Series::Effective(kind, class))).iter().sum();
        let unjudged = self.window.sum(Series::Unjudged(kind));
        judged + quality * (unjudged + params.day.counter_actor_damping * params.day.unknown_actor * self.unnamed(kind))
    }

    /// Decayed actions that only a counter tells of: a counter counts the named actors too.
    fn unnamed(&self, kind: Kind) -> f64 {
        let counted = self.window.sum(Series::Counter(kind)) + self.window.sum(Series::PostCounter(kind));
        (counted - self.window.sum(Series::Named(kind))).max(0.0)
    }

    /// Quality of actors that nobody judged, q̄: the median over the observed days of the judged actors' mean. A day without judged actors counts as 1,
    /// so that a burst of bots cannot move it.
    fn quality(&self, params: &Params) -> f64 {
        let mut days = self.window.ratios(Series::Quality, Series::Judged);
        let observed = self.window.observed(&params.day) as usize;
        days.resize(days.len().max(observed), 1.0);
        median(&days).unwrap_or(1.0)
    }

    fn seen(&self, held: &PostState, now: Millis, quality: f64, counted: bool) -> Option<Seen> {
        let post = held.post.as_ref()?;
        let mut counters = held.counters();
        if post.hidden_likes && counters.likes == Some(0) {
            counters.likes = None;
        }
        let Acted { real, named } = held.acted.values().fold(Acted::default(), |a, b| a.plus(*b));
        // Named actors by what they are, the rest of the counter at the creator's mean.
        // Where a network gives actions and no counters at all, a post without any is one that nobody acted on.
        let told = |kind| !counted && self.window.sum(Series::Named(kind)) > 0.0;
        let people = |kind: Kind, counter: Option<i64>, real: f64, named: f64| match counter {
            Some(n) => Some((n as f64 - named).max(0.0) * quality + real),
            None => (real > 0.0 || told(kind)).then_some(real),
        };
        Some(Seen {
            format: post.format,
            age_days: (now - post.published_at) as f64 / DAY as f64,
            boosted: post.boosted,
            reach: counters.reach.map(|n| n as f64),
            views: people(Kind::View, counters.views, real.views, named.views),
            likes: people(Kind::Like, counters.likes, real.likes, named.likes),
            comments: people(Kind::Comment, counters.comments, real.comments, named.comments),
            shares: people(Kind::Share, counters.shares, real.shares, named.shares),
        })
    }

    /// An imported mean stands in for posts.
    fn stand_in(&self, facts: &mut Facts, params: &Params) {
        let Some(average) = self.average else { return };
        let q = facts.quality;
        let real = |counter: Option<i64>| counter.map(|n| n as f64 * q);
        let seen = Seen {
            format: average.format,
            age_days: f64::INFINITY,
            boosted: false,
            reach: average.counters.reach.map(|n| n as f64),
            views: real(average.counters.views),
            likes: real(average.counters.likes),
            comments: real(average.counters.comments),
            shares: real(average.counters.shares),
        };
        let Some(reach) = reach::of_average(&seen, average.posts.unwrap_or(params.score.posts_of_average), facts, params) else { return };
        facts.reach = Some(reach);
        for (kind, n) in average.counters.actions() {
            if let Some(n) = n {
                *facts.actions.entry(kind).or_insert(0.0) += n as f64 * q * params.day.counter_actor_damping * params.day.unknown_actor;
            }
        }
        facts.second_hand +=
            real(average.counters.shares).unwrap_or(0.0) * params.network(facts.network).median_reach * params.score.share_rate;
        facts.posts = 1.0;
    }

    /// The format most used, for benchmarks and priors.
    pub fn usual_format(&self) -> Format {
        let mut counts: BTreeMap<Format, usize> = BTreeMap::new();
        self.posts.values().filter_map(|p| p.post.as_ref()).for_each(|p| *counts.entry(p.format).or_default() += 1);
        counts.into_iter().max_by_key(|(format, n)| (*n, std::cmp::Reverse(*format))).map_or(Format::Feed, |(format, _)| format)
    }
}
