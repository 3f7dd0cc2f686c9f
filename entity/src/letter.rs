//! A mail, stored rendered and blanked after delivery, since it holds links.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{LetterKind, LetterState},
    ids::{InvitationId, LetterId, OrgId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LetterId,
    pub kind: LetterKind,
    pub org_id: Option<OrgId>,
    pub invitation_id: Option<InvitationId>,
    pub to_email: String,
    pub from_name: String,
    pub reply_to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Further headers, such as List-Unsubscribe.
    #[sea_orm(column_type = "JsonBinary")]
    pub headers: Json,
    pub state: LetterState,
    pub attempts: i32,
    pub next_at: DateTimeUtc,
    pub lease_until: Option<DateTimeUtc>,
    pub last_error: String,
    pub sent_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
