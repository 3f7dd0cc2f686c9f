//! Order statistics, weighted means, slopes, and intervals by resampling.

use super::Rng;

/// A value with the ends of an interval around it.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// The value itself.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The quantile q (0–1) of values in any order, interpolated; `None` of nothing. Values that are no numbers are left out.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    Some(sorted[below] + part * (sorted[(below + 1).min(last)] - sorted[below]))
}

/// The middle value; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The median distance from the median, times 1.4826: the standard deviation, were the values normal.
pub fn mad(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    median(&values.iter().map(|x| (x - middle).abs()).collect::<Vec<_>>()).map(|mad| 1.4826 * mad)
}

/// The weighted mean with a share of the weight cut at each end of the values; `None` without weight.
pub fn trimmed_mean(pairs: &[(f64, f64)], cut: f64) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = sorted.iter().map(|p| p.1).sum();
    let (from, to) = (cut * total, (1.0 - cut) * total);
    let (mut before, mut sum, mut weight) = (0.0, 0.0, 0.0);
    for (value, w) in sorted {
        let inside = (before + w).min(to) - f64::max(before, from);
        if inside > 0.0 {
            sum += value * inside;
            weight += inside;
        }
        before += w;
    }
    (weight > 0.0).then(|| sum / weight)
}

/// Slope and height at x = 0 by Theil (1950) and Sen (1968): the median of the slopes of all pairs. Outliers hardly move it. `None` below two points.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, a) in points.iter().enumerate() {
        slopes.extend(points[i + 1..].iter().filter(|b| b.0 != a.0).map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    let slope = median(&slopes)?;
    let height = median(&points.iter().map(|p| p.1 - slope * p.0).collect::<Vec<_>>())?;
    Some((slope, height))
}

/// A statistic of groups with its percentile interval over `draws` resamples of whole groups (people, not rows). `level` is 0.95 for 95 %.
/// `None` where the statistic of the whole is `None`.
pub fn bootstrap<T>(groups: &[T], draws: usize, level: f64, seed: u64, statistic: impl Fn(&[&T]) -> Option<f64>) -> Option<Interval> {
    let value = statistic(&groups.iter().collect::<Vec<_>>())?;
    let mut rng = Rng::new(seed);
    let drawn: Vec<f64> =
        (0..draws).filter_map(|_| statistic(&(0..groups.len()).map(|_| &groups[rng.below(groups.len())]).collect::<Vec<_>>())).collect();
    let side = (1.0 - level) / 2.0;
    Some(Interval { value, low: quantile(&drawn, side).unwrap_or(value), high: quantile(&drawn, 1.0 - side).unwrap_or(value) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_and_skip_what_is_no_number() {
        assert_eq!(median(&[3.0, 1.0, f64::NAN, 2.0]), Some(2.0));
        assert_eq!(quantile(&[0.0, 10.0], 0.25), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn trimming_cuts_weight_not_rows() {
        // A tenth of the weight at each end: the outlier's whole weight is gone, as is half of the first value's.
        let mean = trimmed_mean(&[(1.0, 2.0), (2.0, 7.0), (1000.0, 1.0)], 0.1).expect("weight");
        assert!((mean - (1.0 + 7.0 * 2.0) / 8.0).abs() < 1e-12, "{mean}");
        assert_eq!(trimmed_mean(&[(5.0, 1.0)], 0.1), Some(5.0));
    }

    #[test]
    fn theil_sen_ignores_a_wild_point() {
        let mut points: Vec<(f64, f64)> = (0..20).map(|i| (f64::from(i), 3.0 + 2.0 * f64::from(i))).collect();
        points[7].1 = 1e6;
        let (slope, height) = theil_sen(&points).expect("points");
        assert!((slope - 2.0).abs() < 1e-9 && (height - 3.0).abs() < 1e-9);
    }

    #[test]
    fn the_interval_is_about_as_wide_as_theory_says() {
        let mut rng = Rng::new(3);
        let values: Vec<f64> = (0..400).map(|_| rng.normal()).collect();
        let interval =
            bootstrap(&values, 2_000, 0.95, 1, |drawn| Some(drawn.iter().copied().sum::<f64>() / drawn.len() as f64)).expect("values");
        let width = interval.high - interval.low;
        assert!((width - 2.0 * 1.96 / 20.0).abs() < 0.03, "{width}");
        assert!(interval.low < interval.value && interval.value < interval.high);
    }
}
