//! `hibiki-validate`: runs the claims of `docs/science.md` on a folder of data, or fits the parameters to it.

mod checks;
mod data;
mod models;
mod report;
mod train;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use influence::Params;

use checks::{CHECKS, Given};
use report::{Outcome, Row};

/// Shows on data whether the science of Hibiki holds.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
struct Run {
    /// The folder of the data; files are found by name, however deep they lie.
    #[arg(long, required = true)]
    data: Option<PathBuf>,
    /// The folder from which V6 to V8 learn, where it is not the same.
    #[arg(long)]
    learn_from: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Only these, such as V1,V4.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Leave with 1 when a bar is missed.
    #[arg(long)]
    strict: bool,
    /// A folder with formula.json, networks.json and media.json in place of the shipped parameters.
    #[arg(long)]
    params: Option<PathBuf>,
    /// Resamples of an interval.
    #[arg(long, default_value_t = 2_000)]
    draws: usize,
    /// The seed of all that is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Subcommand)]
enum Command {
    /// Fits the reach model and the exponents of the score, tells what to expect on unseen people, and writes the parameters.
    Train {
        /// The folder of the data.
        #[arg(long)]
        data: PathBuf,
        /// Where formula.json and networks.json are written.
        #[arg(long)]
        out: PathBuf,
    },
    /// Learns a model from an operator's own labels and prints its parameters: accounts, comments or sponsored.
    Learn {
        /// accounts, comments or sponsored.
        what: String,
        /// A table with a head line; `docs/science-models.md` says where the columns stand.
        table: PathBuf,
    },
}

/// Parameters from a folder.
fn parameters(folder: &Path) -> anyhow::Result<Params> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).with_context(|| format!("{}/{name}", folder.display()));
    Ok(Params::read(&read("formula.json")?, &read("networks.json")?, &read("media.json")?)?)
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Train { data, out }) => {
            train::run(&data, &out)?;
            return Ok(std::process::ExitCode::SUCCESS);
        }
        Some(Command::Learn { what, table }) => {
            println!("{}", models::train::train(&what, &table).map_err(anyhow::Error::msg)?);
            return Ok(std::process::ExitCode::SUCCESS);
        }
        None => {}
    }
    let run = cli.run;
    let own = run.params.as_deref().map(parameters).transpose()?;
    let params = own.as_ref().unwrap_or_else(|| Params::shipped());
    let data = run.data.context("--data is required")?;
    if !data.is_dir() {
        eprintln!("no data: {} is no folder", data.display());
    }
    let learn = run.learn_from.as_deref().unwrap_or(&data);
    let given = Given { data: &data, learn, params, draws: run.draws, seed: run.seed };
    let mut rows = Vec::new();
    for (id, claim, check) in CHECKS {
        if run.only.is_empty() || run.only.iter().any(|only| only.eq_ignore_ascii_case(id)) {
            // One unreadable data set must not hide the others.
            let outcome = check(&given).unwrap_or_else(|error| Outcome::Unreadable { error: format!("{error:#}") });
            rows.push(Row { id, claim, outcome });
        }
    }
    if run.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("formula {}\n{}", influence::FORMULA_VERSION, report::table(&rows));
    }
    let missed = rows.iter().any(|row| row.outcome.missed());
    Ok(if run.strict && missed { std::process::ExitCode::FAILURE } else { std::process::ExitCode::SUCCESS })
}
