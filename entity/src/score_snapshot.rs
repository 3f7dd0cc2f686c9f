//! A creator's score of one day, with all that it was made from: the same facts and formula give it again.

use sea_orm::entity::prelude::*;

use crate::{
    enums::InsightScope,
    ids::{CreatorId, ScoreSnapshotId},
    json::RawJson,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "score_snapshots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScoreSnapshotId,
    pub creator_id: CreatorId,
    pub scope: InsightScope,
    /// As of the end of this day, UTC; unique with creator and scope. Of a day computed twice the later run stands.
    pub day: Date,
    /// The version of the formula; scores of different versions are never compared.
    pub formula: String,
    /// SHA-256 of all that went in, in hexadecimal.
    pub inputs_hash: String,
    /// 0 to 100.
    pub value: f64,
    /// Nine in ten lie between this
    pub low: f64,
    /// and this.
    pub high: f64,
    /// People per post.
    pub true_reach: f64,
    /// `influence::Score`: every part by network.
    #[sea_orm(column_type = "JsonBinary")]
    pub score: RawJson,
    /// `Vec<influence::score::Facts>`: the inputs of the formula.
    #[sea_orm(column_type = "JsonBinary")]
    pub facts: RawJson,
    /// `Vec<insights::results::Happened>`: what happened in the 90 days before.
    #[sea_orm(column_type = "JsonBinary")]
    pub causes: RawJson,
    /// The versions of the tables that figures of this day were read against, by kind; 0 = as shipped. With formula and facts the day can be repeated.
    #[sea_orm(column_type = "JsonBinary")]
    pub tables: Json,
    pub computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
