//! Sealed actions → series of each day, by plans of DataFusion: one over a whole day that finds who acted much, then one for each bucket with the tally of
//! `tally::function`. The same plans run in this process or on a cluster.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use datafusion::{
    arrow::{
        array::{Array as _, ArrayRef, AsArray as _, RecordBatch, UInt8Array, UInt64Array},
        datatypes::{DataType, Field, Int64Type, Schema, UInt8Type, UInt64Type},
    },
    dataframe::DataFrame,
    execution::{
        SendableRecordBatchStream,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::FairSpillPool,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    functions_aggregate::expr_fn::sum,
    logical_expr::{cast, col, lit},
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};
use futures_util::TryStreamExt as _;
use influence::{FORMULA_VERSION, Params, types::Day};

use crate::{
    columns::{DAILY, FileOf, column},
    crowd::Crowd,
    ingest::in_parallel,
    lookup::{ACTORS, Which, heavy_path},
    manifest::{self, Chunk, Made, Stage, fingerprint, fingerprint_of, unit},
    progress::Progress,
    store::Store,
    tally::{function, names},
};

/// Where plans run.
#[derive(Clone)]
pub struct Engine {
    threads: usize,
    memory: usize,
    runtime: Arc<RuntimeEnv>,
    /// The address of a Ballista scheduler; `None`: in this process.
    pub scheduler: Option<String>,
}

impl Engine {
    /// An engine with so many threads and bytes of memory for hash tables and sorts; beyond them it spills to `spill`.
    pub fn new(threads: usize, memory: usize, spill: PathBuf, scheduler: Option<String>) -> Result<Self> {
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![spill]));
        let runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory))).with_disk_manager_builder(disk).build_arc()?;
        Ok(Self { threads, memory, runtime, scheduler })
    }

    /// A session whose plans have so many partitions.
    async fn session(&self, partitions: usize) -> Result<SessionContext> {
        // What a sort keeps back to merge what it spilled: 10 MiB are too many where there are few.
        let kept = (self.memory / 16).min(10 << 20);
        let config = SessionConfig::new().with_target_partitions(partitions).with_collect_statistics(false);
        let config = config.with_sort_spill_reservation_bytes(kept);
        let context = match &self.scheduler {
            None => SessionContext::new_with_config_rt(config, self.runtime.clone()),
            Some(url) => remote(url, config).await?,
        };
        context.register_udaf(function());
        Ok(context)
    }
}

#[cfg(feature = "ballista")]
async fn remote(url: &str, config: SessionConfig) -> Result<SessionContext> {
    crate::cluster::session(url, config).await
}

#[cfg(not(feature = "ballista"))]
async fn remote(_: &str, _: SessionConfig) -> Result<SessionContext> {
    anyhow::bail!("this build knows no cluster: build it with --features ballista")
}

/// Makes the series of every day whose inputs changed. Says how many actions were read.
pub fn aggregate(store: &Store, engine: &Engine) -> Result<u64> {
    let sealed = manifest::all::<Made>(store, Stage::Seal)?;
    let mut days: BTreeMap<Day, Vec<(u16, Made)>> = BTreeMap::new();
    for (unit, made) in sealed {
        let (day, bucket) = unit.rsplit_once('-').context("a unit without a bucket")?;
        days.entry(day.parse()?).or_default().push((bucket.parse()?, made));
    }
    store.put("series.json", serde_json::to_vec_pretty(&names())?)?;
    let actors = store.get(ACTORS)?.map_or(0, |bytes| fingerprint(&bytes));
    let events = event_parts(store)?;
    let context = store.runtime().block_on(engine.session(1))?;
    let mut read = 0;
    for (day, buckets) in days {
        let heavy = heavy(store, engine, day, &buckets)?;
        let progress = Progress::new("aggregate", "rows", Some(buckets.iter().map(|(_, made)| made.rows).sum()));
        let rows = in_parallel(engine.threads, buckets, |(bucket, sealed)| {
            let parts = events.get(&bucket).filter(|_| sealed.inferred > 0);
            let from = fingerprint_of(&(sealed.made, heavy, actors, parts, FORMULA_VERSION))?;
            let unit = unit(day, bucket);
            if manifest::read::<Made>(store, Stage::Aggregate, &unit)?.is_some_and(|made| made.from == from) {
                return Ok(0);
            }
            let published = parts.map(|parts| (bucket, parts.iter().map(|(part, _)| part.clone()).collect()));
            let which = Which { root: store.root().to_owned(), day, print: heavy ^ actors, published };
            let (bytes, rows) = store.runtime().block_on(tally(&context, &store.url(&sealed.file), &which))?;
            let file = format!("daily/day={day}/bucket={bucket:05}.parquet");
            let made = Made { from, made: fingerprint(&bytes), rows, file: file.clone(), ..Made::default() };
            store.put(&file, bytes)?;
            manifest::write(store, Stage::Aggregate, &unit, &made)?;
            progress.add(sealed.rows);
            Ok(sealed.rows)
        })?;
        progress.end();
        read += rows.iter().sum::<u64>();
    }
    Ok(read)
}

/// Parts of events of each bucket, with their fingerprints.
pub fn event_parts(store: &Store) -> Result<BTreeMap<u16, Vec<(String, u64)>>> {
    let mut parts: BTreeMap<u16, Vec<(String, u64)>> = BTreeMap::new();
    for (part, chunk) in manifest::all::<Chunk>(store, Stage::Ingest)? {
        for (bucket, print) in chunk.event_parts {
            parts.entry(bucket).or_default().push((part.clone(), print));
        }
    }
    Ok(parts)
}

async fn read(context: &SessionContext, files: Vec<String>) -> Result<DataFrame> {
    let order = ["creator", "network"].map(|name| col(name).sort(true, true)).to_vec();
    Ok(context.read_parquet(files, ParquetReadOptions::default().file_sort_order(vec![order])).await?)
}

/// Writes the table of those who did more that day than is counted in full, over all creators. The others need no table: their damping is 1.
fn heavy(store: &Store, engine: &Engine, day: Day, buckets: &[(u16, Made)]) -> Result<u64> {
    let from = fingerprint_of(&buckets.iter().map(|(bucket, made)| (*bucket, made.made)).collect::<Vec<_>>())?;
    let unit = day.to_string();
    if let Some(made) = manifest::read::<Made>(store, Stage::Lookup, &unit)?.filter(|made| made.from == from) {
        return Ok(made.made);
    }
    let rows = buckets.iter().map(|(_, made)| made.rows).sum();
    let progress = Progress::new("actors", "rows", Some(rows));
    let files = buckets.iter().map(|(_, made)| store.url(&made.file)).collect();
    let limit = Params::shipped().day.damping_from;
    let found = store.runtime().block_on(async {
        let context = engine.session(engine.threads).await?;
        // Whole millionths, so that the sum is the same in any order.
        let millionths = cast(cast(col("n"), DataType::Float64) * lit(1e6) + lit(0.5), DataType::Int64);
        let mut acted = read(&context, files).await?.filter(col("actor").is_not_null().and(col("n").gt(lit(0f32))))?;
        // Executors of a cluster have no memory in common, but more of it.
        if engine.scheduler.is_none() {
            let crowd = crowd(&acted, rows, engine.memory / 4).await?;
            acted = acted.filter(crowd.may_exceed(limit, ["network", "actor"].map(col).to_vec()))?;
        }
        let sums = acted.aggregate(vec![col("network"), col("actor")], vec![sum(millionths).alias("actions")])?;
        let heavy = sums.filter(col("actions").gt(lit((limit * 1e6) as i64)))?;
        anyhow::Ok(heavy.sort(vec![col("network").sort(true, true), col("actor").sort(true, true)])?.collect().await?)
    })?;
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    let schema =
        Arc::new(Schema::new(vec![field("network", DataType::UInt8), field("actor", DataType::UInt64), field("actions", DataType::Int64)]));
    let mut file = FileOf::new(&schema)?;
    for batch in &found {
        let columns: [ArrayRef; 3] = [
            Arc::new(column::<UInt8Type>(batch, 0)?.clone()),
            Arc::new(column::<UInt64Type>(batch, 1)?.clone()),
            Arc::new(column::<Int64Type>(batch, 2)?.clone()),
        ];
        file.write(&RecordBatch::try_new(schema.clone(), columns.to_vec())?)?;
    }
    let bytes = file.finish()?;
    let made = Made { from, made: fingerprint(&bytes), rows, file: heavy_path(day), ..Made::default() };
    store.put(&made.file, bytes)?;
    manifest::write(store, Stage::Lookup, &unit, &made)?;
    progress.add(rows);
    progress.end();
    Ok(made.made)
}

/// Counts what all actors did, many to a cell.
async fn crowd(acted: &DataFrame, rows: u64, memory: usize) -> Result<Arc<Crowd>> {
    let crowd = Arc::new(Crowd::new(rows, memory));
    let streams = acted.clone().select_columns(&["network", "actor", "n"])?.execute_stream_partitioned().await?;
    let count = |mut stream: SendableRecordBatchStream| {
        let crowd = crowd.clone();
        tokio::spawn(async move {
            while let Some(batch) = stream.try_next().await? {
                crowd.add(&batch);
            }
            anyhow::Ok(())
        })
    };
    for counted in streams.into_iter().map(count).collect::<Vec<_>>() {
        counted.await??;
    }
    Ok(crowd)
}

/// The series of one bucket: bytes of their file, and its rows. One partition: an actor's actions must meet in one place.
async fn tally(context: &SessionContext, file: &str, which: &Which) -> Result<(Vec<u8>, u64)> {
    let mut arguments: Vec<_> = ["network", "actor", "kind", "post", "ts", "n", "inferred"].map(col).to_vec();
    arguments.push(lit(serde_json::to_string(which)?));
    let values = function().call(arguments).alias("values");
    let days = read(context, vec![file.to_owned()]).await?.aggregate(vec![col("creator"), col("network")], vec![values])?;
    let mut stream = days.execute_stream().await?;
    let mut file = FileOf::new(&DAILY)?;
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        let flat = flat(&batch)?;
        rows += flat.num_rows() as u64;
        file.write(&flat)?;
    }
    Ok((file.finish()?, rows))
}

/// Lists of values → one row each.
fn flat(batch: &RecordBatch) -> Result<RecordBatch> {
    let (creator, network) = (column::<UInt64Type>(batch, 0)?, column::<UInt8Type>(batch, 1)?);
    let lists = batch.column(2).as_list_opt::<i32>().context("the tally gave no lists")?;
    let (from, to) = (lists.value_offsets()[0] as usize, lists.value_offsets()[lists.len()] as usize);
    let values = lists.values().slice(from, to - from);
    let values = values.as_struct_opt().context("the tally gave no structs")?;
    let times = || lists.offsets().lengths().enumerate();
    let creators = UInt64Array::from_iter_values(times().flat_map(|(at, n)| std::iter::repeat_n(creator.value(at), n)));
    let networks = UInt8Array::from_iter_values(times().flat_map(|(at, n)| std::iter::repeat_n(network.value(at), n)));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(creators), Arc::new(networks)];
    columns.extend(values.columns().iter().cloned());
    Ok(RecordBatch::try_new(DAILY.clone(), columns)?)
}
