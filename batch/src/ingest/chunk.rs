//! One chunk: blocks to all threads, rows to buckets, buckets to files.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
};

use anyhow::{Result, anyhow};
use datafusion::arrow::array::{Int32Array, RecordBatch, StringArray, UInt64Array};
use influence::types::{CreatorId, Day};

use super::{
    Options,
    blocks::{Block, Blocks, join},
    events_path, run_path,
};
use crate::{
    columns::{EVENTS, FileOf, file_of},
    manifest::{Chunk, fingerprint},
    parse::Line,
    progress::Progress,
    row::{Row, bucket_of, sort},
    store::Store,
};

type Told = (CreatorId, Day, String);

/// What one thread has read.
#[derive(Default)]
struct Read {
    rows: BTreeMap<Day, Vec<Vec<Row>>>,
    events: Vec<Told>,
    /// Block, lines in it, its bytes.
    blocks: Vec<(usize, u64, u64)>,
    bad: u64,
    /// Block, line in it, reason.
    bad_lines: Vec<(usize, u64, String)>,
}

impl Read {
    fn block(&mut self, number: usize, text: &[u8], options: &Options) {
        let mut lines = 0;
        let mut from = 0;
        let ends = memchr::memchr_iter(b'\n', text).chain((text.last() != Some(&b'\n') && !text.is_empty()).then_some(text.len()));
        for end in ends {
            lines += 1;
            match options.format.line(&text[from..end]) {
                Ok(Line::Row(row)) => {
                    let buckets = self.rows.entry(row.day()).or_insert_with(|| vec![Vec::new(); usize::from(options.buckets)]);
                    buckets[usize::from(row.bucket(options.buckets))].push(row);
                }
                Ok(Line::Event(creator, day, json)) => self.events.push((creator, day, json)),
                Ok(Line::Blank) => {}
                Err(why) => {
                    self.bad += 1;
                    self.bad_lines.push((number, lines, why));
                    // Which ones are told must not depend on threads: keep the first of each block.
                    let of_block = self.bad_lines.iter().rev().take_while(|b| b.0 == number).count();
                    if of_block > options.bad_cap {
                        self.bad_lines.pop();
                    }
                }
            }
            from = end + 1;
        }
        self.blocks.push((number, lines, text.len() as u64));
    }
}

/// Makes a chunk's files and says what to note of it.
pub fn make(store: &Store, input: &mut dyn Blocks, part: &str, options: &Options, progress: &Progress) -> Result<Chunk> {
    let mut chunk = Chunk::default();
    let reads = std::thread::scope(|scope| -> Result<Vec<Read>> {
        let (to_all, from_one) = sync_channel::<(usize, Block)>(2 * options.threads);
        // Shared by the readers alone: with the last of them it is gone, and sending fails rather than waits.
        let from_one = Arc::new(Mutex::new(from_one));
        let worker = || {
            let from_one = from_one.clone();
            scope.spawn(move || {
                let (mut read, mut made) = (Read::default(), Vec::new());
                loop {
                    let next = from_one.lock().ok().and_then(|from| from.recv().ok());
                    let Some((number, block)) = next else { return read };
                    read.block(number, block.text(&mut made), options);
                    progress.add(read.blocks.last().map_or(0, |b| b.1));
                }
            })
        };
        let workers: Vec<_> = (0..options.threads).map(|_| worker()).collect();
        drop(from_one);
        for number in 0..options.blocks {
            let Some(block) = input.next()? else {
                chunk.last = true;
                break;
            };
            chunk.text = join(chunk.text, block.print());
            to_all.send((number, block)).map_err(|_| anyhow!("all readers fell over"))?;
        }
        drop(to_all);
        workers.into_iter().map(|worker| worker.join().map_err(|_| anyhow!("a reader fell over"))).collect()
    })?;
    count(&mut chunk, &reads, options);
    let mut rows: BTreeMap<(Day, u16), Vec<Vec<Row>>> = BTreeMap::new();
    let mut events: BTreeMap<u16, Vec<Told>> = BTreeMap::new();
    for read in reads {
        for (day, buckets) in read.rows {
            for (bucket, some) in (0..).zip(buckets).filter(|(_, some)| !some.is_empty()) {
                rows.entry((day, bucket)).or_default().push(some);
            }
        }
        for told in read.events {
            events.entry(bucket_of(told.0, options.buckets)).or_default().push(told);
        }
    }
    chunk.parts = in_parallel(options.threads, rows.into_iter().collect(), |((day, bucket), some)| {
        let mut rows = some.concat();
        drop(some);
        sort(&mut rows);
        store.put(&run_path(day, bucket, part), file_of(&rows)?)?;
        let inferred = rows.iter().filter(|row| row.flags & Row::INFERRED != 0).count();
        Ok((day, bucket, rows.len() as u64, inferred as u64))
    })?;
    chunk.event_parts = in_parallel(options.threads, events.into_iter().collect(), |(bucket, mut told)| {
        told.sort_unstable();
        told.dedup();
        let file = events_file(&told)?;
        let print = fingerprint(&file);
        store.put(&events_path(bucket, part), file)?;
        Ok((bucket, print))
    })?;
    Ok(chunk)
}

/// Counts, and brings bad lines from their place in a block to their place in the chunk.
fn count(chunk: &mut Chunk, reads: &[Read], options: &Options) {
    let blocks: BTreeMap<usize, (u64, u64)> =
        reads.iter().flat_map(|r| &r.blocks).map(|(number, lines, bytes)| (*number, (*lines, *bytes))).collect();
    let mut before = BTreeMap::new();
    for (number, (lines, bytes)) in blocks {
        before.insert(number, chunk.lines);
        chunk.lines += lines;
        chunk.bytes += bytes;
    }
    let mut bad: Vec<(u64, String)> =
        reads.iter().flat_map(|r| &r.bad_lines).map(|(number, line, why)| (before.get(number).unwrap_or(&0) + line, why.clone())).collect();
    bad.sort_unstable();
    bad.truncate(options.bad_cap);
    chunk.bad_lines = bad;
    chunk.bad = reads.iter().map(|r| r.bad).sum();
    chunk.events = reads.iter().map(|r| r.events.len() as u64).sum();
    chunk.rows = reads.iter().flat_map(|r| r.rows.values().flatten()).map(|rows| rows.len() as u64).sum();
}

/// Does something with each item, on so many threads; the results keep the order of the items.
pub fn in_parallel<T: Send, R: Send>(threads: usize, items: Vec<T>, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let count = items.len();
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    let next = AtomicUsize::new(0);
    let one = || -> Result<Vec<(usize, R)>> {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at).and_then(|item| item.lock().ok()?.take()) else { return Ok(done) };
            done.push((at, work(item)?));
        }
    };
    let mut all: Vec<(usize, R)> = std::thread::scope(|scope| -> Result<Vec<_>> {
        let workers: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(one)).collect();
        let mut all = Vec::with_capacity(count);
        for worker in workers {
            all.extend(worker.join().map_err(|_| anyhow!("a thread fell over"))??);
        }
        Ok(all)
    })?;
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

fn events_file(told: &[Told]) -> Result<Vec<u8>> {
    let mut file = FileOf::new(&EVENTS)?;
    file.write(&RecordBatch::try_new(
        EVENTS.clone(),
        vec![
            Arc::new(UInt64Array::from_iter_values(told.iter().map(|t| t.0))),
            Arc::new(Int32Array::from_iter_values(told.iter().map(|t| t.1))),
            Arc::new(StringArray::from_iter_values(told.iter().map(|t| &t.2))),
        ],
    )?)?;
    file.finish()
}
