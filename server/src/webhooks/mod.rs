//! Webhooks: an organisation's own servers are told what happens, by signed POSTs ([Standard Webhooks](https://www.standardwebhooks.com)).
//!
//! A delivery holds ids and states, no personal data and no secret: the receiver asks the API for more. Each event is told at least once,
//! in no promised order, under an id that stays the same, so that the receiver can leave out what it has had. What fails is tried for
//! two days; every delivery stands on a page for thirty and can be asked for again.

mod create;
pub mod deliver;
mod edit;
pub mod gather;
pub mod graphql;
pub mod jobs;
mod mails;
pub mod pages;
pub mod queries;
mod replay;
pub mod rules;
mod secrets;

pub use create::{Created, New, create};
pub use edit::{Edit, edit, remove};
pub use replay::{replay, replay_failed, test};
pub use secrets::rotate_secret;

use crate::{app::App, error::Result};

/// What the worker does again and again: writes down whom to tell of new events, and tells them. Says whether there was anything.
pub async fn turn(app: &App) -> Result<bool> {
    let gathered = gather::gather(app).await?;
    Ok(deliver::due(app).await? || gathered)
}
