//! What somebody wrote under a publication.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommentId, PostId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    pub post_id: PostId,
    pub account_id: AccountId,
    /// The network's own id; unique with the account.
    pub external_id: String,
    pub parent_external_id: Option<String>,
    pub author_handle: String,
    pub text: String,
    pub published_at: Option<DateTimeUtc>,
    pub likes: Option<i64>,
    pub hidden: Option<bool>,
    pub first_seen_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
