//! Measures a running server over HTTP, and beside it pgbench with the statements that it sends. `benches/run` prepares all of it.

mod http;
mod load;
mod pgbench;
mod scenarios;

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use serde::Serialize;

use http::Connection;
use load::Measured;
use pgbench::{Postgres, Yardstick};
use scenarios::{Scenario, Seeded};

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
    /// Connections of the load, and of pgbench.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds a scenario, for each of the two.
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
    pgbench: Yardstick,
    /// The share of pgbench that the server reaches.
    ratio: f64,
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

async fn measure(cli: &Cli, pg: &Postgres, scenario: &Scenario) -> anyhow::Result<Line> {
    let lasts = Duration::from_secs(cli.seconds);
    let statements = captured(cli, pg, scenario).await?;
    load::run(&cli.host, &scenario.variants, lasts.min(Duration::from_secs(3))).await?;
    let server = load::run(&cli.host, &scenario.variants, lasts).await?;
    anyhow::ensure!(server.wrong == 0, "{}: {} of {} answers were wrong", scenario.name, server.wrong, server.answers);
    let pgbench = pg.measure(&cli.out.join(format!("{}.sql", scenario.key)), &statements, lasts)?;
    let count = statements.iter().map(Vec::len).sum::<usize>() as f64 / statements.len().max(1) as f64;
    let ratio = server.per_second / pgbench.per_second.max(0.001);
    Ok(Line { key: scenario.key, name: scenario.name, goal: scenario.goal, statements: count, server, pgbench, ratio })
}

fn table(lines: &[Line]) -> String {
    let mut out = String::from(
        "| scenario | requests/s | p50 ms | p99 ms | SQL a request | KB | pgbench/s | share | goal |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for line in lines {
        let goal = line.goal.map_or_else(String::new, |goal| format!("{goal}"));
        out += &format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} | {goal} |\n",
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
    for scenario in scenarios::all(&cli.host, &seeded, cli.connections).await? {
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
