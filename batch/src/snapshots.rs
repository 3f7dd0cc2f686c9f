//! Scores → the server's own table `score_snapshots`, as a script for `psql`: for creators of whom a file says who they are there. What the day had in that
//! scope is replaced, in one transaction. The server's own run of the same day replaces it in turn.

use std::{
    collections::HashMap,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use datafusion::arrow::{array::AsArray as _, datatypes::UInt64Type};
use influence::{
    FORMULA_VERSION, Params, Score, State,
    types::{CreatorId, Day},
};

use crate::{columns::column, publish::date, score::state_path, store::Store};

/// Which creators of the server.
pub struct Known {
    /// `public`: the lines hold what everybody can see; `full`: what a creator's grant shows too.
    scope: &'static str,
    ids: HashMap<CreatorId, String>,
}

impl Known {
    /// From comma-separated values with the header `creator,id`: the id of the lines, and the UUID of the server's row.
    pub fn read(file: &Path, full: bool) -> Result<Self> {
        let mut ids = HashMap::new();
        for row in csv::Reader::from_path(file).with_context(|| file.display().to_string())?.into_deserialize() {
            let (creator, id): (CreatorId, String) = row?;
            ensure!(id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'), "{id:?} is no UUID");
            ids.insert(creator, id);
        }
        Ok(Self { scope: if full { "full" } else { "public" }, ids })
    }

    /// Writes the script. Says how many creators are in it.
    pub(crate) fn write(&self, store: &Store, day: Day, buckets: &[u16], file: std::fs::File) -> Result<(std::fs::File, u64)> {
        let mut out = BufWriter::new(file);
        out.write_all(BEFORE.as_bytes())?;
        let mut rows = 0;
        for bucket in buckets {
            for batch in store.batches(&state_path(day, *bucket))? {
                let batch = batch?;
                let states = batch.column(1).as_string_opt::<i32>().context("states are no text")?;
                for (at, creator) in column::<UInt64Type>(&batch, 0)?.values().iter().enumerate() {
                    if let Some(id) = self.ids.get(creator) {
                        line(&serde_json::from_str(states.value(at))?, id, &mut out)?;
                        rows += 1;
                    }
                }
            }
        }
        write!(out, "{}", after(self.scope, day))?;
        Ok((out.into_inner()?, rows))
    }
}

const BEFORE: &str = "begin;\ncreate temp table batch_snapshots (creator_id uuid primary key, value double precision, low double precision, \
                      high double precision, true_reach double precision, score jsonb, facts jsonb) on commit drop;\n\
                      copy batch_snapshots from stdin;\n";

fn line(state: &State, id: &str, out: &mut impl Write) -> Result<()> {
    let facts = state.facts(Params::shipped());
    let Some(score) = Score::of(&facts, Params::shipped()) else {
        return Ok(writeln!(out, "{id}\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N")?);
    };
    let escaped = |json: String| json.replace('\\', "\\\\");
    let (parts, facts) = (escaped(serde_json::to_string(&score)?), escaped(serde_json::to_string(&facts)?));
    let Score { value, low, high, true_reach, .. } = score;
    Ok(writeln!(out, "{id}\t{value}\t{low}\t{high}\t{true_reach}\t{parts}\t{facts}")?)
}

/// Creators that are gone from the server are left out, and those without a score lose the one that the day had.
fn after(scope: &str, day: Day) -> String {
    let day = date(day);
    format!(
        "\\.\ndelete from score_snapshots s using batch_snapshots b where s.creator_id = b.creator_id and s.scope = '{scope}' and s.day = '{day}';\n\
         insert into score_snapshots (id, creator_id, scope, day, formula, inputs_hash, value, low, high, true_reach, score, facts, causes, computed_at)\n\
         select gen_random_uuid(), creator_id, '{scope}', '{day}', '{FORMULA_VERSION}',\n  \
         encode(sha256(convert_to('{FORMULA_VERSION} {scope} {day} ' || facts::text, 'UTF8')), 'hex'), value, low, high, b.true_reach, b.score, facts, '[]', now()\n\
         from batch_snapshots b join creators c on c.id = b.creator_id where value is not null;\ncommit;\n"
    )
}
