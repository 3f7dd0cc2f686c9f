//! The events of section 2: what connectors and importers hand to the science. Counts are whole numbers unless a unit says otherwise.

use serde::{Deserialize, Serialize};

use super::{ActorId, Format, Kind, Millis, Network, PostId};

/// How an action is tied to its post and creator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The network says so.
    #[default]
    Stated,
    /// Concluded from order in time (a later use of the same phrase, tag or address): credit halves with each day of delay (section 3.8).
    Inferred,
}

/// Someone, or so many people, did something with a creator or a post.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// When.
    pub ts: Millis,
    /// Where.
    pub network: Network,
    /// What.
    pub kind: Kind,
    /// On which post; `None` when it was on the account.
    pub post: Option<PostId>,
    /// By whom; `None` when the network gave a counter only.
    pub actor: Option<ActorId>,
    /// How often. Negative: taken back, kept as a purge.
    pub n: f32,
    /// How sure the tie to the post is.
    #[serde(default)]
    pub link: Link,
}

/// A post of the creator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// Where.
    pub network: Network,
    /// Its form.
    pub format: Format,
    /// When it went out.
    pub published_at: Millis,
    /// Paid distribution was bought for it: left out of True Reach.
    #[serde(default)]
    pub boosted: bool,
    /// Marked as paid by the network or by its own words; `None` when nobody looked.
    #[serde(default)]
    pub sponsored: Option<bool>,
    /// The creator hides likes: a like count of 0 then means unknown.
    #[serde(default)]
    pub hidden_likes: bool,
}

/// Counters of a post, each since publication; `None` where the network or the creator does not show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Counters {
    /// Plays or views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<i64>,
    /// Likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likes: Option<i64>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<i64>,
    /// Shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<i64>,
    /// Saves; first-party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saves: Option<i64>,
    /// People reached; first-party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<i64>,
    /// Times shown; first-party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impressions: Option<i64>,
}

impl Counters {
    /// The counters that are actions, with their kinds.
    pub fn actions(&self) -> [(Kind, Option<i64>); 5] {
        [
            (Kind::View, self.views),
            (Kind::Like, self.likes),
            (Kind::Comment, self.comments),
            (Kind::Share, self.shares),
            (Kind::Save, self.saves),
        ]
    }
}

/// The counters of a post at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostSnapshot {
    /// Which post. It may become known later than its counters.
    pub post: PostId,
    /// Where.
    pub network: Network,
    /// When they were read.
    pub at: Millis,
    /// What they said.
    #[serde(flatten)]
    pub counters: Counters,
}

/// The counters of an account at an instant, read daily.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSnapshot {
    /// Where.
    pub network: Network,
    /// When they were read.
    pub at: Millis,
    /// Followers or subscribers.
    pub followers: i64,
    /// Accounts followed.
    #[serde(default)]
    pub following: Option<i64>,
    /// Lists that others have put the account on (X).
    #[serde(default)]
    pub listed: Option<i64>,
    /// The country most of the audience is in, ISO 3166 alpha-2, where known.
    #[serde(default)]
    pub audience_country: Option<[u8; 2]>,
    /// Cannot be read any more: private or deleted.
    #[serde(default)]
    pub gone: bool,
}

/// Means per post, as imported lists give them: stands in for posts while none are known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostAverage {
    /// Where.
    pub network: Network,
    /// When the list was made.
    pub at: Millis,
    /// The form of those posts.
    #[serde(default)]
    pub format: Format,
    /// Over how many posts; `None` when the list does not say.
    #[serde(default)]
    pub posts: Option<f64>,
    /// The means.
    #[serde(flatten)]
    pub counters: Counters,
}

/// What is known of the make-up of the followers (section 6): shares that sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowerMix {
    /// Where.
    pub network: Network,
    /// When the sample was judged.
    pub at: Millis,
    /// Ordinary people.
    pub real: f64,
    /// Influencers.
    pub influencer: f64,
    /// Followers of more than 1,500.
    pub mass: f64,
    /// Likely no people.
    pub suspicious: f64,
}

/// A comment as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// Below which post.
    pub post: PostId,
    /// By whom.
    pub actor: Option<ActorId>,
    /// When.
    pub at: Millis,
    /// Its words.
    pub text: String,
    /// BCP 47 language, where known.
    pub lang: Option<String>,
}

/// One event of a creator. `State::apply` takes them in any order within a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An action.
    Interaction(Interaction),
    /// A post went out.
    Post(Post),
    /// A post's counters were read.
    PostSnapshot(PostSnapshot),
    /// An account's counters were read.
    AccountSnapshot(AccountSnapshot),
    /// A list's means were imported.
    PostAverage(PostAverage),
    /// A sample of followers was judged.
    FollowerMix(FollowerMix),
    /// The network could not be read on the day of `at`: a gap, not a quiet day.
    Gap {
        /// Where.
        network: Network,
        /// Any instant of that day.
        at: Millis,
    },
}

impl Event {
    /// Where and when it happened.
    pub fn place(&self) -> (Network, Millis) {
        match self {
            Self::Interaction(e) => (e.network, e.ts),
            Self::Post(e) => (e.network, e.published_at),
            Self::PostSnapshot(e) => (e.network, e.at),
            Self::AccountSnapshot(e) => (e.network, e.at),
            Self::PostAverage(e) => (e.network, e.at),
            Self::FollowerMix(e) => (e.network, e.at),
            Self::Gap { network, at } => (*network, *at),
        }
    }
}
