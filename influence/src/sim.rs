//! Made-up creators from a seed, for laws, examples and benches: posts, snapshots, actions by known and unknown actors, over some weeks.

use crate::{
    math::Rng,
    types::{AccountSnapshot, Counters, DAY, Day, Event, Format, Interaction, Kind, Link, Millis, Network, Post, PostSnapshot},
};

/// What a made-up creator is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Creator {
    /// Where.
    pub network: Network,
    /// Followers on the first day.
    pub followers: f64,
    /// Likes for each follower and post.
    pub rate: f64,
    /// Posts a day.
    pub posts: f64,
    /// Known actors a day.
    pub actors: usize,
}

impl Creator {
    /// Some creator: from hundreds to millions of followers.
    pub fn any(network: Network, rng: &mut Rng) -> Self {
        Self {
            network,
            followers: 10f64.powf(2.5 + 4.0 * rng.unit()),
            rate: 10f64.powf(-2.5 + 1.5 * rng.unit()),
            posts: 0.1 + rng.unit(),
            actors: rng.below(20),
        }
    }

    /// All events of so many days, in order of time.
    pub fn events(&self, days: Day, rng: &mut Rng) -> Vec<Event> {
        let mut events = Vec::new();
        let mut posts: Vec<(Post, f64)> = Vec::new();
        let mut followers = self.followers;
        for day in 0..days {
            let start = Millis::from(day) * DAY;
            followers *= 1.0 + 0.001 * (1.0 + rng.normal());
            events.push(Event::AccountSnapshot(AccountSnapshot {
                network: self.network,
                at: start + DAY / 2,
                followers: followers as i64,
                following: Some(300),
                listed: None,
                audience_country: None,
                gone: false,
            }));
            if rng.unit() < self.posts {
                let post = Post {
                    id: rng.next_u64(),
                    network: self.network,
                    format: Format::Feed,
                    published_at: start + rng.below(DAY as usize) as Millis,
                    boosted: false,
                    sponsored: None,
                    hidden_likes: false,
                };
                posts.push((post.clone(), followers * self.rate * (0.5 * rng.normal()).exp()));
                events.push(Event::Post(post));
            }
            for (post, likes) in &posts {
                let age = (start + DAY - post.published_at) as f64 / DAY as f64;
                if age <= 14.0 {
                    let n = likes * (1.0 - 0.5f64.powf(age * 2.0));
                    let counters = Counters {
                        likes: Some(n as i64),
                        comments: Some((n / 40.0) as i64),
                        shares: Some((n / 60.0) as i64),
                        ..Default::default()
                    };
                    events.push(Event::PostSnapshot(PostSnapshot { post: post.id, network: self.network, at: start + DAY - 1, counters }));
                }
            }
            for _ in 0..self.actors {
                let kinds = [Kind::Like, Kind::Comment, Kind::Share, Kind::Mention];
                events.push(Event::Interaction(Interaction {
                    ts: start + rng.below(DAY as usize) as Millis,
                    network: self.network,
                    kind: kinds[rng.below(kinds.len())],
                    post: posts.last().map(|(post, _)| post.id),
                    actor: Some(rng.below(500) as u64),
                    n: 1.0,
                    link: Link::Stated,
                }));
            }
        }
        events.sort_by_key(|event| event.place().1);
        events
    }
}
