//! Something that a linked account published, with the latest word on its figures.

use sea_orm::entity::prelude::*;

use crate::{
    enums::Network,
    ids::{AccountId, CreatorId, PostId},
    json::{RawJson, Words},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "posts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PostId,
    pub account_id: AccountId,
    pub creator_id: CreatorId,
    pub network: Network,
    /// The network's own id; unique with the account.
    pub external_id: String,
    /// A word of the connectors': `image`, `short`, `story`.
    pub format: String,
    pub caption: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub hashtags: Words,
    #[sea_orm(column_type = "JsonBinary")]
    pub mentions: Words,
    pub url: String,
    pub published_at: Option<DateTimeUtc>,
    pub duration_seconds: Option<i32>,
    /// Whether the network shows it as a paid partnership; none = it does not say.
    pub paid_partnership: Option<bool>,
    // The latest figures, for lists; none = unknown. What each rests on stands in `figures`.
    pub views: Option<i64>,
    pub reach: Option<i64>,
    pub likes: Option<i64>,
    pub comments: Option<i64>,
    /// Likes and comments together; none unless both are known.
    pub engagement: Option<i64>,
    /// By name of the measure: the figure or why there is none, its endpoint, source and date.
    #[sea_orm(column_type = "JsonBinary")]
    pub figures: RawJson,
    /// When its own figures are asked for next; none = no more.
    pub figures_due_at: Option<DateTimeUtc>,
    /// When its comments are read next; none = no more.
    pub comments_due_at: Option<DateTimeUtc>,
    /// Whether the network has more comments than were read; none = they were never read.
    pub more_comments: Option<bool>,
    /// A small picture at the network's host, as it was last told; ends after some days. Empty = the network gives none.
    pub thumbnail_url: String,
    /// A story ends then.
    pub expires_at: Option<DateTimeUtc>,
    pub first_seen_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    /// The network no longer shows it.
    pub gone_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// One of which nothing is known but whose it is.
    pub fn bare(
        id: PostId,
        (account_id, creator_id, network): (AccountId, CreatorId, Network),
        external_id: String,
        first_seen_at: DateTimeUtc,
    ) -> Self {
        Self {
            id,
            account_id,
            creator_id,
            network,
            external_id,
            format: String::new(),
            caption: String::new(),
            hashtags: Words::default(),
            mentions: Words::default(),
            url: String::new(),
            published_at: None,
            duration_seconds: None,
            paid_partnership: None,
            views: None,
            reach: None,
            likes: None,
            comments: None,
            engagement: None,
            figures: RawJson::default(),
            figures_due_at: None,
            comments_due_at: None,
            more_comments: None,
            thumbnail_url: String::new(),
            expires_at: None,
            first_seen_at,
            last_seen_at: first_seen_at,
            gone_at: None,
        }
    }
}
