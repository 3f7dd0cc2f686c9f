//! A personal API token, made for exactly one actor.

use sea_orm::entity::prelude::*;

use crate::{
    enums::Hat,
    ids::{ApiTokenId, OrgId, UserId},
    json::Words,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    pub user_id: UserId,
    pub hat: Hat,
    /// Set when the hat is member.
    pub org_id: Option<OrgId>,
    pub name: String,
    pub token_hash: String,
    /// The last four characters, to tell tokens apart.
    pub hint: String,
    /// `read`, `write`.
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Words,
    pub expires_at: DateTimeUtc,
    pub last_used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
