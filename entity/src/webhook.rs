//! An address of an organisation's own that is told what happens.

use sea_orm::entity::prelude::*;

use crate::{
    enums::WebhookState,
    ids::{OrgId, UserId, WebhookId},
    json::Words,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    pub org_id: OrgId,
    pub url: String,
    /// Kinds of events that are told; empty = all.
    #[sea_orm(column_type = "JsonBinary")]
    pub kinds: Words,
    /// Sealed for this row.
    pub secret: String,
    pub key_id: String,
    /// The secret before the last change, which signs beside the new one for a day.
    pub former_secret: Option<String>,
    pub former_key_id: Option<String>,
    pub former_until: Option<DateTimeUtc>,
    pub state: WebhookState,
    /// What happened before is not told: when it was made, or last taken up again.
    pub told_from: DateTimeUtc,
    pub created_by: UserId,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
