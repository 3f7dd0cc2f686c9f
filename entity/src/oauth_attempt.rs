//! One walk through a network's consent page, bound to the session or API token that began it.

use sea_orm::entity::prelude::*;

use crate::{
    enums::Network,
    ids::{AccountId, ApiTokenId, CreatorId, OauthAttemptId, SessionId},
    json::{OfferedAccounts, Words},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OauthAttemptId,
    pub state_hash: String,
    /// The browser that began it; either this or the token.
    pub session_id: Option<SessionId>,
    pub token_id: Option<ApiTokenId>,
    pub creator_id: CreatorId,
    pub network: Network,
    pub verifier_sealed: String,
    pub key_id: String,
    /// Local path to go back to.
    pub next: String,
    /// The account that must come back.
    pub relink_id: Option<AccountId>,
    /// Kept while the creator chooses among several accounts.
    pub token_sealed: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Words,
    pub token_expires_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "JsonBinary")]
    pub offered: OfferedAccounts,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
