//! Measures a running server over HTTP, and beside it PostGraphile on the same rows and pgbench with the statements that the server sends. `benches/run` prepares all of it.

mod http;
mod load;
mod pgbench;
mod postgraphile;
mod scenarios;

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use serde::Serialize;

use http::Connection;
use load::Measured;
use pgbench::{Postgres, Yardstick};
use scenarios::{Scenario, Seeded, Variant};

#[derive(Parser)]
#[command(about = "Measures a running server beside pgbench; benches/run prepares all of it")]
struct Cli {
    /// Where the server listens: HOST:PORT.
    #[arg(long)]
    host: String,
    /// What `hibiki seed --json` printed.
    #[arg(long)]
    seeded: PathBuf,
    /// The server's database.
    #[arg(long)]
    database: String,
    /// The folder of psql and pgbench.
    #[arg(long)]
    pg_bin: PathBuf,
    /// The folder of PostgreSQL's JSON log.
    #[arg(long)]
    pg_log: PathBuf,
    /// Where results and statements are written.
    #[arg(long)]
    out: PathBuf,
    /// Where PostGraphile listens, if it runs: HOST:PORT.
    #[arg(long)]
    postgraphile: Option<String>,
    /// The server's process, whose processor time is taken from Linux's `/proc`.
    #[arg(long)]
    server: Option<u32>,
    /// Connections of the load, and of pgbench.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds a scenario, for each of those that are measured.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only scenarios whose key contains this.
    #[arg(long, default_value = "")]
    only: String,
}

/// One line of the table.
#[derive(Serialize)]
struct Line {
    key: &'static str,
    name: &'static str,
    goal: Option<f64>,
    /// SQL statements that a request takes, BEGIN and COMMIT among them.
    statements: f64,
    server: Measured,
    /// Milliseconds that the server itself computes for a request, the kernel's for it included; in steps of a hundredth of a second in all.
    server_cpu_ms: Option<f64>,
    postgraphile: Option<Measured>,
    pgbench: Yardstick,
    /// The share of pgbench that the server reaches.
    ratio: f64,
    /// How many times as fast as PostGraphile the server is.
    times: Option<f64>,
}

#[derive(Serialize)]
struct Results {
    connections: usize,
    seconds: u64,
    rows: serde_json::Value,
    postgres: String,
    lines: Vec<Line>,
}

/// Each connection's request, sent once while PostgreSQL writes down what it is asked.
async fn captured(cli: &Cli, pg: &Postgres, scenario: &Scenario) -> anyhow::Result<Vec<Vec<String>>> {
    let mut connection = Connection::open(&cli.host).await?;
    for variant in &scenario.variants {
        let answer = connection.send(&variant.request).await?;
        let fine = answer.status == 200 && http::find(&answer.body, variant.proof.as_bytes()).is_some();
        anyhow::ensure!(fine, "{}: {} {}", scenario.name, answer.status, answer.text());
    }
    pg.listen(true)?;
    let mut out = Vec::new();
    for variant in &scenario.variants {
        let mark = pg.mark()?;
        connection.send(&variant.request).await?;
        out.push(pg.statements(mark)?);
    }
    pg.listen(false)?;
    anyhow::ensure!(out.iter().all(|statements| !statements.is_empty()), "{}: no statement was logged", scenario.name);
    Ok(out)
}

async fn loaded(host: &str, scenario: &Scenario, variants: &[Variant], lasts: Duration) -> anyhow::Result<Measured> {
    let measured = load::run(host, variants, lasts).await?;
    anyhow::ensure!(measured.wrong == 0, "{} at {host}: {} of {} answers were wrong", scenario.name, measured.wrong, measured.answers);
    Ok(measured)
}

/// Seconds that a process has computed so far, user and system.
fn computed(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    // Linux shows a hundredth of a second as a tick, whatever it counts in.
    Some(ticks as f64 / 100.0)
}

async fn measure(cli: &Cli, pg: &Postgres, scenario: &Scenario) -> anyhow::Result<Line> {
    let lasts = Duration::from_secs(cli.seconds);
    let warm = lasts.min(Duration::from_secs(3));
    let statements = captured(cli, pg, scenario).await?;
    load::run(&cli.host, &scenario.variants, warm).await?;
    let before = cli.server.and_then(computed);
    let server = loaded(&cli.host, scenario, &scenario.variants, lasts).await?;
    let server_cpu_ms = cli.server.and_then(computed).zip(before).map(|(after, before)| (after - before) * 1000.0 / server.answers as f64);
    let postgraphile = match (&cli.postgraphile, &scenario.peer) {
        (Some(host), Some(variants)) => {
            load::run(host, variants, warm).await?;
            Some(loaded(host, scenario, variants, lasts).await?)
        }
        _ => None,
    };
    let pgbench = pg.measure(&cli.out.join(format!("{}.sql", scenario.key)), &statements, lasts)?;
    let count = statements.iter().map(Vec::len).sum::<usize>() as f64 / statements.len().max(1) as f64;
    let ratio = server.per_second / pgbench.per_second.max(0.001);
    let times = postgraphile.as_ref().map(|peer| server.per_second / peer.per_second.max(0.001));
    let (key, name, goal) = (scenario.key, scenario.name, scenario.goal);
    Ok(Line { key, name, goal, statements: count, server, server_cpu_ms, postgraphile, pgbench, ratio, times })
}

fn table(lines: &[Line]) -> String {
    let mut out = String::from(
        "| scenario | requests/s | p50 ms | p99 ms | server CPU ms | SQL a request | KB | pgbench/s | share | goal | PostGraphile/s | times |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for line in lines {
        let cpu = line.server_cpu_ms.map_or_else(String::new, |cpu| format!("{cpu:.2}"));
        let goal = line.goal.map_or_else(String::new, |goal| format!("{goal}"));
        let (peer, times) = match (&line.postgraphile, line.times) {
            (Some(peer), Some(times)) => (format!("{:.1}", peer.per_second), format!("{times:.2}")),
            _ => Default::default(),
        };
        out += &format!(
            "| {} | {:.1} | {:.1} | {:.1} | {cpu} | {:.1} | {:.1} | {:.1} | {:.2} | {goal} | {peer} | {times} |\n",
            line.name,
            line.server.per_second,
            line.server.p50_ms,
            line.server.p99_ms,
            line.statements,
            line.server.bytes as f64 / 1024.0,
            line.pgbench.per_second,
            line.ratio,
        );
    }
    out
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    std::fs::create_dir_all(&cli.out)?;
    let pg = Postgres { url: cli.database.clone(), bin: cli.pg_bin.clone(), log: cli.pg_log.clone() };
    let seeded: Seeded = serde_json::from_slice(&std::fs::read(&cli.seeded)?)?;
    let mut lines = Vec::new();
    for scenario in scenarios::all(&cli.host, cli.postgraphile.as_deref(), &seeded, cli.connections).await? {
        if scenario.key.contains(&cli.only) {
            eprintln!("{} …", scenario.name);
            lines.push(measure(&cli, &pg, &scenario).await?);
        }
    }
    let told = table(&lines);
    let results =
        Results { connections: cli.connections, seconds: cli.seconds, rows: seeded.rows, postgres: pg.sql("SHOW server_version")?, lines };
    std::fs::write(cli.out.join("results.json"), serde_json::to_vec_pretty(&results)?)?;
    std::fs::write(cli.out.join("results.md"), &told)?;
    println!("{told}");
    Ok(())
}
