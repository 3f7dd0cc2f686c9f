//! Figures with their source: what was measured, over which time, of whom, and where it was read.
//!
//! Followers, viewers and impressions are not the same thing and are never added together; so every reading keeps its own name.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::metric::Metric;

/// What is counted. A word of a network's is brought here only where it means the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Measure {
    Followers,
    Following,
    Posts,
    /// Times shown or played, repeated ones included.
    Views,
    /// Different people or accounts that saw it.
    Reach,
    /// Times shown on a screen, where the network tells this apart from views.
    Impressions,
    Likes,
    /// Likes, hearts and all other feelings.
    Reactions,
    Comments,
    /// Passed on, to whomever.
    Shares,
    /// Passed on to one's own followers.
    Reposts,
    Quotes,
    Replies,
    /// Kept for later.
    Saves,
    /// All of the above that the network calls an interaction.
    Interactions,
    /// Different accounts that interacted.
    EngagedAccounts,
    /// Votes up minus votes down.
    Score,
    ProfileVisits,
    /// Taps on what the profile offers.
    ProfileTaps,
    LinkClicks,
    /// Clicks on the publication itself, other than links out.
    Clicks,
    /// Followers won in the window, or by the publication.
    Follows,
    /// Followers lost in the window.
    Unfollows,
    /// Moves inside a story; see the reading's part.
    Navigation,
    /// Seconds watched by all together.
    WatchSeconds,
    /// Milliseconds watched at one time, on average.
    AverageWatchMillis,
    /// People watching now.
    LiveViewers,
}

/// One figure with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What is counted.
    pub measure: Measure,
    /// Only this part of it, in the network's word in lower case, such as `tap_exit`; `None`: all of it.
    pub part: Option<String>,
    /// Only this day, by the network's calendar; `None`: the whole window.
    pub day: Option<NaiveDate>,
    /// The figure, or why there is none.
    pub metric: Metric,
    /// The network's own word for it.
    pub word: String,
}

impl Reading {
    /// A figure of the whole.
    pub fn new(measure: Measure, word: &str, metric: Metric) -> Self {
        Self { measure, part: None, day: None, metric, word: word.to_owned() }
    }

    /// Whether it is a figure of the whole, and not of one part or one day.
    pub fn is_whole(&self) -> bool {
        self.part.is_none() && self.day.is_none()
    }

    /// Of one part.
    #[must_use]
    pub fn part(self, part: &str) -> Self {
        Self { part: Some(part.to_lowercase()), ..self }
    }

    /// Of one day.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> Self {
        Self { day: Some(day), ..self }
    }
}

/// A span of time, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From.
    pub since: DateTime<Utc>,
    /// Until.
    pub until: DateTime<Utc>,
}

impl Window {
    /// So many days before `until`; at least one, at most ten years.
    pub fn days_before(until: DateTime<Utc>, days: u32) -> Self {
        Self { since: until - Duration::days(i64::from(days.clamp(1, 3_650))), until }
    }
}

/// What was read about one thing at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSet {
    /// The account's or publication's id at the network.
    pub external_id: String,
    /// Over which time; `None`: since it exists.
    pub window: Option<Window>,
    /// The figures.
    pub readings: Vec<Reading>,
    /// The endpoint that said so.
    pub endpoint: String,
    /// When it said so.
    pub fetched_at: DateTime<Utc>,
}

impl MetricSet {
    /// The whole window's figure of a measure; [`Metric::NotOffered`] if it was not asked for.
    pub fn metric(&self, measure: Measure) -> Metric {
        let whole = |r: &&Reading| r.measure == measure && r.is_whole();
        self.readings.iter().find(whole).map_or(Metric::NotOffered, |r| r.metric)
    }
}

/// Of whom demographics speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Crowd {
    Followers,
    /// Those who reacted lately.
    Engaged,
    /// Those who watched, followers or not.
    Viewers,
}

/// By what they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Dimension {
    Age,
    Gender,
    /// Keys are `AGE GENDER`.
    AgeGender,
    /// Keys are the network's own names.
    City,
    /// Keys are ISO 3166-1 alpha-2.
    Country,
}

/// One slice of a crowd.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Which slice. Ages as `18-24` and `65+`, genders as `female`, `male` and `other`.
    pub key: String,
    /// How much, in the breakdown's unit; finite and not negative.
    pub value: f64,
}

/// In what shares are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Heads.
    People,
    /// Per cent of the crowd; what is missing to 100 is unknown.
    Percent,
}

/// The slices of a crowd, or why there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slices {
    /// At least one.
    Given {
        /// In what.
        unit: Unit,
        /// The slices, in the network's order; rare ones may be left out by the network.
        shares: Vec<Share>,
    },
    /// None, for the reason that a [`Metric`] without value gives.
    Missing(Metric),
}

/// One crowd by one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Of whom.
    pub crowd: Crowd,
    /// By what.
    pub by: Dimension,
    /// How they divide.
    pub slices: Slices,
}

/// Who the audience is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demographics {
    /// What the network offers, given or missing.
    pub breakdowns: Vec<Breakdown>,
    /// The endpoint that said so.
    pub endpoint: String,
    /// When it said so.
    pub fetched_at: DateTime<Utc>,
}

impl Demographics {
    /// One breakdown, if the network has it at all.
    pub fn get(&self, crowd: Crowd, by: Dimension) -> Option<&Slices> {
        self.breakdowns.iter().find(|b| b.crowd == crowd && b.by == by).map(|b| &b.slices)
    }
}
