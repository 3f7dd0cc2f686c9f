//! What is known of those who act: what they did in all that day (counted here, over every creator), and their quality, score, class and reach (a table
//! that the server exports). Loaded once by each process and shared by all buckets.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::{Context as _, Result};
use datafusion::{
    arrow::{
        array::{Array as _, AsArray as _, Float64Array, RecordBatch},
        datatypes::{DataType, Field, Float64Type, Int64Type, Schema, UInt8Type, UInt64Type},
    },
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
};
use influence::{
    daily::{Actor, Actors},
    types::{ActorId, Day, Event, Millis, Network, PostId},
};
use serde::{Deserialize, Serialize};

use crate::{
    columns::column,
    ingest::events_path,
    row::{CLASSES, network_code},
};

/// The table of judged actors, below the root: network u8, actor u64, quality, score, reach f64 (null: unknown), class u8. The server, or
/// `hibiki-batch actors`, writes it.
pub const ACTORS: &str = "actors.parquet";

/// Who did more than the limit that day.
pub fn heavy_path(day: Day) -> String {
    format!("lookup/day={day}.parquet")
}

/// Ids are hashes already: one multiplication spreads them.
#[derive(Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
}

/// A map by id.
pub type ById<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// What is known of actors on a day.
#[derive(Debug, Default)]
pub struct Known {
    actors: ById<(u8, ActorId), Actor>,
}

impl Actors for Known {
    fn actor(&self, network: Network, actor: ActorId, _: Day) -> Option<Actor> {
        self.of(network_code(network), actor)
    }
}

impl FromIterator<((u8, ActorId), Actor)> for Known {
    fn from_iter<I: IntoIterator<Item = ((u8, ActorId), Actor)>>(actors: I) -> Self {
        Self { actors: actors.into_iter().collect() }
    }
}

impl Known {
    /// What is known of one, by the code of the network.
    pub fn of(&self, network: u8, actor: ActorId) -> Option<Actor> {
        self.actors.get(&(network, actor)).copied()
    }

    /// Reads both tables; either may be missing.
    fn read(root: &Path, day: Day) -> Result<Self> {
        let mut known = Self::default();
        for batch in batches(&root.join(ACTORS))? {
            known.judged(&batch)?;
        }
        for batch in batches(&root.join(heavy_path(day)))? {
            let (network, actor) = (column::<UInt8Type>(&batch, 0)?, column::<UInt64Type>(&batch, 1)?);
            let actions = column::<Int64Type>(&batch, 2)?;
            for i in 0..batch.num_rows() {
                let held = known.actors.entry((network.value(i), actor.value(i))).or_default();
                held.actions = Some(actions.value(i) as f64 / 1e6);
            }
        }
        Ok(known)
    }

    fn judged(&mut self, batch: &RecordBatch) -> Result<()> {
        let (network, actor) = (column::<UInt8Type>(batch, 0)?, column::<UInt64Type>(batch, 1)?);
        let (quality, score, reach) =
            (column::<Float64Type>(batch, 2)?, column::<Float64Type>(batch, 3)?, column::<Float64Type>(batch, 4)?);
        let class = column::<UInt8Type>(batch, 5)?;
        let at = |from: &Float64Array, i: usize| from.is_valid(i).then(|| from.value(i));
        for i in 0..batch.num_rows() {
            let class = *CLASSES.get(usize::from(class.value(i))).with_context(|| format!("class {}", class.value(i)))?;
            let known = Actor { quality: at(quality, i), score: at(score, i), reach: at(reach, i), class, ..Actor::default() };
            self.actors.insert((network.value(i), actor.value(i)), known);
        }
        Ok(())
    }
}

/// The columns of the table of judged actors.
pub fn actors_schema() -> Arc<Schema> {
    let field = |name: &str, kind: DataType, null: bool| Field::new(name, kind, null);
    Arc::new(Schema::new(vec![
        field("network", DataType::UInt8, false),
        field("actor", DataType::UInt64, false),
        field("quality", DataType::Float64, true),
        field("score", DataType::Float64, true),
        field("reach", DataType::Float64, true),
        field("class", DataType::UInt8, false),
    ]))
}

fn batches(path: &Path) -> Result<Vec<RecordBatch>> {
    match std::fs::File::open(path) {
        Ok(file) => Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.build()?.collect::<Result<_, _>>()?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Which tables a tally needs. It travels with the plan as text, so that another machine can load them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Which {
    /// The root of the store, at the same path on every machine.
    pub root: PathBuf,
    /// The day.
    pub day: Day,
    /// Fingerprint of the tables: others of the same day are loaded anew.
    pub print: u64,
    /// The bucket and its parts of events, where inferred actions need the instants of posts.
    pub published: Option<(u16, Vec<String>)>,
}

/// Tables that were loaded, and which.
type Loaded = (PathBuf, Day, u64, Arc<Known>);

/// When posts went out.
pub type Published = ById<PostId, Millis>;

impl Which {
    /// The tables of actors, from memory if the last tally of this process had the same.
    pub fn known(&self) -> Result<Arc<Known>> {
        static LAST: Mutex<Option<Loaded>> = Mutex::new(None);
        // Held while loading: the others wait for the table rather than load it as well.
        let mut last = LAST.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((root, day, print, known)) = &*last
            && (root, *day, *print) == (&self.root, self.day, self.print)
        {
            return Ok(known.clone());
        }
        let known = Arc::new(Known::read(&self.root, self.day)?);
        *last = Some((self.root.clone(), self.day, self.print, known.clone()));
        Ok(known)
    }

    /// When the posts of the bucket went out; empty where nobody asks.
    pub fn published(&self) -> Result<Published> {
        let mut published = Published::default();
        let Some((bucket, parts)) = &self.published else { return Ok(published) };
        let mut greatest: HashMap<PostId, influence::types::Post> = HashMap::new();
        for part in parts {
            for batch in batches(&self.root.join(events_path(*bucket, part)))? {
                let events = batch.column(2).as_string_opt::<i32>().context("events are no text")?;
                for event in events.iter().flatten().filter(|event| event.contains(r#""event":"post""#)) {
                    let Event::Post(post) = serde_json::from_str(event)? else { continue };
                    // Told twice, the greater text stands, as in `influence`.
                    let key = |p: &influence::types::Post| (p.published_at, p.format, p.boosted, p.sponsored, p.hidden_likes);
                    if greatest.get(&post.id).is_none_or(|held| key(&post) > key(held)) {
                        greatest.insert(post.id, post);
                    }
                }
            }
        }
        published.extend(greatest.into_values().map(|post| (post.id, post.published_at)));
        Ok(published)
    }
}
