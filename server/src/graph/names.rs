//! Kinds of work and texts in two languages, as several slices write them.

use async_graphql::{InputObject, SimpleObject};
use entity::json::{Bilingual, NetworkFormat};

use super::scalars::LocaleName;
use crate::{creators::graphql::NetworkName, offerings::graphql::FormatName};

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
