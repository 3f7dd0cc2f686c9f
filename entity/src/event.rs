//! A fact that happened. Feed, audit, webhooks and subscriptions read this one append-only table.

use sea_orm::entity::prelude::*;

use crate::ids::{CreatorId, EventId, OrgId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// On PostgreSQL the writing transaction, so that a late commit is never skipped; on SQLite 0.
    pub xid: i64,
    pub id: EventId,
    /// `invitation.accepted`.
    pub kind: String,
    /// The typed id of what it happened to.
    pub subject: String,
    pub org_id: Option<OrgId>,
    pub creator_id: Option<CreatorId>,
    /// Who did it; none = the system.
    pub user_id: Option<UserId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
