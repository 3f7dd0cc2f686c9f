//! An admin has a reading tried again that fails or was given up.

use entity::{ids::SyncTaskId, sync_task};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use crate::{
    app::App,
    auth::actors::Admin,
    error::{Error, Result},
    events::Event,
};

/// Tries it again at once, as if it had never failed.
pub async fn retry(app: &App, by: &Admin, id: SyncTaskId) -> Result<sync_task::Model> {
    let tx = app.begin().await?;
    let row = sync_task::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let now = tx.now;
    let mut row = row.into_active_model();
    row.failures = Set(0);
    row.next_run_at = Set(Some(now));
    let row = row.update(tx.db()).await?;
    tx.record(Event::new("network.reading_retried", id).by(by.person().id()).creator(row.creator_id)).await?;
    tx.commit().await?;
    Ok(row)
}
