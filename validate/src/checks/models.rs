//! V6 to V8: each model's figure as shipped and as learnt from other sources (settled: the bar is for the second), told like the other claims.

use influence::math::stats::Interval;

use super::Given;
use crate::{
    models::{Figure, Report, v6, v7, v8},
    report::{Baseline, Finding, Outcome},
};

/// V6.
pub fn accounts(given: &Given) -> anyhow::Result<Outcome> {
    Ok(outcome(v6::run_on(given.learn, given.data)))
}

/// V7.
pub fn comments(given: &Given) -> anyhow::Result<Outcome> {
    Ok(outcome(v7::run_on(given.learn, given.data)))
}

/// V8.
pub fn topics(given: &Given) -> anyhow::Result<Outcome> {
    Ok(outcome(v8::run_on(given.learn, given.data)))
}

/// The bar is one for the whole claim: it stands at the first line.
fn outcome(report: Report) -> Outcome {
    let told = |figure: &Figure| {
        let value = figure.value?;
        let (low, high) = figure.interval.unwrap_or((value, value));
        Some(Interval { value, low, high })
    };
    let others = report.figures.iter().filter(|figure| figure.column != TRAINED);
    let baselines: Vec<Baseline> =
        others.filter_map(|f| Some(Baseline { name: format!("{}: {}", f.column, f.name), figure: told(f)? })).collect();
    let trained = report.figures.iter().filter(|figure| figure.column == TRAINED);
    let findings = trained.filter_map(|f| Some((f.name.clone(), told(f)?))).enumerate().map(|(place, (name, ours))| Finding {
        measure: name,
        n: report.n,
        of: "examples",
        ours,
        baselines: if place == 0 { baselines.clone() } else { Vec::new() },
        bar: if place == 0 { report.bar.to_owned() } else { "the one above".to_owned() },
        met: if place == 0 { report.met } else { None },
        note: if place == 0 { report.notes.join("; ") } else { String::new() },
    });
    Outcome::of(findings.collect(), report.notes.last().map_or(report.says, String::as_str))
}

const TRAINED: &str = "trained elsewhere";
