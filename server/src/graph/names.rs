//! The names of networks and of kinds of posts, as many slices write them.

use async_graphql::{Enum, InputObject, SimpleObject};
use entity::{
    enums::{Format, Network},
    json::{Bilingual, NetworkFormat},
};

use super::scalars::LocaleName;

/// A social network or channel.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Network", name = "Network")]
pub enum NetworkName {
    /// Instagram
    Instagram,
    /// YouTube
    Youtube,
    /// Facebook
    Facebook,
    /// X, once Twitter
    X,
    /// TikTok
    Tiktok,
    /// Twitch
    Twitch,
    /// Pinterest
    Pinterest,
    /// LinkedIn
    Linkedin,
    /// Reddit
    Reddit,
    /// Bluesky
    Bluesky,
    /// Mastodon, any server
    Mastodon,
    /// An own blog or site
    Blog,
}

/// A kind of post. Which of them a network has: see `Campaign.formats`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Format", name = "Format")]
pub enum FormatName {
    /// A reel
    Reel,
    /// A single image
    Image,
    /// A carousel of images
    Carousel,
    /// A story, gone after a day
    Story,
    /// A live stream
    Live,
    /// Material for the brand's own use
    Ugc,
    /// A post with products to buy
    Shopping,
    /// A post in both names
    Collab,
    /// The creator runs the brand's account for a while
    Takeover,
    /// A long video
    LongVideo,
    /// A short video
    ShortVideo,
    /// A video
    Video,
    /// A long written post
    LongPost,
    /// A promotion
    Promotion,
    /// An event
    Event,
    /// A photo
    Photo,
    /// A written post
    Text,
    /// An advertisement in an expert's name
    ThoughtLeaderAd,
    /// A post in a forum
    Forum,
    /// Ask me anything
    Ama,
    /// A hashtag challenge
    HashtagChallenge,
    /// Selling in a live stream
    LiveShopping,
    /// Video on demand
    Vod,
    /// A pin
    Pin,
    /// An article
    Article,
    /// An e-book
    Ebook,
}

/// A kind of work: a format on a network.
#[derive(SimpleObject, Clone, Copy)]
#[graphql(name = "NetworkFormat")]
pub struct Work {
    /// The network.
    pub network: NetworkName,
    /// One of the network's formats.
    pub format: FormatName,
}

impl From<NetworkFormat> for Work {
    fn from(work: NetworkFormat) -> Self {
        Self { network: work.network.into(), format: work.format.into() }
    }
}

/// A kind of work: a format on a network that has it.
#[derive(InputObject, Clone, Copy)]
#[graphql(name = "NetworkFormatInput")]
pub struct WorkInput {
    /// The network.
    pub network: NetworkName,
    /// One of the network's formats.
    pub format: FormatName,
}

/// A text that may be written in both languages.
pub struct BilingualText(pub Bilingual);

/// A text that may be written in both languages.
#[async_graphql::Object]
impl BilingualText {
    /// The English text; null while it is not written.
    async fn en(&self) -> Option<&str> {
        Some(self.0.en.as_str()).filter(|t| !t.is_empty())
    }
    /// The Japanese text; null while it is not written.
    async fn ja(&self) -> Option<&str> {
        Some(self.0.ja.as_str()).filter(|t| !t.is_empty())
    }
    /// The text in this language, else in the other; null while neither is written.
    async fn text(&self, #[graphql(desc = "The language of the reader.")] locale: LocaleName) -> Option<&str> {
        Some(crate::briefs::rules::pick(&self.0, locale.into()).0).filter(|t| !t.is_empty())
    }
}

/// A text in one or both languages. What is left out stays as it is; an empty text takes it away.
#[derive(InputObject, Clone, Debug, Default)]
pub struct BilingualInput {
    /// The English text.
    pub en: Option<String>,
    /// The Japanese text.
    pub ja: Option<String>,
}
