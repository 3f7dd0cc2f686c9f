//! How fast each stage is, and how much memory it takes at most, on made-up interactions. The text is made by the threads that read it: what that costs is
//! measured beside it, and is part of the figure from end to end.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    aggregate::{Engine, aggregate},
    generate::Generator,
    ingest::{Made, Options, in_parallel, ingest},
    parse::{Format, Line},
    score::score,
    seal::seal,
    store::Store,
};

/// A stage as it was measured.
#[derive(Debug)]
struct Stage {
    name: &'static str,
    rows: u64,
    took: Duration,
    /// MiB at most, as the system counted.
    peak: Option<u64>,
}

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    threads: usize,
    stages: Vec<Stage>,
    /// Interactions and seconds, from the text on.
    whole: (u64, f64),
    bytes: u64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} threads, {} bytes a line", self.threads, self.bytes)?;
        writeln!(f, "| stage | rows | seconds | rows/s | peak MiB |\n|---|---|---|---|---|")?;
        for Stage { name, rows, took, peak } in &self.stages {
            let rate = *rows as f64 / took.as_secs_f64();
            let peak = peak.map_or("unknown".to_owned(), |peak| peak.to_string());
            writeln!(f, "| {name} | {rows} | {:.2} | {rate:.0} | {peak} |", took.as_secs_f64())?;
        }
        let (rows, seconds) = self.whole;
        write!(f, "| end to end | {rows} | {seconds:.2} | {:.0} | |", rows as f64 / seconds)
    }
}

/// Measures all stages on an empty store.
pub fn measure(store: &Store, engine: &Engine, generator: &Generator, options: &Options) -> Result<Measured> {
    let threads = options.threads;
    let mut stages = Vec::new();
    let mut stage = |name: &'static str, work: &mut dyn FnMut() -> Result<u64>| -> Result<(u64, f64)> {
        forget_peak();
        let from = Instant::now();
        let rows = work()?;
        let took = from.elapsed();
        stages.push(Stage { name, rows, took, peak: peak() });
        Ok((rows, took.as_secs_f64()))
    };
    // Enough text to measure the making and the reading of it alone, in memory.
    let sample: Vec<u64> = (0..64.min(generator.lines() / 16_384)).collect();
    let make = |block: u64| {
        let mut text = Vec::with_capacity(4 << 20);
        (block * 16_384..(block + 1) * 16_384).for_each(|line| generator.line(generator.lines() - 1 - line, &mut text));
        text
    };
    let mut texts = Vec::new();
    stage("make text", &mut || {
        texts = in_parallel(threads, sample.clone(), |block| Ok(make(block)))?;
        Ok(16_384 * texts.len() as u64)
    })?;
    stage("parse", &mut || {
        let read = in_parallel(threads, texts.iter().collect(), |text: &Vec<u8>| {
            let lines = text.split(|b| *b == b'\n').filter(|line| matches!(Format::Json.line(line), Ok(Line::Row(_))));
            Ok(lines.count() as u64)
        })?;
        Ok(read.iter().sum())
    })?;
    drop(texts);
    let mut bytes = 0;
    let mut total = 0.0;
    let (rows, took) = stage("make text, parse, sort, write", &mut || {
        let taken = ingest(store, &mut Made::new(generator.clone()), options)?;
        bytes = taken.bytes / taken.lines.max(1);
        Ok(taken.rows)
    })?;
    total += took;
    total += stage("seal", &mut || seal(store, threads))?.1;
    total += stage("aggregate, exact caps", &mut || aggregate(store, engine))?.1;
    total += stage("score (creators)", &mut || score(store, generator.day, threads))?.1;
    stage("score the next day (creators)", &mut || score(store, generator.day + 1, threads))?;
    Ok(Measured { threads, stages, whole: (rows, total), bytes })
}

/// Makes the system count the peak anew, where it can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}
