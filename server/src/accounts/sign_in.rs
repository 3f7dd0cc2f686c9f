//! A person proves by password who they are.

use chrono::Duration;
use entity::{
    enums::UserStatus,
    ids::{SessionId, UserId},
    user,
};

use super::{create_token, queries, rules, second_factor};
use crate::{
    app::App,
    auth::{
        limits, passwords,
        sessions::{self, Device},
        tokens::Token,
    },
    base::text::Email,
    error::{Check, Code, Error, Problem, Result, Wrong},
    events::Event,
};

/// Somebody who has just proven who they are.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: user::Model,
    /// The new session.
    pub session: SessionId,
    /// The token for its cookie.
    pub cookie: Token,
}

/// Somebody whose password was right.
#[derive(Debug)]
pub enum Identified {
    /// That was all.
    SignedIn(Box<SignedIn>),
    /// The second factor is awaited, by whoever holds this token.
    Pending(Token),
}

/// Opens a session, unless a second factor is awaited. The answer to a wrong password and to an unknown address is the same, and takes as
/// long.
pub async fn sign_in(app: &App, device: &Device, email: &str, password: &str) -> Result<Identified> {
    let user = check_password(app, device, email, password).await?;
    let tx = app.begin().await?;
    let identified = second_factor::admit(&tx, user, device).await?;
    tx.commit().await?;
    Ok(identified)
}

/// The same in one step, for callers without a page in between: `code` is of the second factor, empty if there is none.
pub async fn sign_in_with_code(app: &App, device: &Device, email: &str, password: &str, code: &str) -> Result<SignedIn> {
    match sign_in(app, device, email, password).await? {
        Identified::SignedIn(signed_in) => Ok(*signed_in),
        Identified::Pending(_) if code.is_empty() => {
            Err(Problem::new("code", Wrong::new(Code::Required, "accounts.problem.second_needed")).into())
        }
        Identified::Pending(pending) => second_factor::pass_by_code(app, device, pending.reveal(), code).await,
    }
}

/// The person whose address and password these are.
pub async fn check_password(app: &App, device: &Device, email: &str, password: &str) -> Result<user::Model> {
    let mut check = Check::default();
    let read = check.take("email", Email::parse(email));
    check.that("password", !password.is_empty(), Wrong::required);
    let (email,) = check.all((read,))?;
    let known = queries::by_email(app.db(), &email.key).await?;
    let here = format!("{} {}", email.key, limits::place(&device.ip));
    limits::take(app, limits::PASSWORD_BY_IP, &device.ip).await?;
    limits::take(app, limits::PASSWORD_BY_ADDRESS_AND_IP, &here).await?;
    // Guesses from elsewhere shut nobody out of where they are signed in.
    let at_home = match &known {
        Some(user) => queries::signed_in_from(app.db(), user.id, &device.ip).await?,
        None => false,
    };
    if !at_home {
        limits::take(app, limits::PASSWORD_BY_ADDRESS, &email.key).await?;
    }
    let hash = known.as_ref().map(|u| u.password_hash.clone());
    let right = passwords::verify(password.to_owned(), hash).await?;
    match known {
        // Only to whoever knows the password.
        Some(user) if right && user.status != UserStatus::Active => {
            refused(app, Some(user.id)).await?;
            Err(Problem::new("password", Wrong::new(Code::Refused, "accounts.problem.suspended")).into())
        }
        Some(user) if right => {
            limits::give_back(app, limits::PASSWORD_BY_IP, &device.ip).await?;
            limits::forgive(app, limits::PASSWORD_BY_ADDRESS_AND_IP, &here).await?;
            limits::forgive(app, limits::PASSWORD_BY_ADDRESS, &email.key).await?;
            Ok(user)
        }
        known => {
            refused(app, known.map(|u| u.id)).await?;
            Err(Problem::new("password", Wrong::new(Code::Wrong, "accounts.problem.wrong_password")).into())
        }
    }
}

pub(super) async fn refused(app: &App, user: Option<UserId>) -> Result<()> {
    let tx = app.begin().await?;
    let subject = user.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    tx.record(Event::new("account.sign_in_refused", subject)).await?;
    tx.commit().await
}

/// For GraphQL: the session becomes a token for one actor that lives twelve hours, and ends itself.
pub(crate) async fn api_token(app: &App, signed_in: &SignedIn, actor: &str) -> Result<(entity::api_token::Model, Token)> {
    let now = app.clock.now();
    let mut check = Check::default();
    let hat = check.take("actor", rules::hat(actor));
    let granted = match check.all((hat,)) {
        Ok((hat,)) => {
            let person = sessions::person(app, signed_in.cookie.reveal()).await?.ok_or(Error::SignIn)?;
            let scopes = vec!["read".to_owned(), "write".to_owned()];
            create_token::grant(app, &person, "signIn", hat, scopes, now + Duration::hours(12)).await
        }
        Err(error) => Err(error),
    };
    sessions::end(app.db(), signed_in.session).await?;
    granted
}
