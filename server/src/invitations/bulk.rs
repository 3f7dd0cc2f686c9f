//! Several invitations at once: each for itself, so that one that cannot be done does not hold up the others.

use std::collections::HashSet;

use entity::{ids::InvitationId, invitation};

use super::{
    resend,
    rules::{BULK, Bulk},
    withdraw,
};
use crate::{
    app::App,
    auth::actors::Manager,
    base::text,
    error::{Check, Code, Error, Problem, Result, Wrong},
};

/// What came of it.
#[derive(Debug, Default)]
pub struct Done {
    /// As they are now.
    pub done: Vec<invitation::Model>,
    /// Those that stayed as they were, and why.
    pub left: Vec<(InvitationId, Problem)>,
}

/// Does the same with each. `ids` and `act` are weak strings; twice the same id counts once.
pub async fn bulk(app: &App, by: &Manager<'_>, ids: &[String], act: &str) -> Result<Done> {
    let mut check = Check::default();
    let act = check.take("action", text::choice::<Bulk>(act));
    let mut seen = HashSet::new();
    let read: Option<Vec<InvitationId>> = ids.iter().map(|id| id.parse().ok()).collect();
    let read: Vec<_> = read.into_iter().flatten().filter(|id| seen.insert(*id)).collect();
    check.that("ids", !ids.is_empty(), Wrong::required);
    check.that("ids", ids.is_empty() || !read.is_empty(), || Wrong::new(Code::NotFound, "base.problem.not_found"));
    check.that("ids", read.len() <= BULK, || Wrong::new(Code::TooLong, "invitations.problem.bulk").with("most", BULK));
    let (act,) = check.all((act,))?;
    let mut out = Done::default();
    for id in read {
        let one = match act {
            Bulk::Resend => resend(app, by, id, None).await,
            Bulk::Withdraw => withdraw(app, by, id).await,
        };
        match one {
            Ok(row) => out.done.push(row),
            Err(Error::User(problems)) => out.left.extend(problems.into_iter().next().map(|problem| (id, problem))),
            Err(Error::NotFound) => out.left.push((id, Problem::whole(Code::NotFound, "base.problem.not_found"))),
            Err(other) => return Err(other),
        }
    }
    Ok(out)
}
