//! V9: the four seeds, people reached → score. They were put into the curve, so this shows that it goes through them, no more.

use influence::{math::stats::Interval, score::calibrated};

use super::Given;
use crate::report::{Finding, Outcome};

const SEEDS: [(f64, f64); 4] = [(310.0, 53.0), (3_200.0, 68.0), (79_800.0, 81.0), (5.7e6, 99.0)];

/// The check.
pub fn seeds(given: &Given) -> anyhow::Result<Outcome> {
    let off = SEEDS.map(|(people, score)| (calibrated(people, given.params) - score).abs());
    let worst = off.into_iter().fold(0.0, f64::max);
    let finding = Finding {
        measure: "largest distance of a seed".to_owned(),
        n: SEEDS.len(),
        of: "seeds",
        ours: Interval { value: worst, low: worst, high: worst },
        baselines: Vec::new(),
        bar: "≤ .5 points".to_owned(),
        met: Some(worst <= 0.5),
        note: "calibration: the curve was drawn through them".to_owned(),
    };
    Ok(Outcome::of(vec![finding], ""))
}
