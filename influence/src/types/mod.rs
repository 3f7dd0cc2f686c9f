//! What goes in (section 2): networks, kinds of action, where a value came from, and days.

mod events;

pub use events::*;

use serde::{Deserialize, Serialize};

/// A creator: a hash of (network, native id) or the id of the one person behind several verified accounts.
pub type CreatorId = u64;
/// A post: a hash of (network, native id).
pub type PostId = u64;
/// An account that acts: a hash of (network, native id).
pub type ActorId = u64;
/// Milliseconds since 1970, UTC.
pub type Millis = i64;
/// Days since 1970, UTC.
pub type Day = i32;

/// Milliseconds in a day.
pub const DAY: Millis = 86_400_000;

/// The UTC day of an instant.
pub fn day_of(at: Millis) -> Day {
    at.div_euclid(DAY) as Day
}

/// A network on which a creator has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// Instagram.
    Instagram,
    /// YouTube.
    Youtube,
    /// Facebook.
    Facebook,
    /// X, once Twitter.
    X,
    /// TikTok.
    Tiktok,
    /// Twitch.
    Twitch,
    /// Pinterest.
    Pinterest,
    /// LinkedIn.
    Linkedin,
    /// Reddit.
    Reddit,
    /// Bluesky.
    Bluesky,
    /// Mastodon and what speaks like it.
    Mastodon,
    /// A site of one's own.
    Blog,
}

/// What an actor did. The order is that of the values in `params.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Saw the post.
    View,
    /// Saw at least half of a video.
    Watch50,
    /// Liked it, with whatever sign the network has.
    Like,
    /// Commented below it.
    Comment,
    /// Answered a message or a comment.
    Reply,
    /// Passed it on.
    Share,
    /// Passed it on with words of their own.
    Quote,
    /// Kept it for later.
    Save,
    /// Named the creator.
    Mention,
    /// Began to follow.
    Follow,
    /// Ceased to follow.
    Unfollow,
    /// Opened a link.
    Click,
    /// Used a code.
    Redeem,
    /// Gave a gift or a donation.
    Gift,
    /// Put the creator on a list.
    ListAdd,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::View,
        Self::Watch50,
        Self::Like,
        Self::Comment,
        Self::Reply,
        Self::Share,
        Self::Quote,
        Self::Save,
        Self::Mention,
        Self::Follow,
        Self::Unfollow,
        Self::Click,
        Self::Redeem,
        Self::Gift,
        Self::ListAdd,
    ];
}

/// Where a value came from, from the surest to the least sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Provenance {
    /// First-party: the creator's own figures, by consent.
    A,
    /// A public counter.
    B,
    /// Estimated by a model from other counters.
    C,
    /// A default, from followers alone.
    D,
}

/// What sort of account an actor or follower is (section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// An ordinary person.
    Real,
    /// More than 5,000 followers and at most 1,500 followings.
    Influencer,
    /// More than 1,500 followings: sees little of what each of them posts.
    Mass,
    /// More likely than not no person at all.
    Suspicious,
}

/// The form of a post, for benchmarks, reach and prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A picture or text in the feed.
    #[default]
    Feed,
    /// Several pictures.
    Carousel,
    /// A short upright video.
    Reel,
    /// A video.
    Video,
    /// Gone after a day.
    Story,
    /// A live broadcast.
    Live,
}

/// The size of an audience, half-open: nano from 500, micro from 5,000, macro from 30,000, mega from 500,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Fewer than 500 followers.
    None,
    /// 500 to 4,999.
    Nano,
    /// 5,000 to 29,999.
    Micro,
    /// 30,000 to 499,999.
    Macro,
    /// 500,000 and more.
    Mega,
}

impl Tier {
    /// Every tier, from the smallest.
    pub const ALL: [Self; 5] = [Self::None, Self::Nano, Self::Micro, Self::Macro, Self::Mega];

    /// Its geometric middle, in followers; the open ends are taken as 50 and 5 M.
    pub fn middle(self) -> f64 {
        let (from, to): (f64, f64) = match self {
            Self::None => (50.0, 500.0),
            Self::Nano => (500.0, 5_000.0),
            Self::Micro => (5_000.0, 30_000.0),
            Self::Macro => (30_000.0, 500_000.0),
            Self::Mega => (500_000.0, 5_000_000.0),
        };
        (from * to).sqrt()
    }

    /// The tier of so many followers.
    pub fn of(followers: f64) -> Self {
        match followers {
            f if f >= 500_000.0 => Self::Mega,
            f if f >= 30_000.0 => Self::Macro,
            f if f >= 5_000.0 => Self::Micro,
            f if f >= 500.0 => Self::Nano,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_half_open() {
        let tiers: Vec<_> = [499.0, 500.0, 4_999.0, 5_000.0, 29_999.0, 30_000.0, 499_999.0, 500_000.0].map(Tier::of).into();
        use Tier::{Macro, Mega, Micro, Nano, None};
        assert_eq!(tiers, [None, Nano, Nano, Micro, Micro, Macro, Macro, Mega]);
    }

    #[test]
    fn days_before_1970_round_down() {
        assert_eq!([day_of(-1), day_of(0), day_of(DAY - 1), day_of(DAY)], [-1, 0, 0, 1]);
    }
}
