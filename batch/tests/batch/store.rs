//! A store in a temporary folder, and the stages on it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use datafusion::arrow::{
    array::{Array as _, Float64Array, UInt64Array},
    record_batch::RecordBatch,
};
use hibiki_batch::{
    aggregate::{Engine, aggregate},
    ingest::{Options, Taken, Text, ingest},
    parse::Format,
    run,
    score::{score, scores_path},
    seal::seal,
    store::Store,
};
use influence::types::{CreatorId, Day};

/// Few buckets, so that small inputs fill them.
pub const BUCKETS: u16 = 4;

/// A store and where it lies.
pub struct Batch {
    /// The store.
    pub store: Store,
    memory: usize,
    /// Kept, since the folder goes with it.
    pub folder: tempfile::TempDir,
}

impl Batch {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_memory(256 << 20)
    }

    /// An empty store whose queries get so many bytes.
    pub fn with_memory(memory: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("store"), 2).expect("a store");
        Self { store, memory, folder }
    }

    /// Takes JSON Lines in, in small blocks and chunks.
    pub fn ingest(&self, name: &str, text: &[u8]) -> Taken {
        let options = Options { name: name.to_owned(), format: Format::Json, buckets: BUCKETS, threads: 2, blocks: 3, bad_cap: 3 };
        ingest(&self.store, &mut Text::cut(text, 20_000), &options).expect("ingest")
    }

    /// Judged actors from comma-separated values.
    pub fn actors(&self, text: &str) {
        let file = self.folder.path().join("actors.csv");
        std::fs::write(&file, text).expect("a file");
        run::actors(&self.store, &file).expect("actors");
    }

    /// Seals and aggregates. Says how many rows were read anew.
    pub fn aggregate(&self) -> u64 {
        self.aggregate_at(None)
    }

    /// The same where a scheduler says.
    pub fn aggregate_at(&self, scheduler: Option<String>) -> u64 {
        seal(&self.store, 2).expect("seal");
        let engine = Engine::new(2, self.memory, self.folder.path().join("spill"), scheduler).expect("an engine");
        aggregate(&self.store, &engine).expect("aggregate")
    }

    /// All stages up to the scores of a day.
    pub fn scores(&self, day: Day) -> BTreeMap<CreatorId, Option<f64>> {
        self.aggregate();
        score(&self.store, day, 2).expect("score");
        let mut scores = BTreeMap::new();
        for bucket in 0..BUCKETS {
            for batch in self.store.batches(&scores_path(day, bucket)).expect("scores") {
                scores.extend(pairs(&batch.expect("a batch")));
            }
        }
        scores
    }

    /// Bytes of all files below a folder of the store.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files(self.store.root(), folder)
    }
}

fn pairs(batch: &RecordBatch) -> Vec<(CreatorId, Option<f64>)> {
    let creators = batch.column(0).as_any().downcast_ref::<UInt64Array>().expect("creators");
    let scores = batch.column(2).as_any().downcast_ref::<Float64Array>().expect("scores");
    (0..batch.num_rows()).map(|i| (creators.value(i), scores.is_valid(i).then(|| scores.value(i)))).collect()
}

/// Bytes of all files below a folder.
pub fn files(root: &Path, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let named = paths(&root.join(folder)).into_iter().map(|path| {
        let name = path.strip_prefix(root).expect("below the root").display().to_string();
        (name, std::fs::read(&path).expect("a file"))
    });
    named.collect()
}

/// All files below a folder.
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}
