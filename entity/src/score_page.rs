//! The page that shows a creator's score to everybody, by the creator's choice.

use sea_orm::entity::prelude::*;

use crate::ids::{CreatorId, ScorePageId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "score_pages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScorePageId,
    /// Unique: a creator has one page.
    pub creator_id: CreatorId,
    /// Its place in the address; unique.
    pub slug: String,
    /// Whether it also shows who the audience is.
    pub with_audience: bool,
    /// Since when it is public; none = it is not.
    pub published_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
