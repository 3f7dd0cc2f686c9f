//! A story that is kept beyond its day (K20): where its files lie, and how its figures ended.

use sea_orm::entity::prelude::*;

use crate::{
    enums::StoryEnd,
    ids::{AccountId, CreatorId, PostId, StoryArchiveId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "story_archives")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StoryArchiveId,
    /// Unique.
    pub post_id: PostId,
    pub account_id: AccountId,
    pub creator_id: CreatorId,
    /// Where the file lies in the store; none = not kept, or not yet.
    pub file: Option<String>,
    pub content_type: String,
    pub bytes: i64,
    /// Of the file, in hex.
    pub sha256: String,
    /// Why there is no file, as a word; empty if there is one.
    pub problem: String,
    /// How often copying was tried.
    pub attempts: i32,
    pub ending: StoryEnd,
    pub expires_at: DateTimeUtc,
    /// When its figures are asked for next; none = no more.
    pub read_at: Option<DateTimeUtc>,
    pub last_read_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
