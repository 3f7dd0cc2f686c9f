//! Measures of a classifier, and the bootstrap around any of them.

use crate::math::Rng;

/// F1 of the positive class when scores above `threshold` are called positive; 0 where nothing is found.
#[must_use]
pub fn f1(scores: &[f64], labels: &[bool], threshold: f64) -> f64 {
    let (mut hit, mut wrong) = (0.0, 0.0);
    for (score, label) in scores.iter().zip(labels) {
        match (*score > threshold, *label) {
            (true, true) => hit += 1.0,
            (false, false) => {}
            _ => wrong += 1.0,
        }
    }
    if hit > 0.0 { 2.0 * hit / (2.0 * hit + wrong) } else { 0.0 }
}

/// Sensitivity and specificity at a threshold, each with the number that it rests on: `((share, n), (share, n))`.
#[must_use]
pub fn rates(scores: &[f64], labels: &[bool], threshold: f64) -> ((f64, usize), (f64, usize)) {
    let of = |class: bool| {
        let called: Vec<bool> = scores.iter().zip(labels).filter(|(_, l)| **l == class).map(|(s, _)| (*s > threshold) == class).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
        let share = called.iter().filter(|right| **right).count() as f64 / called.len().max(1) as f64;
        (share, called.len())
    };
    (of(true), of(false))
}

/// The middle 95 % of a statistic over `draws` resamples of `units` things, with replacement: the percentile bootstrap. The statistic gets the numbers
/// of the things drawn, and may have no value. `None` if it never has one.
pub fn interval(units: usize, draws: usize, seed: u64, mut statistic: impl FnMut(&[usize]) -> Option<f64>) -> Option<(f64, f64)> {
    let mut random = Rng::new(seed);
    let mut seen: Vec<f64> = (0..draws)
        .filter_map(|_| {
            let drawn: Vec<usize> = (0..units).map(|_| random.below(units)).collect();
            statistic(&drawn)
        })
        .collect();
    seen.sort_by(f64::total_cmp);
    let last = seen.len().checked_sub(1)?;
    Some((seen[last * 25 / 1000], seen[last - last * 25 / 1000]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rank::auc;

    #[test]
    fn known_measures() {
        let labels = [false, true, false, true];
        assert_eq!(auc(&[0.1, 0.2, 0.3, 0.4], &labels), Some(0.75));
        assert_eq!(auc(&[0.5; 4], &labels), Some(0.5));
        assert_eq!(auc(&[0.5], &[true]), None);
        assert_eq!(f1(&[0.1, 0.9, 0.9, 0.1], &labels, 0.5), 0.5);
        assert_eq!(rates(&[0.1, 0.9, 0.9, 0.9], &labels, 0.5), ((1.0, 2), (0.5, 2)));
    }

    #[test]
    fn the_interval_of_a_mean_holds_it() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let (low, high) = interval(100, 500, 1, |drawn| Some(drawn.iter().map(|i| values[*i]).sum::<f64>() / 100.0)).unwrap();
        // The standard error of the mean is 2.9.
        assert!(low > 40.0 && low < 47.0 && high > 52.0 && high < 59.0, "{low} {high}");
    }
}
