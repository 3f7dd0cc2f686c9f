//! A link of an invitation's mail; a resend adds one.

use sea_orm::entity::prelude::*;

use crate::ids::{InvitationId, InvitationTokenId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationTokenId,
    pub invitation_id: InvitationId,
    #[sea_orm(unique)]
    pub token_hash: String,
    /// The address that this mail went to; a later one may go elsewhere.
    pub email: String,
    /// Of the link that says "no more mail"; it outlives the invitation.
    #[sea_orm(unique)]
    pub unsubscribe_hash: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
