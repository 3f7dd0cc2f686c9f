//! One interaction in memory (section 2), its place in the order of the files, and the codes by which Parquet names networks and kinds.

use std::cmp::Ordering;

use influence::types::{ActorId, Class, CreatorId, Day, Interaction, Kind, Link, Millis, Network, PostId, day_of};

/// Networks by their code: the order in which `influence` declares them.
pub const NETWORKS: [Network; 12] = [
    Network::Instagram,
    Network::Youtube,
    Network::Facebook,
    Network::X,
    Network::Tiktok,
    Network::Twitch,
    Network::Pinterest,
    Network::Linkedin,
    Network::Reddit,
    Network::Bluesky,
    Network::Mastodon,
    Network::Blog,
];

/// Their names in text.
pub const NETWORK_NAMES: [&str; 12] =
    ["instagram", "youtube", "facebook", "x", "tiktok", "twitch", "pinterest", "linkedin", "reddit", "bluesky", "mastodon", "blog"];

/// Names of kinds in text, in the order of `Kind::ALL`.
pub const KIND_NAMES: [&str; 15] = [
    "view", "watch50", "like", "comment", "reply", "share", "quote", "save", "mention", "follow", "unfollow", "click", "redeem", "gift",
    "list_add",
];

/// Classes of actors by their code.
pub const CLASSES: [Class; 4] = [Class::Real, Class::Influencer, Class::Mass, Class::Suspicious];

/// Buckets of creators, unless told otherwise.
pub const BUCKETS: u16 = 256;

/// The code of a network.
pub fn network_code(network: Network) -> u8 {
    network as u8
}

/// An interaction, small enough to sort millions of them in memory (40 bytes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Whom it concerns.
    pub creator: CreatorId,
    /// Who did it; 0 where `has_actor` is not set.
    pub actor: ActorId,
    /// On which post; 0 where `has_post` is not set.
    pub post: PostId,
    /// When.
    pub ts: Millis,
    /// How often.
    pub n: f32,
    /// Code of the network.
    pub network: u8,
    /// Code of the kind.
    pub kind: u8,
    /// Bits: `ACTOR`, `POST`, `INFERRED`.
    pub flags: u8,
    /// Where it was learnt: a number of the importer's own.
    pub source: u8,
}

impl Row {
    /// The actor is known.
    pub const ACTOR: u8 = 1;
    /// The post is known.
    pub const POST: u8 = 2;
    /// The tie to the post is concluded from order in time.
    pub const INFERRED: u8 = 4;

    /// The UTC day.
    pub fn day(&self) -> Day {
        day_of(self.ts)
    }

    /// The bucket of the creator: its own hash, mixed once more so that poor hashes spread too.
    pub fn bucket(&self, buckets: u16) -> u16 {
        bucket_of(self.creator, buckets)
    }

    /// The actor, where known.
    pub fn actor(&self) -> Option<ActorId> {
        (self.flags & Self::ACTOR != 0).then_some(self.actor)
    }

    /// The post, where known.
    pub fn post(&self) -> Option<PostId> {
        (self.flags & Self::POST != 0).then_some(self.post)
    }

    /// In whole millionths, as `influence` counts.
    pub fn millionths(&self) -> i64 {
        (f64::from(self.n) * 1e6).round() as i64
    }

    /// Ordinary text makes no count of nothing, and no infinite one: such rows are refused, as `influence` refuses them.
    pub fn is_sound(&self) -> bool {
        self.n.is_finite() && self.n != 0.0
    }

    /// The event of `influence` that it stands for.
    pub fn interaction(&self) -> Interaction {
        Interaction {
            ts: self.ts,
            network: NETWORKS[usize::from(self.network)],
            kind: Kind::ALL[usize::from(self.kind)],
            post: self.post(),
            actor: self.actor(),
            n: self.n,
            link: if self.flags & Self::INFERRED != 0 { Link::Inferred } else { Link::Stated },
        }
    }

    /// What tells one action from another: the same one told twice is one. Rows without an actor stand first.
    fn act(&self) -> (u64, u8, u8, u64, u8, u8, u64, i64, u8) {
        let bit = |b: u8| self.flags & b;
        (self.creator, self.network, bit(Self::ACTOR), self.actor, self.kind, bit(Self::POST), self.post, self.ts, bit(Self::INFERRED))
    }

    /// The same action.
    pub fn same(&self, other: &Self) -> bool {
        self.act() == other.act()
    }

    /// The order of the files: total, so that a file's bytes do not depend on the order of its input. Of two tellings of one action the larger is first.
    pub fn order(&self, other: &Self) -> Ordering {
        // Most pairs differ in the creator or the actor.
        self.creator
            .cmp(&other.creator)
            .then_with(|| self.act().cmp(&other.act()))
            .then_with(|| (other.millionths().abs(), other.millionths()).cmp(&(self.millionths().abs(), self.millionths())))
            .then_with(|| (self.n.to_bits(), self.source).cmp(&(other.n.to_bits(), other.source)))
    }
}

/// The bucket of a creator.
pub fn bucket_of(creator: CreatorId, buckets: u16) -> u16 {
    ((u128::from(creator.wrapping_mul(0x9E37_79B9_7F4A_7C15)) * u128::from(buckets)) >> 64) as u16
}

/// Sorts, and keeps of the tellings of one action the first.
pub fn sort(rows: &mut Vec<Row>) {
    rows.sort_unstable_by(Row::order);
    rows.dedup_by(|later, first| later.same(first));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_science() {
        for (code, network) in NETWORKS.iter().enumerate() {
            assert_eq!(usize::from(network_code(*network)), code);
            assert_eq!(serde_json::to_string(network).expect("a name"), format!("\"{}\"", NETWORK_NAMES[code]));
        }
        for (code, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, code);
            assert_eq!(serde_json::to_string(kind).expect("a name"), format!("\"{}\"", KIND_NAMES[code]));
        }
        for (code, class) in CLASSES.iter().enumerate() {
            assert_eq!(*class as usize, code);
        }
    }

    #[test]
    fn of_two_tellings_the_larger_stands() {
        let row = |n: f32, source: u8| Row { creator: 1, actor: 2, post: 3, ts: 4, n, network: 3, kind: 2, flags: 3, source };
        let mut rows = vec![row(1.0, 0), row(-2.0, 1), row(2.0, 7), row(2.0, 5)];
        sort(&mut rows);
        assert_eq!(rows, [row(2.0, 5)]);
        assert_eq!(size_of::<Row>(), 40);
    }

    #[test]
    fn buckets_spread_even_small_numbers() {
        let mut counts = [0; 16];
        (0..16_000).for_each(|creator| counts[usize::from(bucket_of(creator, 16))] += 1);
        assert!(counts.iter().all(|n| (900..1_100).contains(n)), "{counts:?}");
    }
}
