//! An address is changed, paused, taken up again, or removed.

use entity::{enums::WebhookState, ids::WebhookId, webhook, webhook_delivery};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Owner,
    error::{Check, Result},
    events::Event,
};

/// What is typed; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// Where to.
    pub url: Option<String>,
    /// Which kinds of events; empty = all.
    pub kinds: Option<Vec<String>>,
    /// Whether it is told at all. What happens while it is not is not told later.
    pub active: Option<bool>,
}

/// Deliveries that wait go to the new address. One that was stopped for failing is active again if `active` says so.
pub async fn edit(app: &App, by: &Owner<'_>, id: WebhookId, edit: Edit) -> Result<webhook::Model> {
    let mut check = Check::default();
    let url = check.take("url", edit.url.map(|url| rules::url(&url, &app.config.webhook_origins)).transpose());
    let kinds = check.take("kinds", edit.kinds.map(rules::kinds).transpose());
    let (url, kinds) = check.all((url, kinds))?;
    let tx = app.begin().await?;
    let found = queries::held(&tx, by, id).await?;
    let was = found.state;
    let mut row = found.into_active_model();
    if let Some(url) = url {
        row.url = Set(url.into());
    }
    if let Some(kinds) = kinds {
        row.kinds = Set(kinds);
    }
    if let Some(active) = edit.active {
        row.state = Set(if active { WebhookState::Active } else { WebhookState::Paused });
        if active && was != WebhookState::Active {
            row.told_from = Set(tx.now);
        }
    }
    let webhook = row.update(tx.db()).await?;
    let event = Event::new("webhook.edited", id).org(by.org()).by(by.user_id());
    tx.record(event.with(serde_json::json!({ "state": webhook.state }))).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// The address is told nothing more; its deliveries go with it.
pub async fn remove(app: &App, by: &Owner<'_>, id: WebhookId) -> Result<()> {
    let tx = app.begin().await?;
    queries::held(&tx, by, id).await?;
    webhook_delivery::Entity::delete_many().filter(webhook_delivery::Column::WebhookId.eq(id)).exec(tx.db()).await?;
    webhook::Entity::delete_by_id(id).exec(tx.db()).await?;
    tx.record(Event::new("webhook.removed", id).org(by.org()).by(by.user_id())).await?;
    tx.commit().await
}
