//! Work that comes back by itself: one row a kind, re-queued when it is done.

use chrono::Duration;
use entity::job;
use sea_orm::EntityTrait;

use super::{Handler, queue::Job};
use crate::{app::App, error::Result};

/// Sees to it that every recurring kind has its row.
pub async fn plant(app: &App, handlers: &[Handler]) -> Result<()> {
    let tx = app.begin().await?;
    for handler in handlers.iter().filter(|h| h.every.is_some()) {
        tx.job(Job::new(handler.kind, serde_json::json!({})).unique(key(handler.kind))).await?;
    }
    tx.commit().await
}

/// Queues the next turn of a recurring job that has just ended, whether well or given up.
pub async fn again(app: &App, handler: &Handler, ended: &job::Model) -> Result<()> {
    let Some(seconds) = handler.every else { return Ok(()) };
    if job::Entity::find_by_id(ended.id).one(app.db()).await?.is_some_and(|row| row.unique_key.is_some()) {
        return Ok(());
    }
    let tx = app.begin().await?;
    let at = tx.now + Duration::seconds(seconds);
    tx.job(Job::new(handler.kind, serde_json::json!({})).unique(key(handler.kind)).at(at)).await?;
    tx.commit().await
}

fn key(kind: &str) -> String {
    format!("schedule:{kind}")
}
