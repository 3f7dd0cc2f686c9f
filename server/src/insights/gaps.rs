//! What is not known of a creator, and why (K10).

use serde::{Deserialize, Serialize};

/// Which part of the insights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "snake_case")]
#[graphql(name = "InsightPart")]
pub enum Part {
    /// The influence score and True Reach
    Score,
    /// Where the score stands among peers
    Percentile,
    /// How audiences react
    Engagement,
    /// Audience quality and the worth of comments
    Quality,
    /// What the posts are about
    Topics,
    /// Work with brands
    Collaborations,
    /// Explicit words
    Vetting,
    /// Who the audience is
    Audience,
    /// What a sponsored post may cost
    Price,
    /// When to post
    Hours,
    /// Who takes part
    Fans,
}

impl Part {
    /// As stored, also in message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Percentile => "percentile",
            Self::Engagement => "engagement",
            Self::Quality => "quality",
            Self::Topics => "topics",
            Self::Collaborations => "collaborations",
            Self::Vetting => "vetting",
            Self::Audience => "audience",
            Self::Price => "price",
            Self::Hours => "hours",
            Self::Fans => "fans",
        }
    }
}

/// Why something is not known (K10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "snake_case")]
#[graphql(name = "InsightGap")]
pub enum Why {
    /// Nothing has been computed yet
    NotComputed,
    /// No account on a network is known
    NoAccount,
    /// Accounts are known, but no network and no list told how many follow them; what is typed in by hand does not count
    NoFigures,
    /// No post is known
    NoPosts,
    /// Posts are known, but too few of them
    FewPosts,
    /// Posts are known, but none of their counters
    NoCounters,
    /// Nobody's comments were read
    NoComments,
    /// Networks give no list of followers, so no sample of them was judged
    NoFollowerSample,
    /// Fewer than 14 days of follower counts: nothing is said of jumps
    FewDays,
    /// Too few people to show groups of them
    FewPeople,
    /// The network has not told who the audience is
    NotTold,
    /// Only the creator's own grant shows it, and it is not shown to brands
    NotShared,
    /// Too few creators can be compared with
    FewPeers,
    /// No post is known to be advertising
    NoAdvertising,
    /// No survey tells what posts cost on these networks
    NoSurvey,
    /// Fewer than 50 reactions whose instant is known
    FewReactions,
    /// Comments and mentions go back less than 90 days, so that nobody knows who is new
    ShortHistory,
}

impl Why {
    /// As stored, also in message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotComputed => "not_computed",
            Self::NoAccount => "no_account",
            Self::NoFigures => "no_figures",
            Self::NoPosts => "no_posts",
            Self::FewPosts => "few_posts",
            Self::NoCounters => "no_counters",
            Self::NoComments => "no_comments",
            Self::NoFollowerSample => "no_follower_sample",
            Self::FewDays => "few_days",
            Self::FewPeople => "few_people",
            Self::NotTold => "not_told",
            Self::NotShared => "not_shared",
            Self::FewPeers => "few_peers",
            Self::NoAdvertising => "no_advertising",
            Self::NoSurvey => "no_survey",
            Self::FewReactions => "few_reactions",
            Self::ShortHistory => "short_history",
        }
    }
}

/// A gap and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Of what.
    pub part: Part,
    /// Why.
    pub why: Why,
}
