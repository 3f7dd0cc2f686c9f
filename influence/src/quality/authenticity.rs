//! Audience quality (AQ) and authenticity, 0–100, with a grade that says how much of it was known.

use super::share::Share;

/// How much of the quality rests on what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Grade {
    /// All parts.
    A,
    /// Parts of at least 70 % of the weight.
    B,
    /// At least 40 %.
    C,
    /// Less.
    D,
}

/// The parts, each `None` where not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Share of suspicious followers, corrected for errors.
    pub suspicious: Option<Share>,
    /// What the comments are worth, 0–1 ([`super::comment_score`]).
    pub comments: Option<f64>,
    /// Anomalies of growth within the window.
    pub anomalies: Option<u32>,
    /// Engagement rate divided by its benchmark; above 0.
    pub rate_to_benchmark: Option<f64>,
}

/// AQ with its interval, authenticity, and the grade. 0–100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Audience quality.
    pub aq: f64,
    /// AQ at the worse end of the share of fakes.
    pub low: f64,
    /// AQ at the better end.
    pub high: f64,
    /// AQ without the plausibility of the engagement rate; `None` if that was all there was.
    pub authenticity: Option<f64>,
    /// How much was known.
    pub grade: Grade,
}

/// 1 while the rate is within a quarter and four times its benchmark; from there it falls on a straight line in |ln| to 0 at sixteen times. 0 for a
/// rate that is not above 0.
#[must_use]
pub fn plausibility(rate_to_benchmark: f64) -> f64 {
    if rate_to_benchmark.is_nan() || rate_to_benchmark <= 0.0 {
        return 0.0;
    }
    (2.0 - rate_to_benchmark.ln().abs() / 4_f64.ln()).clamp(0.0, 1.0)
}

/// `100 (.45 (1 − suspicious) + .25 comments + .15 (1 − anomalies/3) + .15 plausibility)`. Missing parts: the others share their weight, and the grade falls. `None`
/// when nothing is known.
#[must_use]
pub fn quality(parts: &Parts) -> Option<Quality> {
    let growth = parts.anomalies.map(|a| 1.0 - (f64::from(a) / 3.0).min(1.0));
    let plausible = parts.rate_to_benchmark.map(plausibility);
    let mean = |genuine: Option<f64>, plausible: Option<f64>| {
        let all = [(0.45, genuine), (0.25, parts.comments), (0.15, growth), (0.15, plausible)];
        let known: Vec<(f64, f64)> = all.into_iter().filter_map(|(w, v)| Some((w, v?.clamp(0.0, 1.0)))).collect();
        let weight: f64 = known.iter().map(|(w, _)| w).sum();
        (weight > 0.0).then(|| (100.0 * known.iter().map(|(w, v)| w * v).sum::<f64>() / weight, weight))
    };
    let genuine = |end: fn(&Share) -> f64| parts.suspicious.as_ref().map(|s| 1.0 - end(s));
    let (aq, weight) = mean(genuine(|s| s.value), plausible)?;
    let end = |end: fn(&Share) -> f64| mean(genuine(end), plausible).map_or(aq, |(aq, _)| aq);
    let grade = match weight {
        w if w > 0.999 => Grade::A,
        w if w >= 0.7 => Grade::B,
        w if w >= 0.4 => Grade::C,
        _ => Grade::D,
    };
    Some(Quality { aq, low: end(|s| s.high), high: end(|s| s.low), authenticity: mean(genuine(|s| s.value), None).map(|(a, _)| a), grade })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: Share = Share { value: 0.1, low: 0.05, high: 0.2, judged: 400 };

    #[test]
    fn the_formula() {
        let all = Parts { suspicious: Some(KNOWN), comments: Some(0.6), anomalies: Some(1), rate_to_benchmark: Some(1.0) };
        let found = quality(&all).unwrap();
        assert!((found.aq - 100.0 * (0.45 * 0.9 + 0.25 * 0.6 + 0.15 * 2.0 / 3.0 + 0.15)).abs() < 1e-9);
        assert_eq!(found.grade, Grade::A);
        assert!((found.high - found.low - 100.0 * 0.45 * 0.15).abs() < 1e-9);
        let part = quality(&Parts { comments: None, ..all }).unwrap();
        assert!((part.aq - 100.0 * (0.45 * 0.9 + 0.1 + 0.15) / 0.75).abs() < 1e-9);
        assert_eq!(part.grade, Grade::B);
        assert_eq!(quality(&Parts { rate_to_benchmark: Some(1.0), ..Parts::default() }).unwrap().authenticity, None);
        assert_eq!(quality(&Parts::default()), None);
    }

    #[test]
    fn what_rate_is_plausible() {
        for (ratio, expected) in [(1.0, 1.0), (4.0, 1.0), (0.25, 1.0), (16.0, 0.0), (8.0, 0.5), (0.0, 0.0), (f64::NAN, 0.0)] {
            assert!((plausibility(ratio) - expected).abs() < 1e-9, "{ratio}");
        }
    }

    proptest! {
        #[test]
        fn more_fakes_are_never_better(a in 0.0..1.0f64, b in 0.0..1.0f64, comments in prop::option::of(0.0..1.0f64), anomalies in prop::option::of(0u32..9)) {
            let with = |value| quality(&Parts { suspicious: Some(Share { value, low: value, high: value, judged: 1 }), comments, anomalies, rate_to_benchmark: None }).unwrap();
            let (few, many) = (with(a.min(b)), with(a.max(b)));
            prop_assert!(few.aq >= many.aq && (0.0..=100.0).contains(&few.aq));
        }
    }
}
