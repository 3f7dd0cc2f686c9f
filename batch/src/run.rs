//! Files in, published scores out. Every stage goes on where it stopped.

use std::{
    fs::File,
    io::{BufReader, IsTerminal as _, Read, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, UInt8Array, UInt64Array};
use influence::types::Day;

use crate::{
    aggregate::{Engine, aggregate},
    columns::FileOf,
    ingest::{Options, Taken, Text, ingest},
    lookup::{ACTORS, actors_schema},
    parse::{Format, Header},
    publish::publish,
    row::NETWORK_NAMES,
    score::score,
    seal::seal,
    store::Store,
};

/// How to read inputs.
#[derive(Clone, Debug)]
pub struct Input {
    /// Files; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// The name of the input in place of the file's: standard input needs one to be gone on with.
    pub name: Option<String>,
    /// Comma-separated; else by the ending `.csv`.
    pub comma: bool,
}

/// Takes files in.
pub fn take(store: &Store, input: &Input, options: &Options) -> Result<Vec<(String, Taken)>> {
    let mut taken = Vec::new();
    for path in &input.files {
        let of_stdin = path == Path::new("-");
        if of_stdin && stdin().is_terminal() {
            bail!("nothing comes from standard input");
        }
        let from: Box<dyn Read + Send> = if of_stdin {
            Box::new(BufReader::new(stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).with_context(|| path.display().to_string())?))
        };
        let name = input.name.clone().unwrap_or_else(|| path.display().to_string());
        let mut text = Text::new(from);
        let comma = input.comma || path.extension().is_some_and(|e| e == "csv");
        let format = if comma { Format::Comma(Header::read(&text.header()?).map_err(anyhow::Error::msg)?) } else { Format::Json };
        taken.push((name.clone(), ingest(store, &mut text, &Options { name, format, ..options.clone() })?));
    }
    Ok(taken)
}

/// What was taken in, for people.
pub fn tell(name: &str, taken: &Taken) -> String {
    let mut told =
        format!("{name}: {} lines, {} interactions, {} other events, {} bad lines", taken.lines, taken.rows, taken.events, taken.bad);
    for (line, why) in &taken.bad_lines {
        told += &format!("\n  line {line}: {why}");
    }
    if taken.bad > taken.bad_lines.len() as u64 {
        told += &format!("\n  and {} more", taken.bad - taken.bad_lines.len() as u64);
    }
    told
}

/// All stages after the text is in.
pub fn rest(store: &Store, engine: &Engine, day: Day, threads: usize, to: Option<&Path>) -> Result<u64> {
    seal(store, threads)?;
    aggregate(store, engine)?;
    score(store, day, threads)?;
    to.map_or(Ok(0), |to| publish(store, day, to, None))
}

/// Puts the table of judged actors in place, from comma-separated `network,actor,quality,score,reach,class`, empty where unknown.
pub fn actors(store: &Store, file: &Path) -> Result<usize> {
    #[derive(serde::Deserialize)]
    struct Judged {
        network: String,
        actor: u64,
        quality: Option<f64>,
        score: Option<f64>,
        reach: Option<f64>,
        class: Option<influence::types::Class>,
    }
    let mut rows: Vec<(u8, Judged)> = Vec::new();
    for judged in csv::Reader::from_path(file)?.into_deserialize() {
        let judged: Judged = judged?;
        let network =
            NETWORK_NAMES.iter().position(|n| *n == judged.network).with_context(|| format!("unknown network {:?}", judged.network))?;
        rows.push((network as u8, judged));
    }
    rows.sort_by_key(|(network, judged)| (*network, judged.actor));
    let maybe =
        |of: fn(&Judged) -> Option<f64>| -> ArrayRef { std::sync::Arc::new(rows.iter().map(|r| of(&r.1)).collect::<Float64Array>()) };
    let columns: Vec<ArrayRef> = vec![
        std::sync::Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.0))),
        std::sync::Arc::new(UInt64Array::from_iter_values(rows.iter().map(|r| r.1.actor))),
        maybe(|j| j.quality),
        maybe(|j| j.score),
        maybe(|j| j.reach),
        std::sync::Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.1.class.map_or(0, |c| c as u8)))),
    ];
    let schema = actors_schema();
    let mut out = FileOf::new(&schema)?;
    out.write(&RecordBatch::try_new(schema, columns)?)?;
    store.put(ACTORS, out.finish()?)?;
    Ok(rows.len())
}
