//! What an admin looked at: one person, one organisation, one letter (B48).

use std::fmt::Display;

use crate::{app::App, auth::actors::Admin, error::Result, events::Event};

/// Writes down that an admin has read what is private to somebody.
pub async fn viewed(app: &App, by: &Admin, what: impl Display) -> Result<()> {
    let tx = app.begin().await?;
    tx.record(Event::new("admin.viewed", what).by(by.person().id())).await?;
    tx.commit().await
}
