//! V11: campaigns with a known lift, made up: does the interval hold it as often as it says, and is nothing claimed where there is nothing?

use std::collections::BTreeMap;

use influence::{
    campaign::follower_lift,
    math::{Rng, stats::Interval},
};

use super::Given;
use crate::report::{Finding, Outcome};

const RUNS: usize = 600;
const BEFORE: i32 = 28;

/// One made-up account: daily gains around a level with a trend, a week and noise that remembers the day before, and a campaign's lift on top.
struct World {
    gains: BTreeMap<i32, f64>,
    start: i32,
    end: i32,
    lift: f64,
}

fn world(rng: &mut Rng, with_lift: bool) -> World {
    let level = 10f64.powf(0.7 + 2.3 * rng.unit());
    let trend = (rng.unit() - 0.4) * 0.02;
    let week: Vec<f64> = (0..7).map(|_| (0.2 * rng.normal()).exp()).collect();
    let (spread, memory) = (0.1 + 0.3 * rng.unit(), 0.4 * rng.unit());
    let length = 7 + rng.below(15) as i32;
    let (start, end) = (BEFORE, BEFORE + length - 1);
    // A lift of a tenth to a whole of what comes anyway, falling off within the week after.
    let strength = if with_lift { 0.1 + 0.9 * rng.unit() } else { 0.0 };
    let (mut noise, mut lift) = (0.0, 0.0);
    let gains = (0..=end + 7)
        .map(|day| {
            let expected = level * (1.0 + trend * f64::from(day - BEFORE)).max(0.2) * week[day.rem_euclid(7) as usize];
            noise = memory * noise + (1.0 - memory * memory).sqrt() * rng.normal();
            let through = if day < start {
                0.0
            } else if day <= end {
                1.0
            } else {
                0.5f64.powi(day - end)
            };
            let extra = strength * level * through;
            lift += extra;
            (day, (expected * (1.0 + spread * noise) + expected.sqrt() * rng.normal() + extra).round())
        })
        .collect();
    World { gains, start, end, lift }
}

fn share(hits: usize, runs: usize) -> Interval {
    let p = hits as f64 / runs as f64;
    let half = 1.96 * (p * (1.0 - p) / runs as f64).sqrt();
    Interval { value: p, low: (p - half).max(0.0), high: (p + half).min(1.0) }
}

/// The check.
pub fn lift(given: &Given) -> anyhow::Result<Outcome> {
    let mut rng = Rng::new(given.seed);
    let (mut covered, mut seen, mut claimed, mut found) = (0, 0, 0, 0);
    for run in 0..RUNS {
        let truth = world(&mut rng, true);
        if let Ok(lift) = follower_lift(&truth.gains, truth.start, truth.end, &[], run as u64) {
            seen += 1;
            covered += usize::from((lift.followers.low..=lift.followers.high).contains(&truth.lift));
            found += usize::from(lift.followers.low > 0.0);
        }
        let nothing = world(&mut rng, false);
        if let Ok(lift) = follower_lift(&nothing.gains, nothing.start, nothing.end, &[], run as u64) {
            claimed += usize::from(lift.followers.low > 0.0);
        }
    }
    let coverage = share(covered, seen);
    let false_claims = share(claimed, RUNS);
    let finding = |measure: &str, ours: Interval, bar: &str, met: bool, note: String| Finding {
        measure: measure.to_owned(),
        n: RUNS,
        of: "simulated campaigns",
        ours,
        baselines: Vec::new(),
        bar: bar.to_owned(),
        met: Some(met),
        note,
    };
    let power = format!(
        "a lift was claimed in {:.0} % of the campaigns that had one (10–100 % of what came anyway)",
        100.0 * found as f64 / seen as f64
    );
    Ok(Outcome::of(
        vec![
            finding("coverage of the 90 % interval", coverage, "85–95 %", (0.85..=0.95).contains(&coverage.value), power),
            finding("a gain claimed where there is none", false_claims, "≤ 10 %", false_claims.value <= 0.1, String::new()),
        ],
        "",
    ))
}
