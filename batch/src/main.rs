//! The program: one command for each stage, `run` for all of them, and what is needed to measure.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use hibiki_batch::{
    aggregate::{Engine, aggregate},
    bench,
    generate::Generator,
    ingest::{Made, Options, ingest},
    parse::Format,
    publish::publish,
    row::BUCKETS,
    run::{self, Input},
    score::score,
    seal::seal,
    snapshots::Known,
    store::Store,
};
use influence::types::Day;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The score at volume: interactions in, scores out.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The folder of the store.
    #[arg(long, global = true, default_value = "batch-store")]
    root: PathBuf,
    /// Threads; default: all processors.
    #[arg(long, global = true)]
    threads: Option<usize>,
    /// MiB for hash tables and sorts of queries; beyond them they spill to disk.
    #[arg(long, global = true, default_value_t = 1024)]
    memory: usize,
    /// A Ballista scheduler, `df://host:50050`; without one, queries run in this process.
    #[arg(long, global = true)]
    scheduler: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Text to Parquet.
    Ingest(Inputs),
    /// Put the table of judged actors in place: CSV of network,actor,quality,score,reach,class.
    Actors {
        /// The file.
        file: PathBuf,
    },
    /// Merge runs into one sorted file for each bucket of a day.
    Seal,
    /// Actions to series.
    Aggregate,
    /// Series to scores.
    Score {
        #[command(flatten)]
        day: AtDay,
    },
    /// Scores to a file (.csv, .parquet) or a script that replaces a table (.sql).
    Publish {
        #[command(flatten)]
        day: AtDay,
        /// The file.
        #[arg(long)]
        to: PathBuf,
        /// Into the server's table of scores, for the creators of this file: CSV of creator,id (their UUID there).
        #[arg(long)]
        creators: Option<PathBuf>,
        /// The lines hold what only a creator's grant shows.
        #[arg(long, requires = "creators")]
        full: bool,
    },
    /// All of it.
    Run {
        #[command(flatten)]
        inputs: Inputs,
        #[command(flatten)]
        day: AtDay,
        /// Where to publish to.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Made-up interactions: JSON Lines on standard output, or straight into the store.
    Generate {
        #[command(flatten)]
        made: MadeUp,
        /// Straight into the store.
        #[arg(long)]
        ingest: bool,
    },
    /// Measure every stage on made-up interactions.
    Bench {
        #[command(flatten)]
        made: MadeUp,
        /// Keep the store.
        #[arg(long)]
        keep: bool,
    },
    /// The scheduler of a Ballista cluster.
    #[cfg(feature = "ballista")]
    Scheduler {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:50050")]
        listen: std::net::SocketAddr,
    },
    /// An executor of a Ballista cluster.
    #[cfg(feature = "ballista")]
    Executor {
        /// Where to listen; the next port is used too.
        #[arg(long, default_value = "127.0.0.1:50051")]
        listen: std::net::SocketAddr,
    },
}

#[derive(Args)]
struct Inputs {
    /// Files; `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The name of the input, in place of the file's.
    #[arg(long)]
    name: Option<String>,
    /// Comma-separated values; files ending in .csv are anyway.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    cut: Cut,
}

#[derive(Args)]
struct Cut {
    /// Buckets of creators; a store keeps the number it began with.
    #[arg(long, default_value_t = BUCKETS)]
    buckets: u16,
    /// Blocks of 4 MiB in a chunk; bounds the memory.
    #[arg(long, default_value_t = 512)]
    blocks: usize,
    /// Bad lines to tell of.
    #[arg(long, default_value_t = 20)]
    bad: usize,
}

#[derive(Args)]
struct AtDay {
    /// The day, UTC: 2026-11-28.
    #[arg(long, value_parser = day)]
    day: Day,
}

#[derive(Args)]
struct MadeUp {
    /// Interactions.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Creators; default: a hundredth of the rows.
    #[arg(long)]
    creators: Option<u64>,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The exponent of Zipf's law.
    #[arg(long, default_value_t = 1.0)]
    skew: f64,
    /// Share of interactions by heavy actors.
    #[arg(long, default_value_t = 0.05)]
    heavy: f64,
    /// Share of interactions told up to three days late.
    #[arg(long, default_value_t = 0.0)]
    late: f64,
    /// The day, UTC.
    #[arg(long, value_parser = day, default_value = "2026-11-28")]
    day: Day,
    #[command(flatten)]
    cut: Cut,
}

impl MadeUp {
    fn generator(&self) -> Generator {
        let sized = Generator::sized(self.rows, self.day);
        let creators = self.creators.unwrap_or(sized.creators).max(1);
        Generator { creators, seed: self.seed, skew: self.skew, heavy: self.heavy, late: self.late, ..sized }
    }
}

impl Cut {
    fn options(&self, name: String, threads: usize) -> Options {
        Options { name, format: Format::Json, buckets: self.buckets.max(1), threads, blocks: self.blocks.max(1), bad_cap: self.bad }
    }
}

fn day(text: &str) -> Result<Day, String> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|e| e.to_string())?;
    Ok(date.signed_duration_since(chrono::NaiveDate::default()).num_days() as Day)
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let threads = match cli.threads {
        Some(threads) => threads.max(1),
        None => std::thread::available_parallelism().context("how many processors?")?.get(),
    };
    if let Command::Generate { made, ingest: false } = &cli.command {
        return write(&made.generator());
    }
    let store = Store::open(&cli.root, threads)?;
    let engine = || Engine::new(threads, cli.memory << 20, cli.root.join("spill"), cli.scheduler.clone());
    match cli.command {
        Command::Ingest(inputs) => take(&store, &inputs, threads)?,
        Command::Actors { file } => eprintln!("{} actors", run::actors(&store, &file)?),
        Command::Seal => drop(seal(&store, threads)?),
        Command::Aggregate => drop(aggregate(&store, &engine()?)?),
        Command::Score { day } => drop(score(&store, day.day, threads)?),
        Command::Publish { day, to, creators, full } => {
            let known = creators.map(|file| Known::read(&file, full)).transpose()?;
            eprintln!("{} scores published", publish(&store, day.day, &to, known.as_ref())?);
        }
        Command::Run { inputs, day, to } => {
            take(&store, &inputs, threads)?;
            let published = run::rest(&store, &engine()?, day.day, threads, to.as_deref())?;
            eprintln!("{published} scores published");
        }
        Command::Generate { made, .. } => {
            let generator = made.generator();
            let name = format!("generated {}", generator.print());
            let taken = ingest(&store, &mut Made::new(generator), &made.cut.options(name.clone(), threads))?;
            eprintln!("{}", run::tell(&name, &taken));
        }
        Command::Bench { made, keep } => {
            let measured = bench::measure(&store, &engine()?, &made.generator(), &made.cut.options("bench".to_owned(), threads))?;
            println!("{measured}");
            if !keep {
                std::fs::remove_dir_all(store.root())?;
            }
        }
        #[cfg(feature = "ballista")]
        Command::Scheduler { listen } => store.runtime().block_on(hibiki_batch::cluster::scheduler(listen))?,
        #[cfg(feature = "ballista")]
        Command::Executor { listen } => {
            let scheduler = cli.scheduler.as_deref().context("an executor needs --scheduler")?;
            store.runtime().block_on(hibiki_batch::cluster::executor(listen, scheduler, threads, cli.memory << 20, store.root()))?;
        }
    }
    Ok(())
}

fn take(store: &Store, inputs: &Inputs, threads: usize) -> Result<()> {
    let input = Input { files: inputs.files.clone(), name: inputs.name.clone(), comma: inputs.csv };
    for (name, taken) in run::take(store, &input, &inputs.cut.options(String::new(), threads))? {
        eprintln!("{}", run::tell(&name, &taken));
    }
    Ok(())
}

/// Writes JSON Lines to standard output.
fn write(generator: &Generator) -> Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let mut text = Vec::with_capacity(1 << 20);
    for line in 0..generator.lines() {
        generator.line(line, &mut text);
        if text.len() > (1 << 20) - 4096 || line + 1 == generator.lines() {
            match out.write_all(&text) {
                // Whoever read it has enough.
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                done => done?,
            }
            text.clear();
        }
    }
    Ok(())
}
