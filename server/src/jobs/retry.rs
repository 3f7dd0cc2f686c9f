//! An admin has a piece of work done again that was given up.

use entity::{enums::JobState, ids::JobId, job};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use crate::{
    app::App,
    auth::actors::Admin,
    error::{Code, Error, Problem, Result},
    events::Event,
};

/// Puts the job back into the queue, as if it had never been tried.
pub async fn retry(app: &App, by: &Admin, id: JobId) -> Result<job::Model> {
    let tx = app.begin().await?;
    let found = job::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    if found.state != JobState::Dead {
        return Err(Problem::whole(Code::WrongState, "admin.problem.job_not_dead").into());
    }
    let mut row = found.into_active_model();
    row.state = Set(JobState::Ready);
    row.attempts = Set(0);
    row.run_at = Set(tx.now);
    row.finished_at = Set(None);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("job.tried_again", id).by(by.person().id()).with(serde_json::json!({ "kind": after.kind }))).await?;
    tx.commit().await?;
    Ok(after)
}
