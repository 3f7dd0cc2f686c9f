//! An admin goes back to an earlier version, which becomes a new one: nothing that was ever in force is lost.

use entity::{enums::ReferenceTableKind as Kind, reference_table};

use super::{
    queries, rules,
    save::{Change, append_in},
};
use crate::{app::App, auth::actors::Admin, base::text, error::Result};

/// Puts what a version says in force again; 0 is what ships.
pub async fn restore(app: &App, by: &Admin, kind: Kind, version: i32, note: &str) -> Result<reference_table::Model> {
    let note = text::optional_line(note, rules::NOTE).map_err(|wrong| crate::error::Problem::new("note", wrong))?;
    let tx = app.begin().await?;
    let content = rules::read(kind, &queries::content_of(tx.db(), kind, version).await?)?;
    let row = append_in(&tx, by, kind, &content, Change { note, based_on: None, restored_from: Some(version) }).await?;
    tx.commit().await?;
    Ok(row)
}
