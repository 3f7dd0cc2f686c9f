//! A link in a mail: one purpose, one use, stored hashed.

use sea_orm::entity::prelude::*;

use crate::{
    enums::LinkPurpose,
    ids::{LinkTokenId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LinkTokenId,
    pub purpose: LinkPurpose,
    pub token_hash: String,
    /// The mailbox that it proves.
    pub email: String,
    pub user_id: Option<UserId>,
    /// What the purpose needs, such as the name and password hash of a sign-up.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
