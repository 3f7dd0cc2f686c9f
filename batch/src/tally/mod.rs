//! One day of one account from its sorted actions, in one pass and constant memory: sections 3.1–3.5 as `influence::daily::Tally::close` has them, which
//! a property test holds this to. The tally there takes actions in any order and can be reopened; this one is for billions of them.

mod function;
mod series;

pub use function::{NAME, function};
pub use series::{Entries, Entry, names};

use std::sync::Arc;

use influence::{
    Params,
    daily::{actor_weight, attribution, damping, repeated},
    types::{ActorId, Class, Kind, Millis, PostId},
};
use series::{ACTORS, COUNTER, EFFECTIVE, JUDGED, NAMED, PEOPLE, PURGE, QUALITY, SECOND_HAND, Sums, UNJUDGED, WEIGHT};

use crate::{
    lookup::{Known, Published},
    row::NETWORKS,
};

/// One action of the account at hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    /// By whom; `None`: a counter.
    pub actor: Option<ActorId>,
    /// Code of the kind.
    pub kind: u8,
    /// On which post.
    pub post: Option<PostId>,
    /// When.
    pub ts: Millis,
    /// How often.
    pub n: f32,
    /// The tie to the post is concluded.
    pub inferred: bool,
}

/// Tallies accounts one after the other. Their actions must come sorted by `Row::order`.
pub struct Accounts {
    params: &'static Params,
    known: Arc<Known>,
    published: Published,
    network: u8,
    sums: Sums,
    /// The actor at hand and what it did: kind, post, how often.
    actor: Option<ActorId>,
    acts: Vec<(u8, Option<PostId>, f64)>,
}

/// Actions came out of order: the file is not sorted, or it was split.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsorted;

impl Accounts {
    /// Begins.
    pub fn new(known: Arc<Known>, published: Published) -> Self {
        Self { params: Params::shipped(), known, published, network: 0, sums: Sums::default(), actor: None, acts: Vec::new() }
    }

    /// Begins an account on a network.
    pub fn begin(&mut self, network: u8) {
        self.network = network;
    }

    /// Takes an action of the account.
    pub fn take(&mut self, act: Act) -> Result<(), Unsorted> {
        // Counted in whole millionths, as in `influence`.
        let n = (f64::from(act.n) * 1e6).round() / 1e6;
        if act.actor != self.actor {
            if act.actor < self.actor {
                return Err(Unsorted);
            }
            self.close_actor();
            self.actor = act.actor;
        }
        if n < 0.0 {
            self.sums.by_kind(PURGE, act.kind, -n);
            return Ok(());
        }
        let n = match act.post.filter(|_| act.inferred).and_then(|post| self.published.get(&post)) {
            Some(at) => n * attribution((act.ts - at) as f64 / 3.6e6, &self.params.day),
            None => n,
        };
        if act.actor.is_some() {
            self.acts.push((act.kind, act.post, n));
            return Ok(());
        }
        self.sums.by_kind(COUNTER, act.kind, n);
        if let Some(post) = act.post {
            self.sums.on_post(post, Kind::ALL[usize::from(act.kind)], n, 0.0);
        }
        Ok(())
    }

    /// Ends the account and adds what it came to.
    pub fn end(&mut self, into: &mut Entries) {
        self.close_actor();
        self.actor = None;
        self.sums.drain(into);
    }

    /// What the actor at hand did counts together.
    fn close_actor(&mut self) {
        let Some(id) = self.actor.filter(|_| !self.acts.is_empty()) else { return };
        let actor = self.known.of(self.network, id).unwrap_or_default();
        let params = self.params;
        let done: f64 = self.acts.iter().map(|(_, _, n)| n).sum();
        let g = damping(actor.actions.unwrap_or(done).max(done), &params.day);
        let w = actor_weight(actor.score, &params.day);
        let quality = actor.quality.map(|q| q.clamp(0.0, 1.0));
        let person = if actor.class == Class::Suspicious { 0.0 } else { quality.unwrap_or(1.0) };
        let mut acts = std::mem::take(&mut self.acts);
        for of_kind in acts.chunk_by(|a, b| a.0 == b.0) {
            let (code, kind) = (of_kind[0].0, Kind::ALL[usize::from(of_kind[0].0)]);
            for on_post in of_kind.chunk_by(|a, b| a.1 == b.1) {
                if let Some(post) = on_post[0].1 {
                    let n: f64 = on_post.iter().map(|(_, _, n)| n).sum();
                    self.sums.on_post(post, kind, person * g * repeated(n), shown(kind, n));
                }
            }
            let n: f64 = of_kind.iter().map(|(_, _, n)| n).sum();
            let effective = g * w * repeated(n);
            match quality {
                Some(q) => self.sums.by_class(EFFECTIVE, code, actor.class, q * effective),
                None => self.sums.by_kind(UNJUDGED, code, effective),
            }
            self.sums.by_kind(NAMED, code, shown(kind, n));
            self.sums.by_class(PEOPLE, code, actor.class, 1.0);
            if matches!(kind, Kind::Share | Kind::Quote) {
                let reach = actor.reach.unwrap_or_else(|| params.network(NETWORKS[usize::from(self.network)]).median_reach);
                self.sums.add(SECOND_HAND, person * g * reach * params.score.share_rate * n.min(1.0));
            }
        }
        acts.clear();
        self.acts = acts;
        self.sums.add(WEIGHT, person * w);
        self.sums.add(ACTORS, person);
        if let Some(q) = quality {
            self.sums.add(QUALITY, q);
            self.sums.add(JUDGED, 1.0);
        }
    }
}

/// What a network's counter shows of n actions by one actor: a like, a save or a follow is there or not.
fn shown(kind: Kind, n: f64) -> f64 {
    if matches!(kind, Kind::Like | Kind::Save | Kind::Follow) { n.min(1.0) } else { n }
}

#[cfg(test)]
mod tests {
    use influence::{
        daily::{Actor, DayResult, Tally},
        types::{CreatorId, Network},
    };
    use proptest::prelude::*;

    use super::*;
    use crate::row::{CLASSES, Row, sort};

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let n = prop_oneof![Just(1.0f32), Just(-1.0), Just(0.25), 0.1f32..60.0];
        let one = (0u64..6, 0u64..4, 0i64..3_000, n, 0u8..15, 0u8..8);
        proptest::collection::vec(one, 0..120).prop_map(|parts| {
            let row = |(actor, post, minutes, n, kind, flags): (u64, u64, i64, f32, u8, u8)| Row {
                creator: 1,
                actor: if flags & Row::ACTOR != 0 { actor } else { 0 },
                post: if flags & Row::POST != 0 { post } else { 0 },
                ts: minutes * 20_000,
                n,
                network: 3,
                kind,
                flags,
                source: 0,
            };
            parts.into_iter().map(row).collect()
        })
    }

    fn known() -> impl Strategy<Value = Known> {
        let maybe = |below: f64| proptest::option::of(0.0..below);
        let actor = (maybe(1.2), maybe(100.0), maybe(500.0), maybe(1e5), 0usize..4).prop_map(|(quality, score, actions, reach, class)| {
            Actor { quality, score, actions, reach, class: CLASSES[class], mutual: false }
        });
        proptest::collection::hash_map(0u64..6, actor, 0..5)
            .prop_map(|actors| Known::from_iter(actors.into_iter().map(|(id, a)| ((3, id), a))))
    }

    fn swiftly(rows: &[Row], known: Known, published: Published) -> DayResult {
        let mut accounts = Accounts::new(Arc::new(known), published);
        accounts.begin(3);
        for row in rows {
            let act = Act {
                actor: row.actor(),
                kind: row.kind,
                post: row.post(),
                ts: row.ts,
                n: row.n,
                inferred: row.flags & Row::INFERRED != 0,
            };
            accounts.take(act).expect("sorted");
        }
        let mut entries = Entries::default();
        accounts.end(&mut entries);
        let mut result = DayResult::default();
        entries.all.iter().for_each(|entry| entry.enter(&mut result));
        result
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(1.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_the_tally_of_the_science(mut rows in rows(), known in known(), at in 0i64..40_000_000) {
            let mut slow = Tally::default();
            rows.iter().for_each(|row| slow.take(&row.interaction()));
            let slow = slow.close(Network::X, 0, &known, |post| (post < 3).then_some(at), Params::shipped());
            sort(&mut rows);
            let fast = swiftly(&rows, known, (0..3).map(|post| (post, at)).collect());
            for series in slow.series.keys().chain(fast.series.keys()) {
                let (a, b) = (slow.series.get(series).copied().unwrap_or(0.0), fast.series.get(series).copied().unwrap_or(0.0));
                prop_assert!(near(a, b), "{series:?} {a} {b}");
            }
            for post in slow.posts.keys().chain(fast.posts.keys()) {
                let of = |result: &DayResult| {
                    let held = result.posts.get(post).copied().unwrap_or_default();
                    [held.real, held.named].map(|r| [r.views, r.likes, r.comments, r.shares]).concat()
                };
                prop_assert!(of(&slow).iter().zip(of(&fast)).all(|(a, b)| near(*a, b)), "{post} {:?} {:?}", of(&slow), of(&fast));
            }
        }
    }

    #[test]
    fn what_is_not_sorted_is_refused() {
        let mut accounts = Accounts::new(Arc::default(), Published::default());
        let act = |actor: CreatorId| Act { actor: Some(actor), kind: 2, post: None, ts: 0, n: 1.0, inferred: false };
        assert_eq!([2, 3, 1].map(|actor| accounts.take(act(actor))), [Ok(()), Ok(()), Err(Unsorted)]);
    }
}
