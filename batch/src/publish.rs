//! Scores → one file, or one table: whole or not at all. The kind follows from the name: `.csv`, `.parquet`, or `.sql`, a script for `psql` that fills a
//! new table and puts it in the old one's place within one transaction.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use chrono::{NaiveDate, TimeDelta};
use datafusion::{
    arrow::{
        array::{Array as _, AsArray as _, RecordBatch},
        datatypes::{Float64Type, Int32Type, UInt64Type},
    },
    parquet::arrow::ArrowWriter,
};
use influence::types::Day;

use crate::{
    columns::{SCORES, column},
    manifest::{self, Made, Stage},
    score::scores_path,
    snapshots::Known,
    store::Store,
};

/// Columns of the text files.
const NAMES: &str = "creator,day,score,low,high,influence,true_reach,provisional,version";

/// A day as text: 2026-11-28.
pub(crate) fn date(day: Day) -> NaiveDate {
    NaiveDate::default() + TimeDelta::days(day.into())
}

/// Publishes the scores of a day; with `known`, into the server's own table. Says how many.
pub fn publish(store: &Store, day: Day, to: &Path, known: Option<&Known>) -> Result<u64> {
    let prefix = format!("{day}-");
    let buckets: Vec<u16> = manifest::all::<Made>(store, Stage::Score)?
        .iter()
        .filter_map(|(unit, _)| unit.strip_prefix(&prefix).map(str::parse))
        .collect::<Result<_, _>>()?;
    if buckets.is_empty() {
        bail!("day {day} is not scored");
    }
    // Beside the target, so that the rename stays within one file system.
    let mut name = to.file_name().context("a file to publish to")?.to_owned();
    name.push(".part");
    let part = to.with_file_name(name);
    let file = std::fs::File::create(&part).with_context(|| part.display().to_string())?;
    let (file, rows) = match (to.extension().and_then(|e| e.to_str()), known) {
        (Some("sql"), Some(known)) => known.write(store, day, &buckets, file)?,
        (_, Some(_)) => bail!("{}: into the server's table goes a script, .sql", to.display()),
        (Some("parquet"), _) => parquet(store, day, &buckets, file)?,
        (Some("csv"), _) => text(store, day, &buckets, file, &format!("{NAMES}\n"), ",", "", "")?,
        (Some("sql"), _) => text(store, day, &buckets, file, &before(), "\t", "\\N", AFTER)?,
        _ => bail!("{}: neither .csv nor .parquet nor .sql", to.display()),
    };
    file.sync_all()?;
    std::fs::rename(&part, to)?;
    Ok(rows)
}

fn parquet(store: &Store, day: Day, buckets: &[u16], file: std::fs::File) -> Result<(std::fs::File, u64)> {
    let mut writer = ArrowWriter::try_new(file, SCORES.clone(), None)?;
    let mut rows = 0;
    for bucket in buckets {
        for batch in store.batches(&scores_path(day, *bucket))? {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            writer.write(&batch)?;
        }
    }
    Ok((writer.into_inner()?, rows))
}

/// A script that `psql -f` runs. Creators are numeric: PostgreSQL has no 64 bits without a sign.
fn before() -> String {
    format!(
        "begin;\ncreate table batch_scores_new (creator numeric(20) primary key, day date not null, score double precision, low double precision, \
         high double precision, influence double precision, true_reach double precision, provisional boolean not null, version text not null);\n\
         copy batch_scores_new ({NAMES}) from stdin;\n"
    )
}

const AFTER: &str = "\\.\ndrop table if exists batch_scores;\nalter table batch_scores_new rename to batch_scores;\nalter index batch_scores_new_pkey rename to batch_scores_pkey;\ncommit;\n";

#[expect(clippy::too_many_arguments, reason = "the four last ones are the spelling of one format")]
fn text(
    store: &Store,
    day: Day,
    buckets: &[u16],
    file: std::fs::File,
    head: &str,
    between: &str,
    null: &str,
    foot: &str,
) -> Result<(std::fs::File, u64)> {
    let mut out = BufWriter::new(file);
    out.write_all(head.as_bytes())?;
    let mut rows = 0;
    for bucket in buckets {
        for batch in store.batches(&scores_path(day, *bucket))? {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            lines(&batch, &mut out, between, null)?;
        }
    }
    out.write_all(foot.as_bytes())?;
    Ok((out.into_inner()?, rows))
}

fn lines(batch: &RecordBatch, out: &mut impl Write, between: &str, null: &str) -> Result<()> {
    let (creator, day) = (column::<UInt64Type>(batch, 0)?, column::<Int32Type>(batch, 1)?);
    let provisional = batch.column(7).as_boolean_opt().context("provisional is no boolean")?;
    let version = batch.column(8).as_string_opt::<i32>().context("version is no text")?;
    for i in 0..batch.num_rows() {
        write!(out, "{}{between}{}", creator.value(i), date(day.value(i)))?;
        for at in 2..7 {
            let x = column::<Float64Type>(batch, at)?;
            if x.is_valid(i) {
                write!(out, "{between}{}", x.value(i))?;
            } else {
                write!(out, "{between}{null}")?;
            }
        }
        writeln!(out, "{between}{}{between}{}", provisional.value(i), version.value(i))?;
    }
    Ok(())
}
