//! What offerings do by themselves: forget deleted lines that can no longer be brought back.

use chrono::Duration;
use entity::offering;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::rules;
use crate::{app::App, error::Result, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "offerings.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) }];

async fn forget(app: &App) -> Result<()> {
    let before = app.clock.now() - Duration::hours(rules::UNDO_HOURS);
    offering::Entity::delete_many().filter(offering::Column::DeletedAt.lt(before)).exec(app.db()).await?;
    Ok(())
}
