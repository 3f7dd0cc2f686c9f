//! The JSON columns, typed: what one row holds that no query looks into.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};

use crate::enums::{Format, Kpi, Network};

/// JSON as the database's text, parsed where somebody looks into it: most who read such a row do not.
#[derive(Clone, Debug, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// What is to be written.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        to_raw_value(value).map(Self)
    }

    /// What was written.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.0.get())
    }
}

/// An empty object.
impl Default for RawJson {
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).unwrap_or_default())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// A list of words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Words(pub Vec<String>);

/// A text in both languages; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    #[serde(default)]
    pub en: String,
    #[serde(default)]
    pub ja: String,
}

/// A number that a campaign wants to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KpiTarget {
    pub kpi: Kpi,
    pub target: i64,
}

/// All that a campaign wants to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct KpiTargets(pub Vec<KpiTarget>);

/// A kind of work: a format on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NetworkFormat {
    pub network: Network,
    pub format: Format,
}

/// The kinds of work that a campaign asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct NetworkFormats(pub Vec<NetworkFormat>);

/// Whom a campaign wants to reach (M12); every part may be left open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct AudienceTarget {
    /// `female`, `male`, or empty for everybody.
    pub gender: String,
    /// Age bands such as `18-24`.
    pub age_bands: Vec<String>,
    /// ISO 3166-1 alpha-2 countries.
    pub countries: Vec<String>,
    pub interests: Vec<String>,
    /// Life style, values, online behaviour, in the brand's words.
    pub persona: String,
}

/// What whoever holds an invitation reads before joining.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct Teaser {
    pub summary: Bilingual,
    pub reward: Bilingual,
    pub formats: Bilingual,
    pub usage_rights: Bilingual,
    pub exclusivity: Bilingual,
}

/// What only a joined creator reads (K15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct FullBrief {
    pub objective: Bilingual,
    pub key_messages: Bilingual,
    pub dos: Bilingual,
    pub donts: Bilingual,
    pub deliverables: Bilingual,
    pub tags: Bilingual,
    pub embargo: Bilingual,
    pub disclosure: Bilingual,
    pub approval: Bilingual,
    pub schedule: Bilingual,
}

/// An account that a network offered to link, kept while the creator chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedAccount {
    pub external_id: String,
    pub handle: String,
    pub name: String,
    /// Why it cannot be linked, as a message key; none if it can.
    pub refused: Option<String>,
}

/// All that a network offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct OfferedAccounts(pub Vec<OfferedAccount>);
