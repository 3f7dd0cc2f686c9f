//! One event told to one address, however often it takes.

use sea_orm::entity::prelude::*;

use crate::{
    enums::DeliveryState,
    ids::{EventId, WebhookDeliveryId, WebhookId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    pub webhook_id: WebhookId,
    /// The same at each attempt and replay, so that the receiver can tell what it has had already.
    pub event_id: EventId,
    pub kind: String,
    /// The JSON as it is sent.
    pub body: String,
    /// 0 = of itself; else how often somebody asked for it again.
    pub replay: i32,
    pub state: DeliveryState,
    pub attempts: i32,
    /// When it is tried next; while an attempt runs, when another worker may take it over.
    pub due_at: DateTimeUtc,
    /// The HTTP status of the last attempt.
    pub status: Option<i32>,
    pub last_error: String,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
