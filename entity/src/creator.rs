//! A creator's profile. Without a user it is public data only, imported or typed in by a brand.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{CreatorKind, CreatorSource},
    ids::{CreatorId, UploadId, UserId},
    json::Words,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "creators")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CreatorId,
    pub user_id: Option<UserId>,
    pub display_name: String,
    /// Folded for search.
    pub name_key: String,
    pub kana: String,
    pub intro_en: String,
    pub intro_ja: String,
    /// A category's id; empty while unset.
    pub main_category: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub skills: Words,
    /// The one that the creator uploaded.
    pub picture_id: Option<UploadId>,
    /// A copy of the one that the creator shows at a network.
    pub network_picture_id: Option<UploadId>,
    pub kind: CreatorKind,
    /// ISO 3166-1 alpha-2, empty while unknown.
    pub country: String,
    pub prefecture: String,
    pub source: CreatorSource,
    /// The largest audience among the accounts, for the order of lists; none = unknown. `creators::recount_in` keeps it.
    pub followers: Option<i64>,
    /// The influence score in tenths, 0 to 1000, from public counters alone; none = no score. For the order of lists; `insights` keeps it.
    pub score: Option<i64>,
    /// True Reach, people per post, kept likewise.
    pub true_reach: Option<i64>,
    /// Engagement by followers on the largest account, in hundredths of a per cent, kept likewise.
    pub engagement_rate: Option<i64>,
    pub registered_at: Option<DateTimeUtc>,
    /// When an admin gave the verified badge by hand.
    pub vetted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What is shown as the creator's picture.
    pub fn picture(&self) -> Option<UploadId> {
        self.picture_id.or(self.network_picture_id)
    }

    /// An unclaimed profile of which the name alone is known. `name_key` is the name folded for search.
    pub fn bare(id: CreatorId, name: &str, name_key: String, source: CreatorSource, created_at: DateTimeUtc) -> Self {
        Self {
            id,
            user_id: None,
            display_name: name.to_owned(),
            name_key,
            kana: String::new(),
            intro_en: String::new(),
            intro_ja: String::new(),
            main_category: String::new(),
            skills: Words::default(),
            picture_id: None,
            network_picture_id: None,
            kind: CreatorKind::Social,
            country: String::new(),
            prefecture: String::new(),
            source,
            followers: None,
            score: None,
            true_reach: None,
            engagement_rate: None,
            registered_at: None,
            vetted_at: None,
            created_at,
        }
    }
}
