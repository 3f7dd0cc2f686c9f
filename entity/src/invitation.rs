//! An invitation by mail to one creator. The links are in `invitation_tokens`.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{DeclineReason, EmailSource, InvitationState, Locale},
    ids::{BatchId, CampaignId, CreatorId, InvitationId, OrgId, ParticipationId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub org_id: OrgId,
    pub campaign_id: CampaignId,
    pub creator_id: CreatorId,
    pub participation_id: ParticipationId,
    pub batch_id: Option<BatchId>,
    pub email: String,
    pub email_key: String,
    pub email_source: EmailSource,
    pub locale: Locale,
    pub subject: String,
    /// The personal lines: why this creator.
    pub message: String,
    pub state: InvitationState,
    pub decline_reason: Option<DeclineReason>,
    pub decline_note: String,
    pub bounce_code: String,
    pub invited_by: UserId,
    pub sent_at: Option<DateTimeUtc>,
    pub viewed_at: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
    /// The answer-by instant.
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
