//! What mail does by itself: the text of letters that were given up goes after a week.

use chrono::Duration;
use entity::{enums::LetterState, letter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::deliver;
use crate::{app::App, error::Result, jobs::Handler};

/// How long an admin may try a letter again.
pub const KEEP_DAYS: i64 = 7;

/// The jobs of this room.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "mail.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) }];

async fn forget(app: &App) -> Result<()> {
    let mut blank = letter::ActiveModel::default();
    deliver::blank(&mut blank);
    letter::Entity::update_many()
        .set(blank)
        .filter(letter::Column::State.eq(LetterState::Failed))
        .filter(letter::Column::Text.ne(""))
        .filter(letter::Column::CreatedAt.lt(app.clock.now() - Duration::days(KEEP_DAYS)))
        .exec(app.db())
        .await?;
    Ok(())
}
