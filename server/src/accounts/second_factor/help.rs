//! Somebody has lost every factor and every recovery code: an admin, or whoever owns the machine, takes the question away.

use entity::{ids::UserId, user};

use super::{
    super::{
        end_sessions::end_everything_in,
        mails, queries as people,
        rules::{self, UserAction},
        suspend::locked,
    },
    clear_in,
};
use crate::{
    app::App,
    auth::actors::{Admin, Console},
    base::text::Email,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// The person's factors and recovery codes are gone, and so is everything that they are signed in with; a mail tells them. The admin
/// types the person's address, so that it is nobody else's, and must have made sure by another way who asks.
pub async fn reset_second_factor(app: &App, by: &Admin, id: UserId, email: &str) -> Result<user::Model> {
    let tx = app.begin().await?;
    let found = locked(&tx, id).await?;
    rules::may(&found, by.person().id(), UserAction::ResetSecondFactor)?;
    if Email::parse(email).ok().is_none_or(|typed| typed.key != found.email_key) {
        return Err(Problem::new("email", Wrong::new(Code::Wrong, "accounts.problem.second_email")).into());
    }
    let user = reset_in(&tx, &found, Some(by.person().id())).await?;
    tx.commit().await?;
    Ok(user)
}

/// The same by somebody at the machine's own shell, for the only admin there is.
pub async fn reset_second_factor_at_console(app: &App, _: &Console, email: &str) -> Result<user::Model> {
    let email = Email::parse(email).map_err(|wrong| Problem::new("email", wrong))?;
    let tx = app.begin().await?;
    let Some(found) = people::by_email(tx.db(), &email.key).await? else { return Err(Error::NotFound) };
    if !found.second_factor {
        return Err(Problem::whole(Code::WrongState, "accounts.problem.second_none").into());
    }
    let user = reset_in(&tx, &found, None).await?;
    tx.commit().await?;
    Ok(user)
}

async fn reset_in(tx: &Tx, found: &user::Model, by: Option<UserId>) -> Result<user::Model> {
    let user = clear_in(tx, found).await?;
    end_everything_in(tx, user.id, None).await?;
    let event = Event::new("account.second_factor_reset", user.id);
    tx.record(match by {
        Some(by) => event.by(by),
        None => event,
    })
    .await?;
    tx.queue(mails::second_factor_reset(tx.app(), &user)?).await?;
    Ok(user)
}
