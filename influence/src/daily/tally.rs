//! The open day: single actions, and what they come to when the day is closed (sections 3.1–3.5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Actor, Actors, Series, actor_weight, attribution, damping, repeated};
use crate::{
    params::Params,
    types::{ActorId, Class, Day, Interaction, Kind, Link, Millis, Network, PostId},
};

/// One action, told apart from every other. The same action told twice is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Act {
    kind: Kind,
    actor: Option<ActorId>,
    post: Option<PostId>,
    ts: Millis,
    link: Link,
}

/// Actions of a day, in whole millionths, so that their sum is the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    #[serde(with = "crate::pairs")]
    acts: BTreeMap<Act, i64>,
    /// Changed since the day was last closed.
    pub changed: bool,
}

const WHOLE: f64 = 1e6;

/// Reactions to a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reactions {
    /// Likes.
    pub likes: f64,
    /// Comments, replies among them.
    pub comments: f64,
    /// Shares, quotes among them.
    pub shares: f64,
    /// Views.
    pub views: f64,
}

impl Reactions {
    /// Adds reactions of a kind; kinds that tell nothing of reach are left out.
    pub fn add(&mut self, kind: Kind, n: f64) {
        match kind {
            Kind::Like => self.likes += n,
            Kind::Comment | Kind::Reply => self.comments += n,
            Kind::Share | Kind::Quote => self.shares += n,
            Kind::View => self.views += n,
            _ => {}
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            likes: self.likes + other.likes,
            comments: self.comments + other.comments,
            shares: self.shares + other.shares,
            views: self.views + other.views,
        }
    }
}

/// What single actions of a day came to on one post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Acted {
    /// By people: suspicious actors count nothing, others by their quality, repeats damped.
    pub real: Reactions,
    /// As they came, by named actors: a counter of the post counts these too.
    pub named: Reactions,
}

impl Acted {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self { real: self.real.plus(other.real), named: self.named.plus(other.named) }
    }
}

/// What a day came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayResult {
    /// By series.
    pub series: BTreeMap<Series, f64>,
    /// By post.
    pub posts: BTreeMap<PostId, Acted>,
}

impl DayResult {
    fn add(&mut self, series: Series, x: f64) {
        *self.series.entry(series).or_insert(0.0) += x;
    }
}

impl Tally {
    /// Takes an action in. Of two tellings of the same one the larger stands.
    pub fn take(&mut self, i: &Interaction) {
        let act = Act { kind: i.kind, actor: i.actor, post: i.post, ts: i.ts, link: i.link };
        let n = (f64::from(i.n) * WHOLE).round() as i64;
        let held = self.acts.entry(act).or_insert(0);
        if (n.abs(), n) > (held.abs(), *held) {
            *held = n;
            self.changed = true;
        }
    }

    /// Nothing came in that day.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// What the day comes to. `published` tells when a post went out, where known.
    pub fn close(
        &self,
        network: Network,
        day: Day,
        actors: &impl Actors,
        published: impl Fn(PostId) -> Option<Millis>,
        params: &Params,
    ) -> DayResult {
        let mut result = DayResult::default();
        let mut by_actor: BTreeMap<ActorId, Vec<(&Act, f64)>> = BTreeMap::new();
        for (act, n) in &self.acts {
            let n = *n as f64 / WHOLE;
            if n < 0.0 {
                result.add(Series::Purge(act.kind), -n);
                continue;
            }
            let credit = match (act.link, act.post.and_then(&published)) {
                (Link::Inferred, Some(at)) => attribution((act.ts - at) as f64 / 3.6e6, &params.day),
                _ => 1.0,
            };
            match act.actor {
                Some(actor) => by_actor.entry(actor).or_default().push((act, n * credit)),
                None => {
                    result.add(Series::Counter(act.kind), n * credit);
                    if let Some(post) = act.post {
                        result.posts.entry(post).or_default().real.add(act.kind, n * credit);
                    }
                }
            }
        }
        for (id, acts) in by_actor {
            let actor = actors.actor(network, id, day).unwrap_or_default();
            one_actor(&mut result, actor, &acts, network, params);
        }
        result
    }
}

/// What a network's counter shows of n actions by one actor: a like, a save or a follow is there or not.
fn counted(kind: Kind, n: f64) -> f64 {
    if matches!(kind, Kind::Like | Kind::Save | Kind::Follow) { n.min(1.0) } else { n }
}

/// Adds what one actor did that day.
fn one_actor(result: &mut DayResult, actor: Actor, acts: &[(&Act, f64)], network: Network, params: &Params) {
    let done = acts.iter().map(|(_, n)| n).sum::<f64>();
    let g = damping(actor.actions.unwrap_or(done).max(done), &params.day);
    let w = actor_weight(actor.score, &params.day);
    let quality = actor.quality.map(|q| q.clamp(0.0, 1.0));
    let mut kinds: BTreeMap<Kind, f64> = BTreeMap::new();
    let mut on_posts: BTreeMap<(Kind, PostId), f64> = BTreeMap::new();
    for (act, n) in acts {
        *kinds.entry(act.kind).or_insert(0.0) += n;
        if let Some(post) = act.post {
            *on_posts.entry((act.kind, post)).or_insert(0.0) += n;
        }
    }
    // Suspicious accounts are no people: they reach nobody and pass nothing on.
    let person = if actor.class == Class::Suspicious { 0.0 } else { quality.unwrap_or(1.0) };
    for ((kind, post), n) in on_posts {
        let held = result.posts.entry(post).or_default();
        held.real.add(kind, person * g * repeated(n));
        held.named.add(kind, counted(kind, n));
    }
    let shares: BTreeSet<Kind> = [Kind::Share, Kind::Quote].into();
    for (kind, n) in kinds {
        let effective = g * w * repeated(n);
        match quality {
            Some(q) => result.add(Series::Effective(kind, actor.class), q * effective),
            None => result.add(Series::Unjudged(kind), effective),
        }
        result.add(Series::Named(kind), counted(kind, n));
        result.add(Series::People(kind, actor.class), 1.0);
        if shares.contains(&kind) {
            let reach = actor.reach.unwrap_or(params.network(network).median_reach);
            result.add(Series::SecondHand, person * g * reach * params.score.share_rate * n.min(1.0));
        }
        if actor.mutual {
            result.add(Series::Mutual, person * effective);
        }
    }
    result.add(Series::Weight, person * w);
    result.add(Series::Actors, person);
    if let Some(q) = quality {
        result.add(Series::Quality, q);
        result.add(Series::Judged, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(ts: Millis, actor: Option<ActorId>, n: f32) -> Interaction {
        Interaction { ts, network: Network::X, kind: Kind::Like, post: Some(1), actor, n, link: Link::Stated }
    }

    #[test]
    fn a_telling_repeated_is_one_action_and_order_is_nothing() {
        let acts = [act(1, Some(1), 1.0), act(2, Some(1), 1.0), act(3, Some(2), 0.1), act(4, None, 0.7), act(5, None, -2.0)];
        let (mut forth, mut back) = (Tally::default(), Tally::default());
        acts.iter().for_each(|a| forth.take(a));
        acts.iter().rev().chain(&acts).for_each(|a| back.take(a));
        assert_eq!(forth, back);
        let result = forth.close(Network::X, 0, &(), |_| None, Params::shipped());
        assert_eq!(result.series[&Series::Named(Kind::Like)], 1.1);
        assert_eq!(result.series[&Series::Purge(Kind::Like)], 2.0);
        assert!((result.series[&Series::Unjudged(Kind::Like)] - 0.6 * (1.0 + 2f64.ln() + 0.1)).abs() < 1e-12);
    }

    #[test]
    fn inferred_actions_fade_with_delay() {
        let mut tally = Tally::default();
        for (hours, actor) in [(0, 1), (24, 2), (48, 3)] {
            tally.take(&Interaction { kind: Kind::Share, link: Link::Inferred, ..act(hours * 3_600_000, Some(actor), 1.0) });
        }
        let result = tally.close(Network::Blog, 0, &(), |_| Some(0), Params::shipped());
        assert!((result.posts[&1].real.shares - 1.75).abs() < 1e-12);
    }
}
