//! Shares corrected for a classifier's confusion: the π on the simplex that makes M π nearest to what was counted.

/// The point of the simplex (shares ≥ 0 that sum to 1) nearest to `v`: Duchi et al. 2008, figure 1.
#[must_use]
pub fn onto_simplex(v: &[f64]) -> Vec<f64> {
    let mut sorted = v.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    let mut theta = 0.0;
    for (i, value) in (1_u32..).zip(&sorted) {
        sum += value;
        let candidate = (sum - 1.0) / f64::from(i);
        if value - candidate > 0.0 {
            theta = candidate;
        }
    }
    v.iter().map(|x| (x - theta).max(0.0)).collect()
}

/// Minimises |M π − counted|² over the simplex by projected gradient; gives π and how much an error of the counts is stretched (above 1). `None` where M does not fit, its columns are
/// no shares, or it tells the groups apart so badly that errors would be stretched more than fivefold.
#[must_use]
pub fn corrected(counted: &[f64], confusion: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let k = counted.len();
    let is_square = confusion.len() == k && confusion.iter().all(|row| row.len() == k);
    let is_share = |j: usize| (confusion.iter().map(|row| row[j]).sum::<f64>() - 1.0).abs() < 1e-6;
    let is_sane = is_square && confusion.iter().flatten().all(|v| (0.0..=1.0).contains(v)) && (0..k).all(is_share);
    if !is_sane || k == 0 {
        return None;
    }
    let stretch = stretch(confusion)?;
    let times = |x: &[f64]| -> Vec<f64> { confusion.iter().map(|row| row.iter().zip(x).map(|(m, x)| m * x).sum()).collect() };
    let back = |x: &[f64]| -> Vec<f64> { (0..k).map(|j| confusion.iter().zip(x).map(|(row, x)| row[j] * x).sum()).collect() };
    // The step may be 1 over the largest eigenvalue of MᵀM, which its trace bounds.
    let step = 1.0 / confusion.iter().flatten().map(|m| m * m).sum::<f64>();
    let mut pi = onto_simplex(counted);
    for _ in 0..20_000 {
        let residual: Vec<f64> = times(&pi).iter().zip(counted).map(|(a, b)| a - b).collect();
        let next = onto_simplex(&pi.iter().zip(back(&residual)).map(|(p, g)| p - step * g).collect::<Vec<_>>());
        let moved = next.iter().zip(&pi).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        pi = next;
        if moved < 1e-12 {
            break;
        }
    }
    Some((pi, stretch))
}

/// The largest row norm of M⁻¹ (Gauss–Jordan with pivots), 1 at least; `None` above 5 or without an inverse.
fn stretch(m: &[Vec<f64>]) -> Option<f64> {
    let k = m.len();
    let mut rows: Vec<Vec<f64>> =
        m.iter().enumerate().map(|(i, row)| row.iter().copied().chain((0..k).map(|j| f64::from(u8::from(i == j)))).collect()).collect();
    for column in 0..k {
        let pivot = (column..k).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let scale = rows[column][column];
        if scale.abs() < 1e-9 {
            return None;
        }
        rows[column].iter_mut().for_each(|v| *v /= scale);
        let lead = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != column) {
            let factor = row[column];
            row.iter_mut().zip(&lead).for_each(|(v, l)| *v -= factor * l);
        }
    }
    let norm = rows.iter().map(|row| row[k..].iter().map(|v| v * v).sum::<f64>().sqrt()).fold(1.0, f64::max);
    (norm <= 5.0).then_some(norm)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_mixtures_come_back() {
        let m = vec![vec![0.8, 0.1, 0.0], vec![0.1, 0.8, 0.2], vec![0.1, 0.1, 0.8]];
        let truth = [0.2, 0.5, 0.3];
        let counted: Vec<f64> = m.iter().map(|row| row.iter().zip(truth).map(|(a, b)| a * b).sum()).collect();
        let (found, stretch) = corrected(&counted, &m).unwrap();
        assert!(found.iter().zip(truth).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        assert!(stretch > 1.0);
        assert_eq!(corrected(&[0.5, 0.5], &[vec![0.5, 0.5], vec![0.5, 0.5]]), None, "a coin");
        assert_eq!(corrected(&[1.0], &[vec![0.5]]), None, "no share");
    }

    proptest! {
        #[test]
        fn projection_is_a_share_and_keeps_shares(v in prop::collection::vec(-2.0..2.0f64, 1..8)) {
            let found = onto_simplex(&v);
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9 && found.iter().all(|x| *x >= 0.0));
            let again = onto_simplex(&found);
            prop_assert!(found.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
}
