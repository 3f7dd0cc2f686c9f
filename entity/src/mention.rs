//! A publication or comment of somebody else's that names a linked account.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CreatorId, MentionId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mentions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MentionId,
    pub account_id: AccountId,
    pub creator_id: CreatorId,
    /// The network's own id; unique with the account.
    pub external_id: String,
    /// How: a word of the connectors', such as `tag`.
    pub kind: String,
    pub author_handle: String,
    pub text: String,
    pub url: String,
    pub published_at: Option<DateTimeUtc>,
    /// Its counters, as far as they came along.
    #[sea_orm(column_type = "JsonBinary")]
    pub readings: Json,
    pub first_seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
