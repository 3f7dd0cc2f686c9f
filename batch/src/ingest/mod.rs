//! Text → Parquet. The input is cut into chunks of so many blocks, whatever the number of threads; of each chunk every bucket of every day becomes one
//! sorted file. A chunk that is noted as done is not made again.

mod blocks;
mod chunk;

pub use blocks::{Block, Blocks, Made, Text};
pub use chunk::in_parallel;

use anyhow::{Result, bail};

use crate::{
    manifest::{self, Chunk, Stage, fingerprint},
    parse::Format,
    progress::Progress,
    store::Store,
};

/// How to take an input in.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name under which the input is known: the same name again goes on where it stopped.
    pub name: String,
    /// JSON or comma-separated.
    pub format: Format,
    /// Buckets of creators. One store has one number.
    pub buckets: u16,
    /// Threads.
    pub threads: usize,
    /// Blocks of a chunk: bounds the memory, about 40 bytes a row.
    pub blocks: usize,
    /// Bad lines to tell of.
    pub bad_cap: usize,
}

/// What an input came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Lines read, those of chunks done before among them.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Interactions.
    pub rows: u64,
    /// Other events.
    pub events: u64,
    /// Bad lines.
    pub bad: u64,
    /// The first of them.
    pub bad_lines: Vec<(u64, String)>,
}

impl Taken {
    fn add(&mut self, chunk: &Chunk, cap: usize) {
        self.bad_lines.extend(
            chunk.bad_lines.iter().take(cap.saturating_sub(self.bad_lines.len())).map(|(line, why)| (self.lines + line, why.clone())),
        );
        self.lines += chunk.lines;
        self.bytes += chunk.bytes;
        self.rows += chunk.rows;
        self.events += chunk.events;
        self.bad += chunk.bad;
    }
}

/// The part of a file name that stands for an input and a chunk.
pub fn part(name: &str, chunk: usize) -> String {
    format!("{:016x}-{chunk:06}", fingerprint(name.as_bytes()))
}

/// The file of a part.
pub fn run_path(day: influence::types::Day, bucket: u16, part: &str) -> String {
    format!("runs/day={day}/bucket={bucket:05}/{part}.parquet")
}

/// The file of other events of a part.
pub fn events_path(bucket: u16, part: &str) -> String {
    format!("events/bucket={bucket:05}/{part}.parquet")
}

/// Takes an input in.
pub fn ingest(store: &Store, input: &mut dyn Blocks, options: &Options) -> Result<Taken> {
    settle_buckets(store, options.buckets)?;
    let progress = Progress::new("ingest", "lines", input.lines());
    let mut taken = Taken::default();
    for number in 0.. {
        let part = part(&options.name, number);
        let chunk = match manifest::read::<Chunk>(store, Stage::Ingest, &part)? {
            Some(done) => {
                if input.skip(options.blocks)? != done.text {
                    bail!("chunk {number} of {:?} was made from another text: give the new one another name", options.name);
                }
                done
            }
            None => {
                let chunk = chunk::make(store, input, &part, options, &progress)?;
                manifest::write(store, Stage::Ingest, &part, &chunk)?;
                chunk
            }
        };
        taken.add(&chunk, options.bad_cap);
        if chunk.last {
            break;
        }
    }
    progress.end();
    Ok(taken)
}

/// A store keeps the number of buckets it began with: a creator must not move.
fn settle_buckets(store: &Store, buckets: u16) -> Result<()> {
    match self::buckets(store)? {
        Some(found) if found != buckets => bail!("the store has {found} buckets, not {buckets}"),
        Some(_) => Ok(()),
        None => store.put("manifest/buckets.json", serde_json::to_vec(&buckets)?),
    }
}

/// The number of buckets of a store; `None`: it is empty.
pub fn buckets(store: &Store) -> Result<Option<u16>> {
    Ok(store.get("manifest/buckets.json")?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}
