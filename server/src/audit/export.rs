//! The log as a file.

use entity::event;

use super::queries::{self, Eyes, Filter};
use crate::{app::App, auth::actors::Person, error::Result, events::Event, web::download};

/// Reads what matches, the newest first, and records that it was taken away. `by` is the person whose eyes they are.
pub async fn export(app: &App, by: &Person, eyes: Eyes, filter: &Filter) -> Result<Vec<event::Model>> {
    let rows = download::all(async |slice| queries::list(app.db(), eyes, filter, slice).await).await?;
    let tx = app.begin().await?;
    let mut event = Event::new("audit.exported", by.id()).by(by.id()).with(serde_json::json!({ "rows": rows.len() }));
    if let Eyes::Org(org) = eyes {
        event = event.org(org);
    }
    tx.record(event).await?;
    tx.commit().await?;
    Ok(rows)
}
