//! What the latest run made of a creator's readings: one row a creator and scope.

use sea_orm::entity::prelude::*;

use crate::{
    enums::InsightScope,
    ids::{CreatorId, CreatorInsightsId},
    json::RawJson,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "creator_insights")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CreatorInsightsId,
    pub creator_id: CreatorId,
    /// Unique with the creator.
    pub scope: InsightScope,
    /// As of the end of this day, UTC.
    pub day: Date,
    /// The version of the formula.
    pub formula: String,
    /// SHA-256 of all that went in, in hexadecimal.
    pub inputs_hash: String,
    /// The network that carries most of the score; empty without a score.
    pub network: String,
    /// The tier there; empty without a score.
    pub tier: String,
    /// The creator's country; empty while unknown.
    pub country: String,
    /// 0 to 100; none = no score, for the reasons in `results`.
    pub score: Option<f64>,
    /// People per post.
    pub true_reach: Option<f64>,
    /// Per cent of followers, on the largest account.
    pub engagement_rate: Option<f64>,
    /// `insights::results::Results`.
    #[sea_orm(column_type = "JsonBinary")]
    pub results: RawJson,
    pub computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
