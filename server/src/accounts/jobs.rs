//! What accounts do by themselves: forget links, sessions, limits and idempotency keys that have run out.

use chrono::Duration;
use entity::{link_token, rate_limit, session};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{app::App, error::Result, idempotency, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "accounts.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) }];

async fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    // An expired one holds nothing any more; one of a sign-up held a password's hash.
    link_token::Entity::update_many()
        .set(link_token::ActiveModel { data: Set(serde_json::json!({})), ..Default::default() })
        .filter(link_token::Column::ExpiresAt.between(now - Duration::days(2), now))
        .exec(app.db())
        .await?;
    // A used or expired link still explains itself for a month.
    link_token::Entity::delete_many().filter(link_token::Column::ExpiresAt.lt(now - Duration::days(30))).exec(app.db()).await?;
    session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now)).exec(app.db()).await?;
    idempotency::forget(app).await?;
    rate_limit::Entity::delete_many().filter(rate_limit::Column::At.lt(now - Duration::days(1))).exec(app.db()).await?;
    Ok(())
}
