//! An admin puts another version of a table in force.

use entity::{enums::ReferenceTableKind as Kind, reference_table};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    content::{Content, differences},
    queries, rules,
};
use crate::{
    app::App,
    auth::actors::Admin,
    base::text,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    insights::jobs,
    tx::{Tx, taken},
};

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct Save {
    /// The whole table, as CSV with its heads.
    pub content: String,
    /// Why it changes.
    pub note: String,
    /// The version that the editor began with; none = whatever stands now.
    pub based_on: Option<i32>,
}

/// Saves a version, which is in force at once; all figures are computed anew in the background.
pub async fn save(app: &App, by: &Admin, kind: Kind, typed: Save) -> Result<reference_table::Model> {
    let note = text::line(&typed.note, rules::NOTE).map_err(|wrong| Problem::new("note", wrong));
    let (content, note) = match (rules::read(kind, &typed.content), note) {
        (Ok(content), Ok(note)) => (content, note),
        (Err(Error::User(mut problems)), note) => {
            problems.extend(note.err());
            return Err(Error::User(problems));
        }
        (Err(other), _) => return Err(other),
        (_, Err(problem)) => return Err(problem.into()),
    };
    let tx = app.begin().await?;
    let row = append_in(&tx, by, kind, &content, Change { note, based_on: typed.based_on, restored_from: None }).await?;
    tx.commit().await?;
    Ok(row)
}

/// What goes with a new version.
pub(super) struct Change {
    pub note: String,
    pub based_on: Option<i32>,
    pub restored_from: Option<i32>,
}

/// Writes the next version, if it says anything new, and has figures computed with it.
pub(super) async fn append_in(tx: &Tx, by: &Admin, kind: Kind, content: &Content, change: Change) -> Result<reference_table::Model> {
    let overtaken = || Problem::whole(Code::WrongState, "insights.tables.problem.overtaken").into();
    let standing = queries::standing(tx.db(), kind).await?;
    if change.based_on.is_some_and(|version| version != standing.version()) {
        return Err(overtaken());
    }
    // What stands is compared by what it says; one that a later release cannot read any more differs from everything.
    if rules::read(kind, &standing.content()).is_ok_and(|before| differences(&before, content).is_empty()) {
        return Err(Problem::new("content", Wrong::new(Code::AlreadyDone, "insights.tables.problem.same")).into());
    }
    let row = reference_table::Model {
        id: tx.id(),
        kind,
        version: standing.version() + 1,
        content: content.csv(),
        note: change.note,
        user_id: by.person().id(),
        restored_from: change.restored_from,
        created_at: tx.now,
    };
    let row = taken(row.into_active_model().reset_all().insert(tx.db()).await, overtaken)?;
    let name = if change.restored_from.is_some() { "reference_table.restored" } else { "reference_table.saved" };
    let data = serde_json::json!({ "kind": kind, "version": row.version, "from": change.restored_from });
    tx.record(Event::new(name, row.id).by(by.person().id()).with(data)).await?;
    tx.job(jobs::everybody()).await?;
    Ok(row)
}
