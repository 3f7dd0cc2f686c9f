//! What webhooks do by themselves: forget old deliveries.

use entity::{enums::DeliveryState, webhook_delivery};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::rules;
use crate::{app::App, error::Result, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "webhooks.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(86_400) }];

async fn forget(app: &App) -> Result<()> {
    webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::CreatedAt.lt(app.clock.now() - rules::KEPT))
        .filter(webhook_delivery::Column::State.ne(DeliveryState::Pending))
        .exec(app.db())
        .await?;
    Ok(())
}
