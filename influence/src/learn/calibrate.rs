//! Calibration: a score becomes the share of positives that was seen at that score. Isotonic regression by pooling of adjacent violators.

use serde::{Deserialize, Serialize};

/// A rising curve through points (score, probability); empty means "as it is".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve(pub Vec<(f64, f64)>);

impl Curve {
    /// The probability at a score; between points on the straight line, outside them that of the nearest.
    #[must_use]
    pub fn at(&self, score: f64) -> f64 {
        let points = &self.0;
        let after = points.partition_point(|(x, _)| *x < score);
        match (after.checked_sub(1).map(|i| points[i]), points.get(after).copied()) {
            (None, None) => score,
            (Some((_, y)), None) | (None, Some((_, y))) => y.clamp(0.0, 1.0),
            (Some((x0, y0)), Some((x1, y1))) => {
                let share = if x1 > x0 { (score - x0) / (x1 - x0) } else { 1.0 };
                (y0 + share * (y1 - y0)).clamp(0.0, 1.0)
            }
        }
    }
}

/// The rising curve nearest to the labels. A point is the mean score and the smoothed share `(positives + ½)/(n + 1)` of a pool, so that a small pool
/// at an end never claims 0 or 1. Pairs with a score that is no number are left out.
#[must_use]
pub fn isotonic(scores: &[f64], labels: &[bool]) -> Curve {
    let mut pairs: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).filter(|(s, _)| s.is_finite()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    // (sum of scores, positives, n)
    let mut pools: Vec<(f64, f64, f64)> = Vec::new();
    for (score, label) in pairs {
        pools.push((score, f64::from(u8::from(label)), 1.0));
        while let [.., a, b] = pools[..] {
            let (before, after) = ((a.1 + 0.5) / (a.2 + 1.0), (b.1 + 0.5) / (b.2 + 1.0));
            // Pools below 10 examples say too little to stand alone.
            if before <= after && a.2 >= 10.0 {
                break;
            }
            pools.truncate(pools.len() - 2);
            pools.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
    }
    let mut curve: Vec<(f64, f64)> = pools.into_iter().map(|(s, p, n)| (s / n, (p + 0.5) / (n + 1.0))).collect();
    // The last pool may be too small to have been joined yet.
    for i in 1..curve.len() {
        curve[i].1 = curve[i].1.max(curve[i - 1].1);
    }
    Curve(curve)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rises_and_stays_a_probability(pairs in prop::collection::vec((0.0..1.0f64, any::<bool>()), 0..200)) {
            let (scores, labels): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let curve = isotonic(&scores, &labels);
            let mut last = 0.0;
            for i in 0..=100 {
                let p = curve.at(f64::from(i) / 100.0);
                prop_assert!((0.0..=1.0).contains(&p) && p >= last - 1e-12);
                last = p;
            }
        }
    }

    #[test]
    fn overconfidence_is_taken_back() {
        // Scores say .9 where half are positives.
        let scores: Vec<f64> = (0..200).map(|i| if i < 100 { 0.1 } else { 0.9 }).collect();
        let labels: Vec<bool> = (0..200).map(|i| i >= 100 && i % 2 == 0).collect();
        let curve = isotonic(&scores, &labels);
        assert!((curve.at(0.9) - 0.5).abs() < 0.05, "{curve:?}");
        assert!(curve.at(0.1) < 0.05, "{curve:?}");
    }
}
