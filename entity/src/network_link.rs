//! What ties an account to its creator, and the sealed tokens.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{LinkMethod, LinkState},
    ids::{AccountId, CreatorId, NetworkLinkId},
    json::Words,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NetworkLinkId,
    pub account_id: AccountId,
    pub creator_id: CreatorId,
    pub method: LinkMethod,
    pub state: LinkState,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Words,
    #[sea_orm(column_type = "JsonBinary")]
    pub missing_scopes: Words,
    /// Access and refresh token under the key `key_id`; blank once revoked.
    pub token_sealed: Option<String>,
    pub key_id: String,
    /// Whose grant it is, in the network's word; one grant may carry several accounts. Empty if unknown.
    pub subject: String,
    pub expires_at: Option<DateTimeUtc>,
    /// When the tokens are to be renewed, or the creator to be asked to log in again; none = never.
    pub renew_at: Option<DateTimeUtc>,
    /// One refresh at a time.
    pub refresh_lease_until: Option<DateTimeUtc>,
    /// Message key of what is wrong; empty if nothing.
    pub problem: String,
    /// What its creator writes at the account to show that it is theirs; empty unless it was typed in.
    pub proof_code: String,
    /// When it was last read there; none = never.
    pub proven_at: Option<DateTimeUtc>,
    pub linked_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A link without tokens.
    pub fn bare(
        id: NetworkLinkId,
        (account_id, creator_id): (AccountId, CreatorId),
        method: LinkMethod,
        state: LinkState,
        created_at: DateTimeUtc,
    ) -> Self {
        Self {
            id,
            account_id,
            creator_id,
            method,
            state,
            scopes: Words::default(),
            missing_scopes: Words::default(),
            token_sealed: None,
            key_id: String::new(),
            subject: String::new(),
            expires_at: None,
            renew_at: None,
            refresh_lease_until: None,
            problem: String::new(),
            proof_code: String::new(),
            proven_at: None,
            linked_at: None,
            revoked_at: None,
            created_at,
        }
    }
}
