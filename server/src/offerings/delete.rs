//! A creator deletes a price line (K35), and may bring it back within a day.

use chrono::Duration;
use entity::{ids::OfferingId, offering};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{add, queries, rules};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result},
    events::Event,
};

/// Deletes it.
pub async fn delete(app: &App, by: &Creator, id: OfferingId) -> Result<offering::Model> {
    let tx = app.begin().await?;
    let before = queries::one_for_update(&tx, by, id).await?;
    if before.deleted_at.is_some() {
        return Err(Problem::whole(Code::WrongState, "creators.problem.deleted").into());
    }
    let mut row = before.into_active_model();
    row.deleted_at = Set(Some(tx.now));
    row.updated_at = Set(tx.now);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("offering.deleted", after.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(after)
}

/// Brings it back.
pub async fn restore(app: &App, by: &Creator, id: OfferingId) -> Result<offering::Model> {
    let tx = app.begin().await?;
    let before = queries::one_for_update(&tx, by, id).await?;
    match before.deleted_at {
        None => return Err(Problem::whole(Code::AlreadyDone, "creators.problem.not_deleted").into()),
        Some(at) if tx.now - at >= Duration::hours(rules::UNDO_HOURS) => {
            return Err(Problem::whole(Code::Expired, "creators.problem.undo_over").into());
        }
        Some(_) => {}
    }
    add::room(&tx, by).await?;
    let mut row = before.into_active_model();
    row.deleted_at = Set(None);
    row.updated_at = Set(tx.now);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("offering.restored", after.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(after)
}
