//! What creators do by themselves: forget pictures that nobody shows, and portfolio lines that can no longer be brought back.

use chrono::Duration;
use entity::{creator, manual_insight, portfolio_item, upload};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::rules;
use crate::{app::App, error::Result, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "creators.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) }];

async fn forget(app: &App) -> Result<()> {
    let before = app.clock.now() - Duration::hours(rules::UNDO_HOURS);
    let shown = |by: creator::Column| creator::Entity::find().select_only().column(by).filter(by.is_not_null()).into_query();
    let handed_in = manual_insight::Entity::find()
        .select_only()
        .column(manual_insight::Column::ProofId)
        .filter(manual_insight::Column::ProofId.is_not_null())
        .into_query();
    upload::Entity::delete_many()
        .filter(upload::Column::CreatedAt.lt(before))
        .filter(Expr::col(upload::Column::Id).not_in_subquery(shown(creator::Column::PictureId)))
        .filter(Expr::col(upload::Column::Id).not_in_subquery(shown(creator::Column::NetworkPictureId)))
        .filter(Expr::col(upload::Column::Id).not_in_subquery(handed_in))
        .exec(app.db())
        .await?;
    portfolio_item::Entity::delete_many().filter(portfolio_item::Column::DeletedAt.lt(before)).exec(app.db()).await?;
    Ok(())
}
