//! Reads of webhooks: of the caller's own organisation, for its owners.

use entity::{
    enums::DeliveryState,
    ids::{WebhookDeliveryId, WebhookId},
    webhook, webhook_delivery,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::LockType};

use crate::{
    auth::actors::Owner,
    base::paging::{Page, Slice},
    error::{Error, Result},
    tx::Tx,
};

/// The organisation's addresses, the oldest first; at most [`super::rules::MOST`].
pub async fn list(db: &impl ConnectionTrait, by: &Owner<'_>) -> Result<Vec<webhook::Model>> {
    Ok(webhook::Entity::find().filter(webhook::Column::OrgId.eq(by.org())).order_by_asc(webhook::Column::Id).all(db).await?)
}

/// One of them.
pub async fn one(db: &impl ConnectionTrait, by: &Owner<'_>, id: WebhookId) -> Result<webhook::Model> {
    own(by).filter(webhook::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// All of them.
pub(super) fn own(by: &Owner<'_>) -> Select<webhook::Entity> {
    webhook::Entity::find().filter(webhook::Column::OrgId.eq(by.org()))
}

/// Everything that was told to any of them.
pub(super) fn own_deliveries(by: &Owner<'_>) -> Select<webhook_delivery::Entity> {
    let hooks = own(by).select_only().column(webhook::Column::Id);
    webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.in_subquery(hooks.into_query()))
}

/// One of them, held until the end of the transaction.
pub(super) async fn held(tx: &Tx, by: &Owner<'_>, id: WebhookId) -> Result<webhook::Model> {
    let own = webhook::Entity::find_by_id(id).filter(webhook::Column::OrgId.eq(by.org()));
    own.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// An address's deliveries of the last thirty days, the newest first.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    by: &Owner<'_>,
    id: WebhookId,
    state: Option<DeliveryState>,
    slice: Slice,
) -> Result<Page<webhook_delivery::Model>> {
    one(db, by, id).await?;
    let mut query = webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(id));
    if let Some(state) = state {
        query = query.filter(webhook_delivery::Column::State.eq(state));
    }
    slice.newest(db, query, webhook_delivery::Column::Id, |row| row.id).await
}

/// One delivery and its address.
pub async fn delivery(
    db: &impl ConnectionTrait,
    by: &Owner<'_>,
    id: WebhookDeliveryId,
) -> Result<(webhook_delivery::Model, webhook::Model)> {
    let found = webhook_delivery::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let webhook = one(db, by, found.webhook_id).await?;
    Ok((found, webhook))
}
