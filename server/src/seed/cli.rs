//! The command line of seeding: it keeps out of databases that hold people, shows how far it is, and says what it made.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Made, Size, is_empty, make};
use crate::app::App;

/// `hibiki seed`. `regardless`: also where there are people already.
pub async fn run(app: &App, size: &Size, regardless: bool) -> anyhow::Result<(Made, Duration)> {
    let fault = |error| anyhow::anyhow!("the database cannot be seeded: {error}");
    if !regardless && !is_empty(app).await.map_err(fault)? {
        anyhow::bail!("people are in this database already; --yes adds the invented ones to them");
    }
    let began = Instant::now();
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows  {per_sec}  {elapsed}") {
        bar.set_style(style);
    }
    let made = make(app, size, &mut |rows| bar.inc(rows)).await;
    bar.finish_and_clear();
    Ok((made.map_err(fault)?, began.elapsed()))
}

/// What the command prints: one JSON object for scripts, or lines.
pub fn tell(made: &Made, took: Duration, json: bool, mut out: impl Write) -> anyhow::Result<()> {
    if json {
        writeln!(out, "{}", serde_json::to_string(made)?)?;
        return Ok(());
    }
    let all: u64 = made.rows.values().sum();
    for (table, n) in &made.rows {
        writeln!(out, "{n:>10}  {table}")?;
    }
    let rate = all as f64 / took.as_secs_f64().max(0.001);
    writeln!(out, "{all:>10}  rows in {:.1} s, {rate:.0} a second\n", took.as_secs_f64())?;
    for account in &made.accounts {
        writeln!(out, "{:<8}  {:<24}  {}  {}", account.role, account.email, account.password, account.token)?;
    }
    Ok(())
}
