//! What a check found, and how it is printed.

use std::fmt::Write as _;

use influence::math::stats::Interval;
use serde::Serialize;

/// A figure beside ours.
#[derive(Clone, Debug, Serialize)]
pub struct Baseline {
    /// What it is.
    pub name: String,
    /// What it reaches.
    pub figure: Interval,
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was measured.
    pub measure: String,
    /// On how many.
    pub n: usize,
    /// Of what: pairs, people, channels.
    pub of: &'static str,
    /// Our figure with its 95 % interval.
    pub ours: Interval,
    /// What simpler ways reach on the same data.
    pub baselines: Vec<Baseline>,
    /// The bar, in words.
    pub bar: String,
    /// Met or missed; `None`: no bar.
    pub met: Option<bool>,
    /// What a reader must know.
    pub note: String,
}

/// What came of a check.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// There was data.
    Found {
        /// One line each.
        findings: Vec<Finding>,
    },
    /// There was some, but it could not be read.
    Unreadable {
        /// Why.
        error: String,
    },
    /// There was none.
    NoData {
        /// What was looked for.
        wanted: String,
    },
}

/// A check with what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// V1 to V11.
    pub id: &'static str,
    /// What is claimed.
    pub claim: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Outcome {
    /// Findings, or no data when there are none.
    pub fn of(findings: Vec<Finding>, wanted: &str) -> Self {
        if findings.is_empty() { Self::NoData { wanted: wanted.to_owned() } } else { Self::Found { findings } }
    }

    /// A bar was missed, or what should have been measured could not be.
    pub fn missed(&self) -> bool {
        match self {
            Self::Found { findings } => findings.iter().any(|f| f.met == Some(false)),
            Self::Unreadable { .. } => true,
            Self::NoData { .. } => false,
        }
    }
}

fn figure(i: &Interval) -> String {
    if (i.low, i.high) == (i.value, i.value) { format!("{:.3}", i.value) } else { format!("{:.3} [{:.3}, {:.3}]", i.value, i.low, i.high) }
}

/// The table as text.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let _ = writeln!(out, "\n{}  {}", row.id, row.claim);
        match &row.outcome {
            Outcome::Unreadable { error } => {
                let _ = writeln!(out, "    could not be read: {error}");
            }
            Outcome::NoData { wanted } => {
                let _ = writeln!(out, "    no data: {wanted}");
            }
            Outcome::Found { findings } => findings.iter().for_each(|f| {
                let met = f.met.map_or("no bar", |met| if met { "MET" } else { "MISSED" });
                let _ = writeln!(out, "    {:<58} {:>6}  n = {} {}", f.measure, met, f.n, f.of);
                let _ = writeln!(out, "        ours {}   bar {}", figure(&f.ours), f.bar);
                for b in &f.baselines {
                    let _ = writeln!(out, "        {} {}", b.name, figure(&b.figure));
                }
                if !f.note.is_empty() {
                    let _ = writeln!(out, "        {}", f.note);
                }
            }),
        }
    }
    out
}
