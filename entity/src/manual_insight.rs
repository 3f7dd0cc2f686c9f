//! Figures that a creator hands in, asked for by a brand or of their own accord (K23).

use sea_orm::entity::prelude::*;

use crate::{
    enums::{ManualInsightState, ProofReview},
    ids::{AccountId, CreatorId, ManualInsightId, OrgId, PostId, UploadId, UserId},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "manual_insights")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ManualInsightId,
    pub creator_id: CreatorId,
    pub account_id: AccountId,
    /// None = about the account.
    pub post_id: Option<PostId>,
    /// Who asked, and who may read it; none = nobody asked.
    pub org_id: Option<OrgId>,
    pub state: ManualInsightState,
    /// What the brand wrote.
    pub question: String,
    /// By name of the measure.
    #[sea_orm(column_type = "JsonBinary")]
    pub figures: Json,
    /// The day that the figures are of.
    pub as_of: Option<Date>,
    pub note: String,
    /// A picture of the network's own page.
    pub proof_id: Option<UploadId>,
    /// What a platform admin made of that picture; none = nobody has looked.
    pub review: Option<ProofReview>,
    pub review_note: String,
    pub reviewed_at: Option<DateTimeUtc>,
    pub reviewed_by: Option<UserId>,
    pub created_at: DateTimeUtc,
    pub answered_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
