//! A signed-in person gives the password again, so that heavy acts are allowed for some minutes (B26).

use entity::session;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::sign_in;
use crate::{
    app::App,
    auth::{actors::Person, limits, passwords},
    error::{Code, Error, Problem, Result, Wrong},
};

/// Marks the session as just proven.
pub async fn prove(app: &App, by: &Person, password: &str) -> Result<()> {
    let Some(id) = by.session() else { return Err(Error::Forbidden("accounts.forbidden.session_only")) };
    limits::take(app, limits::PASSWORD_BY_USER, &by.id().to_string()).await?;
    if !passwords::verify(password.to_owned(), Some(by.user().password_hash.clone())).await? {
        sign_in::refused(app, Some(by.id())).await?;
        return Err(Problem::new("current_password", Wrong::new(Code::Wrong, "accounts.problem.wrong_current")).into());
    }
    limits::forgive(app, limits::PASSWORD_BY_USER, &by.id().to_string()).await?;
    let Some(row) = session::Entity::find_by_id(id).one(app.db()).await? else { return Err(Error::SignIn) };
    let mut row = row.into_active_model();
    row.proven_at = Set(app.clock.now());
    row.update(app.db()).await?;
    Ok(())
}

/// Refuses unless the password was given lately, or is given now.
pub(super) async fn needed(app: &App, by: &Person, password: &str) -> Result<()> {
    if by.session().is_none() {
        return Err(Error::Forbidden("accounts.forbidden.session_only"));
    }
    if password.is_empty() {
        if by.proven(app.clock.now(), app.config.auth.proven_minutes) {
            return Ok(());
        }
        return Err(Problem::new("current_password", Wrong::new(Code::Required, "accounts.problem.prove")).into());
    }
    prove(app, by, password).await
}
