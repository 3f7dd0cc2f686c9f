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
    /// Seconds of processor, all threads together: what is left of a figure when others use the machine too.
    cpu: Option<f64>,
    /// MiB at most, as the system counted.
    peak: Option<u64>,
}

/// All stages from the making of the text to the scores.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    rows: u64,
    seconds: f64,
    cpu: f64,
}

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    threads: usize,
    stages: Vec<Stage>,
    whole: Whole,
    bytes: u64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} threads, {} bytes a line", self.threads, self.bytes)?;
        writeln!(f, "| stage | rows | seconds | rows/s | CPU seconds | rows/CPU s | peak MiB |\n|---|---|---|---|---|---|---|")?;
        let known = |x: Option<f64>| x.map_or("unknown".to_owned(), |x| if x < 1e3 { format!("{x:.2}") } else { format!("{x:.0}") });
        for Stage { name, rows, took, cpu, peak } in &self.stages {
            let (rate, seconds) = (*rows as f64 / took.as_secs_f64(), took.as_secs_f64());
            let by_cpu = known(cpu.map(|cpu| *rows as f64 / cpu.max(0.01)));
            let peak = peak.map_or("unknown".to_owned(), |peak| peak.to_string());
            writeln!(f, "| {name} | {rows} | {seconds:.2} | {rate:.0} | {} | {by_cpu} | {peak} |", known(*cpu))?;
        }
        let Whole { rows, seconds, cpu } = self.whole;
        let by_cpu = rows as f64 / cpu.max(0.01);
        write!(f, "| end to end | {rows} | {seconds:.2} | {:.0} | {cpu:.2} | {by_cpu:.0} | |", rows as f64 / seconds)
    }
}

/// Measures all stages on an empty store.
pub fn measure(store: &Store, engine: &Engine, generator: &Generator, options: &Options) -> Result<Measured> {
    let threads = options.threads;
    let mut stages = Vec::new();
    let mut stage = |name: &'static str, work: &mut dyn FnMut() -> Result<u64>| -> Result<(u64, f64, f64)> {
        forget_peak();
        let (from, before) = (Instant::now(), cpu());
        let rows = work()?;
        let (took, after) = (from.elapsed(), cpu());
        let cpu = before.zip(after).map(|(before, after)| after - before);
        stages.push(Stage { name, rows, took, cpu, peak: peak() });
        Ok((rows, took.as_secs_f64(), cpu.unwrap_or(0.0)))
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
    let mut whole = Whole::default();
    let mut add = |(_, seconds, cpu): (u64, f64, f64)| {
        whole.seconds += seconds;
        whole.cpu += cpu;
    };
    let took = stage("make text, parse, sort, write", &mut || {
        let taken = ingest(store, &mut Made::new(generator.clone()), options)?;
        bytes = taken.bytes / taken.lines.max(1);
        Ok(taken.rows)
    })?;
    add(took);
    add(stage("seal", &mut || seal(store, threads))?);
    add(stage("aggregate, exact caps", &mut || aggregate(store, engine))?);
    add(stage("score (creators)", &mut || score(store, generator.day, threads))?);
    whole.rows = took.0;
    stage("score the next day (creators)", &mut || score(store, generator.day + 1, threads))?;
    Ok(Measured { threads, stages, whole, bytes })
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

/// Seconds of processor that this process has used.
fn cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything, the 12th and 13th field are user and system time in hundredths.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}
