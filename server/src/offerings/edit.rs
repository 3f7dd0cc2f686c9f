//! A creator changes a price line.

use entity::{ids::OfferingId, offering};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result},
    events::Event,
};

/// Changes it.
pub async fn edit(app: &App, by: &Creator, id: OfferingId, typed: &Typed) -> Result<offering::Model> {
    let tx = app.begin().await?;
    let before = queries::one_for_update(&tx, by, id).await?;
    if before.deleted_at.is_some() {
        return Err(Problem::whole(Code::WrongState, "creators.problem.deleted").into());
    }
    let line = rules::line(typed)?;
    let mut row = before.into_active_model();
    row.network = Set(line.work.network);
    row.format = Set(line.work.format);
    row.price_minor = Set(line.price.minor);
    row.currency = Set(line.price.currency.code().to_owned());
    row.note = Set(line.note);
    row.updated_at = Set(tx.now);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("offering.edited", after.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(after)
}
