//! What came out of a check.

use std::fmt;

/// Draws of the bootstrap behind each interval.
pub const DRAWS: usize = 2_000;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured, on what.
    pub name: String,
    /// `baseline`, `shipped` or `trained elsewhere`.
    pub column: &'static str,
    /// The value; `None` where it has none.
    pub value: Option<f64>,
    /// The 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// A claim and what the data say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `V6`.
    pub claim: &'static str,
    /// The claim in words.
    pub says: &'static str,
    /// Examples used.
    pub n: usize,
    /// The figures, in the order of telling.
    pub figures: Vec<Figure>,
    /// What was asked for.
    pub bar: &'static str,
    /// The bar was reached; `None` without data.
    pub met: Option<bool>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Report {
    /// A report of a claim for which there was nothing to read.
    #[must_use]
    pub fn no_data(claim: &'static str, says: &'static str, bar: &'static str, what: &str) -> Self {
        Self { claim, says, n: 0, figures: Vec::new(), bar, met: None, notes: vec![format!("no data: {what}")] }
    }

    /// The value of a figure by its column and the beginning of its name.
    #[must_use]
    pub fn value(&self, column: &str, name: &str) -> Option<f64> {
        self.figures.iter().find(|f| f.column == column && f.name.starts_with(name))?.value
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} (n = {})", self.claim, self.says, self.n)?;
        for figure in &self.figures {
            let value = figure.value.map_or_else(|| "none".into(), |v| format!("{v:.3}"));
            let interval = figure.interval.map_or_else(String::new, |(low, high)| format!(" [{low:.3}, {high:.3}]"));
            writeln!(f, "  {:<18} {:<58} {value}{interval}", figure.column, figure.name)?;
        }
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "no data",
        };
        writeln!(f, "  bar: {} → {met}", self.bar)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))
    }
}
