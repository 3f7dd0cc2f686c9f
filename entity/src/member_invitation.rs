//! A letter that asks a person to become a member.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{MemberInvitationState, Role},
    ids::{MemberInvitationId, OrgId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberInvitationId,
    pub org_id: OrgId,
    pub email: String,
    pub email_key: String,
    pub role: Role,
    pub token_hash: String,
    pub invited_by: UserId,
    pub state: MemberInvitationState,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
