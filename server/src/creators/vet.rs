//! An admin gives the verified badge by hand, or takes it back (K24).

use entity::{creator, ids::CreatorId};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use crate::{
    app::App,
    auth::actors::Admin,
    error::{Code, Error, Problem, Result},
    events::Event,
};

/// Gives it.
pub async fn vet(app: &App, by: &Admin, id: CreatorId) -> Result<creator::Model> {
    turn(app, by, id, true).await
}

/// Takes it back. A badge that rests on a proven account stays.
pub async fn unvet(app: &App, by: &Admin, id: CreatorId) -> Result<creator::Model> {
    turn(app, by, id, false).await
}

async fn turn(app: &App, by: &Admin, id: CreatorId, on: bool) -> Result<creator::Model> {
    let tx = app.begin().await?;
    let found = creator::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    if found.vetted_at.is_some() == on {
        let key = if on { "creators.problem.vetted" } else { "creators.problem.not_vetted" };
        return Err(Problem::whole(Code::AlreadyDone, key).into());
    }
    let mut row = found.into_active_model();
    row.vetted_at = Set(on.then_some(tx.now));
    let after = row.update(tx.db()).await?;
    let kind = if on { "creator.vetted" } else { "creator.unvetted" };
    tx.record(Event::new(kind, after.id).by(by.person().id()).creator(after.id)).await?;
    tx.commit().await?;
    Ok(after)
}
