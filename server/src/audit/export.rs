//! The log as a file.

use entity::event;

use super::queries::{self, Eyes, Filter};
use crate::{app::App, auth::actors::Person, base::paging::Slice, error::Result, events::Event};

/// The most rows of one file; a narrower filter gives the rest.
pub const MOST: usize = 50_000;
const CHUNK: u64 = 1_000;

/// Reads what matches, the newest first, and records that it was taken away. `by` is the person whose eyes they are.
pub async fn export(app: &App, by: &Person, eyes: Eyes, filter: &Filter) -> Result<Vec<event::Model>> {
    let mut rows = Vec::new();
    let mut slice = Slice::default().sized(CHUNK);
    loop {
        let page = queries::list(app.db(), eyes, filter, slice).await?;
        let next = page.next().map(str::to_owned);
        rows.extend(page.rows.into_iter().map(|(_, row)| row));
        match next {
            Some(cursor) if rows.len() < MOST => slice = Slice::page(Some(&cursor), None).sized(CHUNK),
            _ => break,
        }
    }
    let tx = app.begin().await?;
    let mut event = Event::new("audit.exported", by.id()).by(by.id()).with(serde_json::json!({ "rows": rows.len() }));
    if let Eyes::Org(org) = eyes {
        event = event.org(org);
    }
    tx.record(event).await?;
    tx.commit().await?;
    Ok(rows)
}
