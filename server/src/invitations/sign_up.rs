//! Somebody who is not registered presses JOIN: they sign up, and the join goes on (K13). The link proves the mailbox.

use entity::participation;

use super::{Answer, accept::accept_in, queries, rules, rules::Move};
use crate::{
    accounts::{self, SignedIn},
    app::App,
    auth::{
        limits, passwords,
        sessions::{self, Device},
    },
    base::text::Email,
    creators,
    error::{Check, Code, Problem, Result},
    events::Event,
};

/// What the form holds; the address is the invitation's and not asked.
#[derive(Clone, Debug, Default)]
pub struct SignUp {
    /// The link's token.
    pub token: String,
    /// The name that others see.
    pub name: String,
    /// The password.
    pub password: String,
    /// `en` or `ja`.
    pub locale: String,
    /// IANA name; empty = as the language suggests.
    pub time_zone: String,
    /// Whether the code of conduct was accepted.
    pub conduct: bool,
}

/// Makes person and creator, joins the campaign, opens a session: all or nothing.
pub async fn sign_up(app: &App, device: &Device, input: SignUp) -> Result<(SignedIn, participation::Model)> {
    limits::take(app, limits::TOKEN_BY_IP, &device.ip).await?;
    let answer = Answer::Token(input.token);
    let waiting = queries::by_answer(app, &answer).await?;
    let identity = accounts::rules::identity(
        Check::default(),
        &input.name,
        Some(&waiting.email),
        &input.password,
        &input.locale,
        &input.time_zone,
        input.conduct,
    )?;
    let hash = passwords::hash(identity.password).await?;
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, None).await?;
    let email = Email::parse(&found.email).map_err(|wrong| Problem::new("email", wrong))?;
    // Whoever asks a second time is told that it is spent, not that they exist.
    rules::step(&found, Move::Accept, tx.now)?;
    // An invitation to a registered creator is theirs alone, even if they have changed their address since.
    if queries::has_account(tx.db(), &found).await? {
        return Err(Problem::whole(Code::Taken, "accounts.problem.already_registered").into());
    }
    let user = accounts::create_user(&tx, &email, &identity.name, hash, identity.locale, &identity.time_zone).await?;
    let creator = creators::register_in(&tx, &user, &identity.name).await?;
    let joined = accept_in(&tx, &creator, &user, found).await?;
    let (session, cookie) = sessions::open(&tx, user.id, device).await?;
    tx.record(Event::new("account.confirmed", user.id).by(user.id)).await?;
    tx.commit().await?;
    Ok((SignedIn { user, session, cookie }, joined))
}
