//! What lies under a change of score (section 4): posts, followers that jumped, counts taken back, days without a source. Facts to look at, no shares of the change.

use serde::{Deserialize, Serialize};

use crate::{
    daily::Series,
    growth::{self, Jump},
    params::Params,
    state::Account,
    types::{Day, Kind, PostId, day_of},
};

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// A post, one of the three with the most reactions of those days.
    Post {
        /// Which.
        post: PostId,
        /// When it went out.
        day: Day,
        /// Likes, comments and shares so far.
        reactions: i64,
    },
    /// Followers jumped.
    Jump(Jump),
    /// Counts were taken back.
    Purge {
        /// When.
        day: Day,
        /// Of what.
        kind: Kind,
        /// How many.
        n: f64,
    },
    /// The source was down.
    Gap {
        /// When.
        day: Day,
    },
}

/// What happened on an account after one day and up to another.
pub fn between(account: &Account, after: Day, to: Day, params: &Params) -> Vec<Cause> {
    let days = after + 1..=to;
    let mut posts: Vec<(i64, PostId, Day)> = account
        .posts()
        .filter_map(|held| {
            let post = held.post.as_ref()?;
            let c = held.counters();
            Some(([c.likes, c.comments, c.shares].iter().flatten().sum(), post.id, day_of(post.published_at)))
        })
        .filter(|(_, _, day)| days.contains(day))
        .collect();
    posts.sort_by_key(|(reactions, id, _)| (std::cmp::Reverse(*reactions), *id));
    let posts = posts.into_iter().take(3).map(|(reactions, post, day)| Cause::Post { post, day, reactions });
    let jumps = growth::of_account(account, to, params).into_iter().filter(|j| days.contains(&j.day)).map(Cause::Jump);
    let purges = Kind::ALL.into_iter().flat_map(|kind| {
        let of = |series| account.window().days(series, days.clone()).map(move |(day, n)| Cause::Purge { day, kind, n });
        of(Series::Purge(kind)).chain(of(Series::PostPurge(kind))).collect::<Vec<_>>()
    });
    let gaps = account.window().gaps_in(days.clone()).map(|day| Cause::Gap { day });
    posts.chain(jumps).chain(purges).chain(gaps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        State,
        types::{Counters, DAY, Event, Network, Post, PostSnapshot},
    };

    #[test]
    fn the_days_between_are_told_and_no_others() {
        let params = Params::shipped();
        let mut state = State::default();
        let network = Network::X;
        for (id, day) in [(1, 0), (2, 5)] {
            let published_at = day * DAY;
            let post = Post { id, network, format: Default::default(), published_at, boosted: false, sponsored: None, hidden_likes: false };
            state.apply(&Event::Post(post), params);
            for (later, likes) in [(0, 100), (1, 60)] {
                let counters = Counters { likes: Some(likes), ..Default::default() };
                state.apply(&Event::PostSnapshot(PostSnapshot { post: id, network, at: published_at + later * DAY, counters }), params);
            }
        }
        state.apply(&Event::Gap { network, at: 7 * DAY }, params);
        state.close(8, &(), params);
        let account = state.account(network).expect("events");
        let purge = Cause::Purge { day: 6, kind: Kind::Like, n: 40.0 };
        let expected = [Cause::Post { post: 2, day: 5, reactions: 60 }, purge, Cause::Gap { day: 7 }];
        assert_eq!(between(account, 4, 8, params), expected);
        assert_eq!(between(account, 7, 8, params), []);
    }
}
