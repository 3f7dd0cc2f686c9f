//! Agreement of orders: Spearman, Kendall, the area under the curve, and gain of the best places.

/// The rank of each value, ties sharing the mean of theirs.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut i = 0;
    while i < order.len() {
        let mut j = i;
        while j + 1 < order.len() && values[order[j + 1]] == values[order[i]] {
            j += 1;
        }
        for &k in &order[i..=j] {
            ranks[k] = (i + j) as f64 / 2.0;
        }
        i = j + 1;
    }
    ranks
}

/// Pearson's correlation; `None` where one side does not vary.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len()) as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

/// Spearman's correlation of ranks.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

/// Kendall's τ-a of two short series; `None` below two.
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    let mut sum = 0.0;
    for i in 0..n {
        for j in i + 1..n {
            let turn = (a[i] - a[j]) * (b[i] - b[j]);
            sum += if turn > 0.0 {
                1.0
            } else if turn < 0.0 {
                -1.0
            } else {
                0.0
            };
        }
    }
    (n > 1).then(|| 2.0 * sum / (n * (n - 1)) as f64)
}

/// The chance that a positive case scores above a negative one, ties half; `None` without both.
pub fn auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let ranks = ranks(scores);
    let p = positive.iter().filter(|&&p| p).count() as f64;
    let n = positive.len() as f64 - p;
    let sum: f64 = ranks.iter().zip(positive).filter(|(_, p)| **p).map(|(r, _)| r + 1.0).sum();
    (p > 0.0 && n > 0.0).then(|| (sum - p * (p + 1.0) / 2.0) / (p * n))
}

/// Discounted gain of the k best by score over the best possible; `None` when there is no gain at all.
pub fn ndcg(scores: &[f64], gains: &[f64], k: usize) -> Option<f64> {
    let best = |by: &[f64]| {
        let mut order: Vec<usize> = (0..by.len()).collect();
        order.sort_by(|&a, &b| by[b].total_cmp(&by[a]).then(a.cmp(&b)));
        order.iter().take(k).enumerate().map(|(place, &i)| gains[i] / (place as f64 + 2.0).log2()).sum::<f64>()
    };
    let ideal = best(gains);
    (ideal > 0.0).then(|| best(scores) / ideal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(ranks(&[10.0, 20.0, 10.0]), [0.5, 2.0, 0.5]);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 4.0, 9.0]), Some(1.0));
        assert_eq!(kendall(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]), Some(1.0 / 3.0));
        assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), Some(0.75));
        assert_eq!(auc(&[0.1], &[true]), None);
        assert_eq!(ndcg(&[3.0, 2.0, 1.0], &[3.0, 2.0, 0.0], 2), Some(1.0));
        let swapped = (2.0 + 3.0 / 3f64.log2()) / (3.0 + 2.0 / 3f64.log2());
        assert!((ndcg(&[2.0, 3.0, 1.0], &[3.0, 2.0, 0.0], 2).expect("gain") - swapped).abs() < 1e-12);
    }
}
