//! Pairs of people on X, with the judgement who is more influential (PeerIndex, 2013).

use std::path::Path;

use influence::{
    Params,
    score::Facts,
    types::{Kind, Network},
};
use serde::Deserialize;

/// A row of `pairs.csv`. The columns that section 2 has no name for are not read.
#[derive(Clone, Debug, Deserialize)]
pub struct Pair {
    pub a_follower_count: f64,
    pub a_following_count: f64,
    pub a_listed_count: f64,
    pub a_mentions_received: f64,
    pub a_retweets_received: f64,
    pub a_posts: f64,
    pub b_follower_count: f64,
    pub b_following_count: f64,
    pub b_listed_count: f64,
    pub b_mentions_received: f64,
    pub b_retweets_received: f64,
    pub b_posts: f64,
    pub a_more_influential: u8,
}

/// One person of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// Followers.
    pub followers: f64,
    /// Accounts followed.
    pub following: f64,
    /// Lists that name them.
    pub listed: f64,
    /// Mentions received.
    pub mentions: f64,
    /// Reposts received.
    pub retweets: f64,
    /// Posts; the unit of time is not stated, and a week is taken.
    pub posts: f64,
}

impl Person {
    /// Renamed into section 2's inputs.
    pub fn facts(&self, params: &Params) -> Facts {
        let actions = [(Kind::Mention, self.mentions), (Kind::Share, self.retweets)];
        Facts {
            followers: Some(self.followers),
            following: Some(self.following),
            listed: Some(self.listed),
            cadence: Some(self.posts),
            ..Facts::of_totals(Network::X, &actions, self.posts, params)
        }
    }

    /// Two rows with the same figures are the same person.
    pub fn key(&self) -> [u64; 6] {
        [self.followers, self.following, self.listed, self.mentions, self.retweets, self.posts].map(f64::to_bits)
    }
}

impl Pair {
    /// Both people.
    pub fn people(&self) -> [Person; 2] {
        [
            Person {
                followers: self.a_follower_count,
                following: self.a_following_count,
                listed: self.a_listed_count,
                mentions: self.a_mentions_received,
                retweets: self.a_retweets_received,
                posts: self.a_posts,
            },
            Person {
                followers: self.b_follower_count,
                following: self.b_following_count,
                listed: self.b_listed_count,
                mentions: self.b_mentions_received,
                retweets: self.b_retweets_received,
                posts: self.b_posts,
            },
        ]
    }

    /// The first one was judged more influential.
    pub fn first(&self) -> bool {
        self.a_more_influential == 1
    }
}

/// All pairs below a folder: every CSV with these columns.
pub fn load(data: &Path) -> anyhow::Result<Vec<Pair>> {
    super::rows(data, &["a_follower_count", "b_follower_count", "a_more_influential"])
}
