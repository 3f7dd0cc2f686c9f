//! The tables in force, ready to compute with.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use entity::enums::ReferenceTableKind as Kind;
use influence::{Params, vetting::Vetting};
use sea_orm::ConnectionTrait;

use super::{content::Content, queries, rules};
use crate::{error::Result, insights::rules::hash};

/// The versions of tables, by kind; 0 = as shipped.
pub type Versions = BTreeMap<Kind, i32>;

/// What figures are read against.
#[derive(Debug)]
pub struct InForce {
    /// The parameters of the science, with what admins have put in place.
    pub params: Params,
    /// The explicit words.
    pub explicit: Vetting,
    /// Which versions these are.
    pub versions: Versions,
}

/// The last ones that were made ready, under the hash of their contents: word lists take a while.
static READY: Mutex<Option<(String, Arc<InForce>)>> = Mutex::new(None);

/// The tables in force. One statement.
pub async fn in_force(db: &impl ConnectionTrait) -> Result<Arc<InForce>> {
    let rows: Vec<(Kind, i32, String)> = queries::newest(db).await?.into_iter().map(|row| (row.kind, row.version, row.content)).collect();
    let key = hash(&rows)?;
    let held = READY.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, ready)) = held.filter(|(of, _)| *of == key) {
        return Ok(ready);
    }
    let made = Arc::new(made(rows));
    *READY.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, made.clone()));
    Ok(made)
}

fn made(rows: Vec<(Kind, i32, String)>) -> InForce {
    let mut tables: BTreeMap<Kind, (i32, Content)> = Kind::ALL.iter().map(|kind| (*kind, (0, Content::shipped(*kind)))).collect();
    for (kind, version, text) in rows {
        match rules::read(kind, &text) {
            Ok(content) => drop(tables.insert(kind, (version, content))),
            // A later release may be stricter; figures must not stop for that.
            Err(error) => tracing::error!(%kind, version, %error, "the table in force cannot be read; the shipped one is used"),
        }
    }
    let mut params = Params::shipped().clone();
    tables.values().for_each(|(version, content)| content.apply(&mut params, *version));
    InForce {
        params,
        explicit: tables.values().find_map(|(_, content)| content.vetting()).unwrap_or_else(Vetting::shipped),
        versions: tables.into_iter().map(|(kind, (version, _))| (kind, version)).collect(),
    }
}

impl InForce {
    /// What ships, for tests and the first run.
    pub fn shipped() -> Self {
        made(Vec::new())
    }
}
