//! A person chooses another password; every other session ends.

use entity::user;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{end_sessions::end_everything_in, mails, prove};
use crate::{
    app::App,
    auth::{actors::Person, passwords},
    error::{Check, Code, Result, Wrong},
    events::Event,
};

/// Needs the current password.
pub async fn change_password(app: &App, by: &Person, current: &str, password: &str) -> Result<user::Model> {
    let mut check = Check::default();
    check.that("current_password", !current.is_empty(), Wrong::required);
    let new = check.take("password", passwords::check(password, &[&by.user().email, &by.user().name]));
    check.that("password", password.is_empty() || password != current, || Wrong::new(Code::Invalid, "accounts.problem.same_password"));
    let (new,) = check.all((new,))?;
    prove::needed(app, by, current).await?;
    let hash = passwords::hash(new).await?;
    let tx = app.begin().await?;
    let mut row = by.user().clone().into_active_model();
    row.password_hash = Set(hash);
    let user = row.update(tx.db()).await?;
    end_everything_in(&tx, user.id, Some(by.via())).await?;
    tx.record(Event::new("account.password_changed", user.id).by(user.id)).await?;
    tx.queue(mails::password_changed(app, &user)?).await?;
    tx.commit().await?;
    Ok(user)
}
