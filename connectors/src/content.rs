//! What people publish and what others say under it: media of every format, stories, comments, mentions, and pages of them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{connector::TokenSet, insights::Reading, metric::Metric};

/// An account and the grant to read it with.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The grant.
    pub tokens: &'a TokenSet,
    /// The network's id.
    pub external_id: &'a str,
    /// How many follow it, if the caller knows: tells a figure kept back from one that is not there yet.
    pub followers: Option<i64>,
}

impl<'a> Account<'a> {
    /// An account of unknown size.
    pub fn new(tokens: &'a TokenSet, external_id: &'a str) -> Self {
        Self { tokens, external_id, followers: None }
    }

    /// With its followers.
    #[must_use]
    pub fn followers(self, followers: Option<i64>) -> Self {
        Self { followers, ..self }
    }
}

/// Where the next part of a list begins; the network's own text, good for the same call only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// In the network's order, usually the newest first.
    pub items: Vec<T>,
    /// `None`: this was the last part.
    pub next: Option<Cursor>,
    /// Rows that could not be read or that the network held back: the page says "data incomplete".
    pub left_out: usize,
}

impl<T> Page<T> {
    /// The only part.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None, left_out: 0 }
    }

    /// The same part of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next, left_out: self.left_out }
    }
}

/// What form a publication has. One word for the same thing on all networks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    Image,
    /// Several pictures or clips in one.
    Carousel,
    Video,
    /// A short upright video: reel, short, TikTok.
    Short,
    /// Gone after a day.
    Story,
    /// A broadcast that is, or was, live.
    Live,
    /// The recording of a broadcast.
    Recording,
    /// A piece cut out of a broadcast.
    Clip,
    Text,
    /// Words about an address elsewhere.
    Link,
    Event,
    Poll,
    /// Somebody else's, passed on.
    Repost,
    /// A word of the network's that is new to us.
    Other(String),
}

impl Format {
    /// A stable word for storing; an unknown one is the network's.
    pub fn code(&self) -> &str {
        match self {
            Self::Image => "image",
            Self::Carousel => "carousel",
            Self::Video => "video",
            Self::Short => "short",
            Self::Story => "story",
            Self::Live => "live",
            Self::Recording => "recording",
            Self::Clip => "clip",
            Self::Text => "text",
            Self::Link => "link",
            Self::Event => "event",
            Self::Poll => "poll",
            Self::Repost => "repost",
            Self::Other(word) => word,
        }
    }

    /// The format of a stored word; the way back from [`Format::code`].
    pub fn from_code(code: &str) -> Self {
        match code {
            "image" => Self::Image,
            "carousel" => Self::Carousel,
            "video" => Self::Video,
            "short" => Self::Short,
            "story" => Self::Story,
            "live" => Self::Live,
            "recording" => Self::Recording,
            "clip" => Self::Clip,
            "text" => Self::Text,
            "link" => Self::Link,
            "event" => Self::Event,
            "poll" => Self::Poll,
            "repost" => Self::Repost,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Who wrote something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The network's id, where it tells.
    pub external_id: Option<String>,
    /// The handle, where it tells.
    pub handle: Option<String>,
}

/// Something published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// The network's id.
    pub external_id: String,
    /// Its form.
    pub format: Format,
    /// The text; may be empty.
    pub caption: String,
    /// Its page at the network.
    pub permalink: Option<Url>,
    /// The file itself at the network's host, where it gives one; expires.
    pub media_url: Option<Url>,
    /// A small picture at the network's host; expires, so copy it.
    pub thumbnail_url: Option<Url>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// How long it plays.
    pub duration_seconds: Option<u32>,
    /// Who published it, where that is not plain.
    pub author: Author,
    /// Whether the network shows it as a paid partnership; `None`: it does not say.
    pub paid_partnership: Option<bool>,
    /// The counters that came along, as they stood at `fetched_at`.
    pub counters: Vec<Reading>,
    /// The endpoint that said so.
    pub endpoint: String,
    /// When it said so.
    pub fetched_at: DateTime<Utc>,
}

impl Media {
    /// A counter by its name; [`Metric::NotOffered`] if the network gives none.
    pub fn counter(&self, measure: crate::insights::Measure) -> Metric {
        self.counters.iter().find(|r| r.measure == measure && r.part.is_none()).map_or(Metric::NotOffered, |r| r.metric)
    }

    /// What is needed to ask for its insights.
    pub fn reference(&self) -> MediaRef {
        MediaRef { external_id: self.external_id.clone(), format: self.format.clone(), published_at: self.published_at }
    }
}

/// A publication to ask about: networks count differently by format and age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// The network's id.
    pub external_id: String,
    /// Its form.
    pub format: Format,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

/// A publication that goes away by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The story.
    pub media: Media,
    /// From then on the network answers nothing about it.
    pub expires_at: DateTime<Utc>,
}

/// A comment or a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The network's id.
    pub external_id: String,
    /// Under which publication.
    pub media_id: String,
    /// The comment that it answers.
    pub parent_id: Option<String>,
    /// Who wrote it.
    pub author: Author,
    /// The words.
    pub text: String,
    /// When.
    pub published_at: Option<DateTime<Utc>>,
    /// Who likes it.
    pub likes: Metric,
    /// How many answers it has.
    pub replies: Metric,
    /// Whether the account's owner hid it; `None`: the network does not say.
    pub hidden: Option<bool>,
}

/// How somebody named the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MentionKind {
    /// In the words of a publication.
    Caption,
    /// In a comment.
    Comment,
    /// Tagged in a picture or a publication.
    Tag,
    /// An answer to a publication of the account's.
    Reply,
    /// A publication that quotes one of the account's.
    Quote,
    /// A word of the network's that is new to us.
    Other(String),
}

/// A publication or comment of somebody else's that names the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// How.
    pub kind: MentionKind,
    /// The network's id of what names the account.
    pub external_id: String,
    /// The publication that it belongs to, where that is another thing.
    pub media_id: Option<String>,
    /// Who.
    pub author: Author,
    /// The words.
    pub text: String,
    /// Its page at the network.
    pub permalink: Option<Url>,
    /// When.
    pub published_at: Option<DateTime<Utc>>,
    /// Its counters, where they came along.
    pub counters: Vec<Reading>,
}

/// What to look for among publications.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// One hashtag, without the sign.
    Hashtag(String),
    /// Words.
    Keyword(String),
}

/// Which of the finds first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest.
    #[default]
    Recent,
    /// What the network thinks most of.
    Top,
}

/// A search among publications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// For what.
    pub topic: Topic,
    /// In which order.
    pub order: Order,
    /// From where on.
    pub after: Option<Cursor>,
}

impl Query {
    /// The newest with this hashtag, with or without its sign.
    pub fn hashtag(tag: &str) -> Self {
        Self { topic: Topic::Hashtag(tag.trim().trim_start_matches(['#', '＃']).to_owned()), order: Order::Recent, after: None }
    }

    /// The newest with these words.
    pub fn keyword(words: &str) -> Self {
        Self { topic: Topic::Keyword(words.trim().to_owned()), order: Order::Recent, after: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn formats_go_both_ways(word in "[a-zA-Z_]{1,20}") {
            let format = Format::from_code(&word);
            prop_assert_eq!(format.code(), word);
        }
    }

    #[test]
    fn the_sign_is_no_part_of_a_hashtag() {
        assert_eq!(Query::hashtag(" ＃抹茶 ").topic, Topic::Hashtag("抹茶".into()));
        assert_eq!(Query::hashtag("#tea").topic, Query::hashtag("tea").topic);
    }
}
