//! What organisations do by themselves: delegations whose last day is over end, so that lists and history say so.

use chrono::Duration;
use entity::{delegation, enums::DelegationState};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use crate::{app::App, error::Result, events::Event, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] = &[Handler {
    kind: "organisations.end_delegations",
    work: |app, _| Box::pin(async move { end_delegations(&app).await }),
    every: Some(3600),
}];

async fn end_delegations(app: &App) -> Result<()> {
    let tx = app.begin().await?;
    let over = delegation::Entity::find()
        .filter(delegation::Column::State.ne(DelegationState::Ended))
        // Over everywhere; who may act is decided by the day of the brand.
        .filter(delegation::Column::Until.lt((tx.now - Duration::hours(12)).date_naive()))
        .limit(500)
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    if over.is_empty() {
        return Ok(());
    }
    for row in over {
        let (id, brand) = (row.id, row.brand_id);
        let mut row = row.into_active_model();
        row.state = Set(DelegationState::Ended);
        row.update(tx.db()).await?;
        tx.record(Event::new("delegation.ran_out", id).org(brand)).await?;
    }
    tx.commit().await
}
