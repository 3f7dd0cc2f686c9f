//! `hibiki import creators`: public lists of accounts become unclaimed profiles with dated figures. `docs/import.md` is its manual.
//!
//! One profile per network and handle, and no guessing across networks (settled 30). The same list twice changes nothing the second
//! time. Nobody is written to, no badge is given, and what a person or their network has said is never overwritten by a list.

pub mod cli;
pub mod mapping;
pub mod row;
mod take;

use std::io::Read;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use crate::{
    app::App,
    auth::actors::Console,
    base::lang::{Lang, Locale},
    error::{Error, Problem, Result},
};

use mapping::Mapping;
use row::Row;

/// How many rows one transaction takes: long enough to be quick, short enough that a serving process hardly waits.
const CHUNK: usize = 300;

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows after the header.
    pub rows: u64,
    /// Rows whose figures are new.
    pub taken: u64,
    /// Rows that were there already, as they are.
    pub known: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// New profiles.
    pub creators: u64,
    /// New accounts.
    pub accounts: u64,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its line in the file.
    pub line: u64,
    /// The account as the row names it.
    pub account: String,
    /// Why, in English.
    pub reason: String,
}

/// Is told how it goes.
pub trait Watch {
    /// A row was refused.
    fn refused(&mut self, refused: Refused) -> Result<()>;
    /// So many bytes are done.
    fn progress(&mut self, bytes: u64, totals: &Totals);
}

/// Takes a list in. Rows are read one after the other; the file is never held in memory.
pub async fn import(app: &App, _by: &Console, list: impl Read, name: &str, map: &Mapping, watch: &mut impl Watch) -> Result<Totals> {
    let mut reader = ReaderBuilder::new().from_reader(list);
    let columns = map.columns(reader.headers()?)?;
    let countries = row::Countries::new();
    let today = app.clock.now();
    let mut totals = Totals::default();
    let mut chunk: Vec<Row> = Vec::with_capacity(CHUNK);
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        let more = match reader.read_record(&mut record) {
            Ok(more) => more,
            // The reader stands at the next row already.
            Err(error) if matches!(error.kind(), ErrorKind::Utf8 { .. } | ErrorKind::UnequalLengths { .. }) => {
                totals.rows += 1;
                totals.refused += 1;
                let reason = match error.kind() {
                    ErrorKind::Utf8 { .. } => "creators.import.problem.utf8",
                    _ => "creators.import.problem.columns",
                };
                watch.refused(Refused { line, account: String::new(), reason: Locale::En.t(reason).into() })?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if more {
            totals.rows += 1;
            match row::read(&columns, &record, record.position().map_or(line, csv::Position::line), name, today, &countries) {
                Ok(row) => chunk.push(row),
                Err(error) => {
                    totals.refused += 1;
                    watch.refused(Refused { line, account: columns.named(&record), reason: reason(error)? })?;
                }
            }
        }
        if chunk.len() >= CHUNK || (!more && !chunk.is_empty()) {
            let done = take::take(app, name, &chunk).await?;
            totals.taken += done.taken;
            totals.known += done.known;
            totals.creators += done.creators;
            totals.accounts += done.accounts;
            totals.refused += done.refused.len() as u64;
            for (at, key) in done.refused {
                let Some(row) = chunk.get(at) else { continue };
                watch.refused(Refused { line: row.line, account: row.named(), reason: Locale::En.t(key).into() })?;
            }
            chunk.clear();
        }
        watch.progress(reader.position().byte(), &totals);
        if !more {
            return Ok(totals);
        }
    }
}

/// What is wrong with a row, as one sentence for the report.
fn reason(error: Error) -> Result<String> {
    match error {
        Error::User(problems) => Ok(problems.iter().map(sentence).collect::<Vec<_>>().join(" ")),
        other => Err(other),
    }
}

fn sentence(problem: &Problem) -> String {
    format!("{}: {}", problem.field, problem.wrong.text(Locale::En))
}
