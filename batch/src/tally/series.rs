//! The series of a day by number, and their sums while an account is tallied. In files a series is one byte.

use std::sync::LazyLock;

use influence::{
    daily::{Acted, DayResult, Reactions, Series},
    types::{Kind, PostId},
};

use crate::{lookup::ById, row::CLASSES};

const KINDS: usize = Kind::ALL.len();

/// Numbers of the first of each sort; `at` adds the kind and class.
pub(super) const EFFECTIVE: usize = 0;
pub(super) const UNJUDGED: usize = EFFECTIVE + 4 * KINDS;
pub(super) const PEOPLE: usize = UNJUDGED + KINDS;
pub(super) const NAMED: usize = PEOPLE + 4 * KINDS;
pub(super) const COUNTER: usize = NAMED + KINDS;
pub(super) const PURGE: usize = COUNTER + KINDS;
pub(super) const WEIGHT: usize = PURGE + KINDS;
pub(super) const ACTORS: usize = WEIGHT + 1;
pub(super) const QUALITY: usize = ACTORS + 1;
pub(super) const JUDGED: usize = QUALITY + 1;
pub(super) const SECOND_HAND: usize = JUDGED + 1;
/// From here on reactions to a post: by people, then as they came.
const POSTS: usize = SECOND_HAND + 1;
const REACTIONS: [&str; 4] = ["views", "likes", "comments", "shares"];

/// The series of the science by number; reactions to posts follow.
static SERIES: LazyLock<Vec<Series>> = LazyLock::new(|| {
    let by_class = |make: fn(Kind, influence::types::Class) -> Series| Kind::ALL.into_iter().flat_map(move |k| CLASSES.map(|c| make(k, c)));
    let by_kind = |make: fn(Kind) -> Series| Kind::ALL.into_iter().map(make);
    let mut all: Vec<Series> = by_class(Series::Effective).chain(by_kind(Series::Unjudged)).chain(by_class(Series::People)).collect();
    all.extend(by_kind(Series::Named).chain(by_kind(Series::Counter)).chain(by_kind(Series::Purge)));
    all.extend([Series::Weight, Series::Actors, Series::Quality, Series::Judged, Series::SecondHand]);
    all
});

/// Names of all numbers, for whoever reads the files with another tool.
pub fn names() -> Vec<String> {
    let plain =
        |series: &Series| serde_json::to_string(series).unwrap_or_default().replace(['"', '{', '}', '[', ']'], "").replace([':', ','], " ");
    let of_post = |sort: &'static str| REACTIONS.iter().map(move |reaction| format!("post {sort} {reaction}"));
    SERIES.iter().map(plain).chain(of_post("real")).chain(of_post("named")).collect()
}

/// One value of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Number of the series.
    pub series: u8,
    /// The post, where the series is of one.
    pub post: Option<PostId>,
    /// The value.
    pub x: f64,
}

impl Entry {
    /// Adds it to a day's result.
    pub fn enter(self, result: &mut DayResult) {
        let number = usize::from(self.series);
        match (SERIES.get(number), self.post) {
            (Some(series), _) => *result.series.entry(*series).or_insert(0.0) += self.x,
            (None, Some(post)) => {
                let held: &mut Acted = result.posts.entry(post).or_default();
                let at = number - POSTS;
                let into: &mut Reactions = if at < REACTIONS.len() { &mut held.real } else { &mut held.named };
                match at % REACTIONS.len() {
                    0 => into.views += self.x,
                    1 => into.likes += self.x,
                    2 => into.comments += self.x,
                    _ => into.shares += self.x,
                }
            }
            (None, None) => {}
        }
    }
}

/// Values of account after account.
#[derive(Debug, Default)]
pub struct Entries {
    /// The values.
    pub all: Vec<Entry>,
    /// Where each account ends.
    pub ends: Vec<usize>,
}

/// Sums of the account at hand.
pub(super) struct Sums {
    dense: [f64; POSTS],
    posts: ById<PostId, [f64; 8]>,
}

impl Default for Sums {
    fn default() -> Self {
        Self { dense: [0.0; POSTS], posts: ById::default() }
    }
}

impl Sums {
    /// Adds to a series.
    pub fn add(&mut self, series: usize, x: f64) {
        self.dense[series] += x;
    }

    /// Adds to a series that is there for each kind.
    pub fn by_kind(&mut self, first: usize, kind: u8, x: f64) {
        self.dense[first + usize::from(kind)] += x;
    }

    /// Adds to a series that is there for each kind and class.
    pub fn by_class(&mut self, first: usize, kind: u8, class: influence::types::Class, x: f64) {
        self.dense[first + usize::from(kind) * CLASSES.len() + class as usize] += x;
    }

    /// Adds reactions to a post; kinds that tell nothing of reach are left out.
    pub fn on_post(&mut self, post: PostId, kind: Kind, real: f64, named: f64) {
        let at = match kind {
            Kind::View => 0,
            Kind::Like => 1,
            Kind::Comment | Kind::Reply => 2,
            Kind::Share | Kind::Quote => 3,
            _ => return,
        };
        let held = self.posts.entry(post).or_default();
        held[at] += real;
        held[at + REACTIONS.len()] += named;
    }

    /// Moves what is there to the end of `into`, in the order of numbers, then of posts.
    pub fn drain(&mut self, into: &mut Entries) {
        for (series, x) in self.dense.iter_mut().enumerate().filter(|(_, x)| **x != 0.0) {
            into.all.push(Entry { series: series as u8, post: None, x: std::mem::take(x) });
        }
        let mut posts: Vec<(PostId, [f64; 8])> = self.posts.drain().collect();
        posts.sort_unstable_by_key(|(post, _)| *post);
        for (post, values) in posts {
            for (at, x) in values.into_iter().enumerate().filter(|(_, x)| *x != 0.0) {
                into.all.push(Entry { series: (POSTS + at) as u8, post: Some(post), x });
            }
        }
        into.ends.push(into.all.len());
    }
}

#[cfg(test)]
mod tests {
    use influence::types::Class;

    use super::*;

    #[test]
    fn numbers_are_those_of_the_series() {
        assert_eq!((SERIES.len(), names().len()), (POSTS, POSTS + 8));
        assert!(names().len() <= 256);
        assert_eq!(names()[PEOPLE + 4 * Kind::Like as usize + Class::Mass as usize], "people like mass");
        let mut sums = Sums::default();
        sums.by_class(EFFECTIVE, Kind::Share as u8, Class::Mass, 1.0);
        sums.by_kind(PURGE, Kind::ListAdd as u8, 2.0);
        sums.add(SECOND_HAND, 3.0);
        sums.on_post(9, Kind::Reply, 4.0, 5.0);
        sums.on_post(9, Kind::Gift, 4.0, 5.0);
        let mut entries = Entries::default();
        sums.drain(&mut entries);
        let mut result = DayResult::default();
        entries.all.iter().for_each(|entry| entry.enter(&mut result));
        let expected = [(Series::Effective(Kind::Share, Class::Mass), 1.0), (Series::Purge(Kind::ListAdd), 2.0), (Series::SecondHand, 3.0)];
        assert_eq!(result.series, expected.into());
        assert_eq!((result.posts[&9].real.comments, result.posts[&9].named.comments), (4.0, 5.0));
        sums.drain(&mut entries);
        assert_eq!(entries.ends, [5, 5]);
    }
}
