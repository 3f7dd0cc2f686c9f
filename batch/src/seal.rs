//! Runs → one sorted file for each bucket of each day, without the actions that were told twice. One run is sealed as it is; several are merged row by
//! row, so that memory does not grow with the bucket. What comes late is merged into what is sealed.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BinaryHeap, binary_heap::PeekMut},
};

use anyhow::Result;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use influence::types::Day;

use crate::{
    columns::{FileOf, INTERACTIONS, batch_of, rows_of},
    ingest::{in_parallel, run_path},
    manifest::{self, Chunk, Made, Stage, fingerprint_of, unit},
    progress::Progress,
    row::Row,
    store::Store,
};

/// Rows that are written at once.
const WRITE: usize = 64 * 1024;

/// The runs of a bucket of a day: names of parts, their rows, and inferred ones among them.
pub type Runs = BTreeMap<String, (u64, u64)>;

/// All runs that are noted.
pub fn runs(store: &Store) -> Result<BTreeMap<(Day, u16), Runs>> {
    let mut runs: BTreeMap<(Day, u16), Runs> = BTreeMap::new();
    for (part, chunk) in manifest::all::<Chunk>(store, Stage::Ingest)? {
        for (day, bucket, rows, inferred) in chunk.parts {
            runs.entry((day, bucket)).or_default().insert(part.clone(), (rows, inferred));
        }
    }
    Ok(runs)
}

/// Seals what is not sealed. Says how many rows are now in sealed files.
pub fn seal(store: &Store, threads: usize) -> Result<u64> {
    let runs = runs(store)?;
    let progress = Progress::new("seal", "rows", Some(runs.values().map(rows_in).sum()));
    let rows = in_parallel(threads, runs.into_iter().collect(), |((day, bucket), parts)| {
        let rows = bucket_of_day(store, day, bucket, &parts)?;
        progress.add(rows_in(&parts));
        Ok(rows)
    })?;
    progress.end();
    Ok(rows.into_iter().sum())
}

fn rows_in(runs: &Runs) -> u64 {
    runs.values().map(|(rows, _)| rows).sum()
}

fn bucket_of_day(store: &Store, day: Day, bucket: u16, parts: &Runs) -> Result<u64> {
    let from = fingerprint_of(parts)?;
    let unit = unit(day, bucket);
    let before: Option<Made> = manifest::read(store, Stage::Seal, &unit)?;
    if let Some(before) = before.as_ref().filter(|before| before.from == from) {
        sweep(store, day, bucket, before)?;
        return Ok(before.rows);
    }
    let before = before.unwrap_or_default();
    let new: Vec<&String> = parts.keys().filter(|part| !before.holds.contains(part)).collect();
    let mut inputs: Vec<String> = new.iter().map(|part| run_path(day, bucket, part)).collect();
    inputs.extend((!before.file.is_empty()).then(|| before.file.clone()));
    let sealed = format!("sealed/day={day}/bucket={bucket:05}.parquet");
    let (file, rows, inferred) = match (inputs.as_slice(), parts.values().next()) {
        ([one], Some((rows, inferred))) if before.file.is_empty() => (one.clone(), *rows, *inferred),
        _ => {
            let (bytes, rows, inferred) = Merge::of(store, &inputs)?.write()?;
            store.put(&sealed, bytes)?;
            (sealed, rows, inferred)
        }
    };
    let made = Made { from, made: from, rows, inferred, holds: parts.keys().cloned().collect(), file };
    manifest::write(store, Stage::Seal, &unit, &made)?;
    sweep(store, day, bucket, &made)?;
    Ok(rows)
}

/// Removes runs that are in a sealed file. Only once that is noted: after a kill before it they are merged once more, which changes nothing.
fn sweep(store: &Store, day: Day, bucket: u16, made: &Made) -> Result<()> {
    made.holds.iter().map(|part| run_path(day, bucket, part)).filter(|run| *run != made.file).try_for_each(|run| store.remove(&run))
}

/// A run as it is read.
struct Run {
    batches: ParquetRecordBatchReader,
    rows: Vec<Row>,
    at: usize,
}

impl Run {
    fn next(&mut self) -> Result<Option<Row>> {
        while self.at == self.rows.len() {
            let Some(batch) = self.batches.next() else { return Ok(None) };
            self.rows.clear();
            rows_of(&batch?, &mut self.rows)?;
            self.at = 0;
        }
        self.at += 1;
        Ok(Some(self.rows[self.at - 1]))
    }
}

/// The first row that a run has left; the heap's top is the least.
struct Head(Row, usize);

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.order(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

/// Sorted runs as one.
struct Merge {
    runs: Vec<Run>,
    heads: BinaryHeap<Head>,
}

impl Merge {
    fn of(store: &Store, files: &[String]) -> Result<Self> {
        let mut merge = Self { runs: Vec::new(), heads: BinaryHeap::new() };
        for (at, file) in files.iter().enumerate() {
            let mut run = Run { batches: store.batches(file)?, rows: Vec::new(), at: 0 };
            merge.heads.extend(run.next()?.map(|row| Head(row, at)));
            merge.runs.push(run);
        }
        Ok(merge)
    }

    fn next(&mut self) -> Result<Option<Row>> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Head(row, run) = *head;
        match self.runs[run].next()? {
            Some(next) => head.0 = next,
            None => drop(PeekMut::pop(head)),
        }
        Ok(Some(row))
    }

    /// The file of all rows, each action once.
    fn write(mut self) -> Result<(Vec<u8>, u64, u64)> {
        let mut file = FileOf::new(&INTERACTIONS)?;
        let (mut count, mut inferred) = (0, 0);
        let mut rows: Vec<Row> = Vec::with_capacity(WRITE);
        let mut last: Option<Row> = None;
        while let Some(row) = self.next()? {
            // The first telling is the larger one.
            if last.is_some_and(|last| last.same(&row)) {
                continue;
            }
            last = Some(row);
            count += 1;
            inferred += u64::from(row.flags & Row::INFERRED != 0);
            rows.push(row);
            if rows.len() == WRITE {
                file.write(&batch_of(&rows)?)?;
                rows.clear();
            }
        }
        file.write(&batch_of(&rows)?)?;
        Ok((file.finish()?, count, inferred))
    }
}
