//! The shapes of what is stored as JSON: what one run made of a creator's readings. A field that is added has a default, so that older rows
//! are read; a missing figure is `None` with its reason in `missing`, never 0.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    enums::{Crowd, Dimension, MetricSource, Network},
    ids::{AccountId, OrgId, PostId},
};
use influence::{
    causes::Cause,
    engagement::{Comparison, Seed},
    quality::Fan,
    sponsored::Sign,
    types::{Format, Provenance},
    when::Hour,
};
use serde::{Deserialize, Serialize};

pub use super::gaps::{Missing, Part, Why};
use super::tables::Versions;

/// All that one run made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    /// The versions of the tables that it was read against; 0 = as shipped.
    pub tables: Versions,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// By account.
    pub engagement: Vec<Engagement>,
    /// `None`: nothing of it is known.
    pub quality: Option<Quality>,
    /// What posts are about; empty without posts.
    pub topics: Topics,
    /// Work with brands.
    pub collaborations: Collaborations,
    /// Explicit words; `None` without posts.
    pub vetting: Option<Vetting>,
    /// Who the audience is, account by account; empty in the public scope.
    pub audience: Vec<Audience>,
    /// Who takes part; `None` = too little is known.
    pub fans: Option<Fans>,
    /// What a sponsored post may cost, by account.
    pub prices: Vec<Price>,
    /// What the posts there are would be said to be worth, by account.
    pub media: Vec<MediaValue>,
    /// When to post, by account.
    pub hours: Vec<Hours>,
    /// What is not known, and why.
    pub missing: Vec<Missing>,
}

impl Results {
    /// From a row; what cannot be read is as if nothing had been computed.
    pub fn of(row: &entity::creator_insights::Model) -> Self {
        row.results.read().unwrap_or_default()
    }
}

/// An account that went in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Which.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// Its followers; `None` = not told.
    pub followers: Option<i64>,
    /// Who told them.
    pub told_by: Option<MetricSource>,
    /// The latest reading of anything of it.
    pub as_of: Option<DateTime<Utc>>,
    /// Posts of 180 days that went in.
    pub posts: usize,
    /// Comments that went in.
    pub comments: usize,
}

/// How the audience of an account reacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engagement {
    /// Of which account.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// `none`, `nano`, `micro`, `macro` or `mega`, by its followers; `None` = not known.
    pub tier: Option<String>,
    /// What the table of benchmarks says of such accounts; `None` = the tier is not known, or an older run that kept none.
    #[serde(default)]
    pub usual: Option<Seed>,
    /// Median over posts of 100 × (likes + comments + shares) / followers at the time, per cent.
    pub by_followers: Option<f64>,
    /// The same over people reached; first-party.
    pub by_reach: Option<f64>,
    /// The same over views.
    pub by_views: Option<f64>,
    /// Posts behind it.
    pub posts: usize,
    /// Posts a week over 90 days.
    pub cadence: f64,
    /// Advertising against ordinary posts, by followers; `None` with fewer than the least number of either.
    pub sponsored: Option<Comparison>,
}

/// Audience quality and authenticity (0 to 100).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Audience quality.
    pub value: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Without the plausibility of the engagement rate; `None` if that was all there was.
    pub authenticity: Option<f64>,
    /// `A` to `D`: how much of it was known.
    pub grade: String,
    /// Comments judged.
    pub comments: usize,
    /// What comments are worth, 0 to 1.
    pub comment_score: Option<f64>,
    /// Comments by class: `spam`, `duplicate`, `pod`, `emoji_only`, `generic`, `off_topic`, `genuine`.
    pub classes: BTreeMap<String, usize>,
    /// Jumps of followers that no post explains, in 90 days; `None` with fewer than 14 days of counts.
    pub anomalies: Option<u32>,
    /// Engagement by followers over what is usual for the tier.
    pub rate_to_usual: Option<f64>,
}

/// Those who commented on the posts of 180 days, or named the creator, as far as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fans {
    /// How many they are, once a network; 20 at least.
    pub people: usize,
    /// From when on something is known.
    pub since: NaiveDate,
    /// By what they did.
    pub kinds: BTreeMap<Fan, usize>,
    /// Of all of them, those who named the creator in posts of their own within 90 days.
    pub advocates: usize,
    /// What their comments are about, the largest share first; topics of fewer than 20 people are left out.
    pub interests: Vec<Interest>,
}

/// What people who comment write about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interest {
    /// The topic's id in the ontology.
    pub id: String,
    /// How many wrote about it; 20 at least.
    pub people: usize,
    /// Its mean share of what one of them writes about, 0 to 1; who writes about nothing in particular counts with 0.
    pub share: f64,
}

/// What posts are about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Topics {
    /// Posts read.
    pub posts: usize,
    /// The most frequent ones, the most frequent first.
    pub main: Vec<Topic>,
    /// Those whose posts do better than the rest (K9), the best first.
    pub strong: Vec<Strong>,
}

/// A topic of the posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its id in the ontology.
    pub id: String,
    /// Share of posts that are about it, 0 to 1.
    pub share: f64,
    /// How many those are.
    pub posts: usize,
    /// Words that named it, a few.
    pub evidence: Vec<String>,
}

/// A topic that does better than the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strong {
    /// Its id in the ontology.
    pub id: String,
    /// Posts about it.
    pub posts: usize,
    /// Typical engagement of its posts over that of all.
    pub ratio: f64,
    /// Not among what the creator named, nor a quarter of the posts.
    pub unexpected: bool,
}

/// Work with brands, as the posts show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collaborations {
    /// By brand, the latest first.
    pub brands: Vec<Collaboration>,
    /// Posts that say they are advertising, the latest first, at most 20.
    pub posts: Vec<Advertising>,
    /// How many of those there are.
    pub count: usize,
    /// Posts that say no such thing and look like it, the latest first, at most 20.
    pub suspected: Vec<Suspected>,
    /// How many of those there are.
    pub suspected_count: usize,
    /// Advertising over all posts, 0 to 1; `None` without posts.
    pub saturation: Option<f64>,
}

/// A creator and a brand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collaboration {
    /// The brand's name.
    pub brand: String,
    /// The organisation here that bears it; `None` = known from the creator's portfolio only.
    pub org: Option<OrgId>,
    /// The first advertising post.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// How many.
    pub posts: usize,
    /// Their median rate over that of ordinary posts; `None` below 5 of either.
    pub rate_to_ordinary: Option<f64>,
}

/// A post that says it is advertising.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advertising {
    /// Which.
    pub post: PostId,
    /// When it went out.
    pub day: NaiveDate,
    /// The network's label (empty), or the hashtag or phrase that says so.
    pub disclosed_by: String,
}

/// A post that looks like advertising and does not say so. A suspicion to look at, no finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspected {
    /// Which.
    pub post: PostId,
    /// When it went out.
    pub day: NaiveDate,
    /// P(advertising), 0 to 1, by a model that nobody has validated.
    pub probability: f64,
    /// What speaks for it.
    pub signs: Vec<Sign>,
}

/// What a sponsored post on an account may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// Of which form.
    pub format: Format,
    /// With its span and factors.
    pub estimate: influence::price::Price,
}

/// What an ordinary post of an account would be said to be worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MediaValue {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// The median, in minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Posts of 90 days behind it.
    pub posts: usize,
    /// The weakest basis among them: impressions, views, or reactions.
    pub basis: Provenance,
}

/// When the audience of an account reacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hours {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// Reactions of 100 days whose instant is known.
    pub reactions: usize,
    /// Hours of the week of UTC, the best first.
    pub best: Vec<Hour>,
}

/// Explicit words in posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vetting {
    /// Posts looked at.
    pub posts: usize,
    /// Posts with a finding, for each 1,000.
    pub per_thousand: f64,
    /// Posts by their worst finding: mild, strong, extreme.
    pub by_severity: [usize; 3],
    /// The worst, at most 20.
    pub findings: Vec<Finding>,
}

/// An explicit word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// In which post.
    pub post: PostId,
    /// `crude`, `sexual`, `insult`, `slur`, `threat` or `drugs`.
    pub kind: String,
    /// 1 mild, 2 strong, 3 extreme.
    pub severity: u8,
    /// It is quoted or a title.
    pub softened: bool,
    /// The sentence as it was written, cut.
    pub quote: String,
}

/// Who an account's audience is, by one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audience {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub network: Network,
    /// Followers, those who react, or viewers.
    pub crowd: Crowd,
    /// By what.
    pub dimension: Dimension,
    /// When the network told.
    pub as_of: DateTime<Utc>,
    /// People counted; `None` where the network tells shares only.
    pub people: Option<u64>,
    /// The groups, the largest first, "other" last.
    pub cells: Vec<Cell>,
}

/// A group and its share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// `25-34`, `female`, `JP`, a city's name, or `other`.
    pub group: String,
    /// 0 to 1.
    pub share: f64,
}

/// Something that happened, for the "why" of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// Where.
    pub network: influence::types::Network,
    /// What.
    #[serde(flatten)]
    pub cause: Cause,
    /// The post, where it is one.
    pub post_id: Option<PostId>,
}

/// Figures of a group of peers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeerFigures {
    /// Their scores, rising, at most 201 of them at even distances.
    pub scores: Vec<f64>,
    /// The 75th percentile of each part of the score.
    pub upper: influence::coach::Peers,
    /// The median engagement by followers, per cent; `None` where nobody's is known.
    pub engagement: Option<f64>,
    /// Accounts behind it.
    pub engagement_of: usize,
}
