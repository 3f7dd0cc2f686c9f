//! Where the files lie: an object store behind a plain, blocking face, since the work is done by threads of our own.

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use futures_util::TryStreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path};
use tokio::runtime::Runtime;

/// Rows of a batch when a file is read.
const BATCH: usize = 8192;

/// The store, and the runtime that serves it.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    root: PathBuf,
    runtime: Arc<Runtime>,
}

impl Store {
    /// A folder, made if it is not there. `threads` serve the queries.
    pub fn open(root: &FilePath, threads: usize) -> Result<Self> {
        std::fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
        let root = root.canonicalize()?;
        // Queries recurse deeply over nested plans.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).thread_stack_size(8 << 20).enable_all().build()?;
        Ok(Self { objects: Arc::new(LocalFileSystem::new_with_prefix(&root)?), root, runtime: Arc::new(runtime) })
    }

    /// The runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The address of a file, as queries name it.
    pub fn url(&self, path: &str) -> String {
        self.root.join(path).display().to_string()
    }

    /// The folder.
    pub fn root(&self) -> &FilePath {
        &self.root
    }

    /// Writes a whole file, or nothing: whoever reads it sees the old one or the new one.
    pub fn put(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.runtime.block_on(self.objects.put(&Path::from(path), Bytes::from(bytes).into())).with_context(|| format!("writing {path}"))?;
        Ok(())
    }

    /// Reads a file; `None`: there is none.
    pub fn get(&self, path: &str) -> Result<Option<Bytes>> {
        self.runtime.block_on(async {
            match self.objects.get(&Path::from(path)).await {
                Ok(found) => Ok(Some(found.bytes().await?)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error).with_context(|| format!("reading {path}")),
            }
        })
    }

    /// The batches of a Parquet file.
    pub fn batches(&self, path: &str) -> Result<ParquetRecordBatchReader> {
        let bytes = self.get(path)?.with_context(|| format!("{path} is missing"))?;
        Ok(ParquetRecordBatchReaderBuilder::try_new(bytes)?.with_batch_size(BATCH).build()?)
    }

    /// All files below a folder, in order.
    pub fn list(&self, folder: &str) -> Result<Vec<String>> {
        let found: Vec<_> = self.runtime.block_on(self.objects.list(Some(&Path::from(folder))).try_collect())?;
        let mut paths: Vec<String> = found.into_iter().map(|meta| meta.location.to_string()).collect();
        paths.sort_unstable();
        Ok(paths)
    }

    /// Removes a file; one that is not there is no error.
    pub fn remove(&self, path: &str) -> Result<()> {
        match self.runtime.block_on(self.objects.delete(&Path::from(path))) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("removing {path}")),
        }
    }
}
