//! Fits with signs: smoothed absolute loss for reach, pairwise logistic loss for the score. Both convex, both by projected gradient steps with
//! the momentum of FISTA (Beck, Teboulle 2009), restarted when the loss rises.

/// What a fit must respect, per weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// Where ridge pulls it.
    pub start: f64,
    /// How strongly.
    pub ridge: f64,
    /// The least it may be; `f64::NEG_INFINITY` for none.
    pub least: f64,
    /// The most it may be; `f64::INFINITY` for none.
    pub most: f64,
}

impl Weight {
    /// Any sign, pulled to 0.
    pub fn free(ridge: f64) -> Self {
        Self { start: 0.0, ridge, least: f64::NEG_INFINITY, most: f64::INFINITY }
    }

    /// Never below 0, pulled to a start value.
    pub fn positive(start: f64, ridge: f64) -> Self {
        Self { start, ridge, least: 0.0, most: f64::INFINITY }
    }
}

/// Minimises a convex loss plus Σ ridge (w − start)² within the bounds. `loss` fills the gradient and returns the mean loss.
pub fn minimise(weights: &[Weight], rounds: usize, loss: impl Fn(&[f64], &mut [f64]) -> f64) -> Vec<f64> {
    let full = |w: &[f64], gradient: &mut [f64]| {
        gradient.fill(0.0);
        let mut sum = loss(w, gradient);
        for ((w, g), weight) in w.iter().zip(gradient.iter_mut()).zip(weights) {
            sum += weight.ridge * (w - weight.start).powi(2);
            *g += 2.0 * weight.ridge * (w - weight.start);
        }
        sum
    };
    let mut here: Vec<f64> = weights.iter().map(|w| w.start.clamp(w.least, w.most)).collect();
    let mut ahead = here.clone();
    let mut gradient = vec![0.0; here.len()];
    let (mut step, mut momentum) = (1.0f64, 1.0f64);
    let mut value = full(&here, &mut gradient);
    for _ in 0..rounds {
        let base = full(&ahead, &mut gradient);
        let mut scratch = vec![0.0; here.len()];
        // Backtracking: halve the step until the quadratic bound holds.
        let next = loop {
            let next: Vec<f64> =
                ahead.iter().zip(&gradient).zip(weights).map(|((w, g), weight)| (w - step * g).clamp(weight.least, weight.most)).collect();
            let moved: Vec<f64> = next.iter().zip(&ahead).map(|(a, b)| a - b).collect();
            let bound = base
                + moved.iter().zip(&gradient).map(|(m, g)| m * g).sum::<f64>()
                + moved.iter().map(|m| m * m).sum::<f64>() / (2.0 * step);
            if full(&next, &mut scratch) <= bound + 1e-12 || step < 1e-12 {
                break next;
            }
            step /= 2.0;
        };
        let now = full(&next, &mut scratch);
        if now > value {
            momentum = 1.0;
            ahead.clone_from(&here);
            continue;
        }
        let larger = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
        ahead = next.iter().zip(&here).map(|(n, h)| n + (momentum - 1.0) / larger * (n - h)).collect();
        (here, momentum, step) = (next, larger, step * 1.2);
        value = now;
    }
    here
}

/// Fits y ≈ Σ w x by the smoothed absolute error √(r² + δ²) − δ, which outliers hardly move. Rows are of one length, that of `weights`.
pub fn absolute(rows: &[Vec<f64>], y: &[f64], weights: &[Weight], delta: f64, rounds: usize) -> Vec<f64> {
    let n = rows.len().max(1) as f64;
    minimise(weights, rounds, |w, gradient| {
        let mut sum = 0.0;
        for (row, y) in rows.iter().zip(y) {
            let r = row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() - y;
            let soft = (r * r + delta * delta).sqrt();
            sum += soft - delta;
            gradient.iter_mut().zip(row).for_each(|(g, x)| *g += r / soft * x / n);
        }
        sum / n
    })
}

/// Fits P(a over b) = σ(Σ w (a − b)) to differences of rows that say "a is over b".
pub fn pairwise(differences: &[Vec<f64>], weights: &[Weight], rounds: usize) -> Vec<f64> {
    let n = differences.len().max(1) as f64;
    minimise(weights, rounds, |w, gradient| {
        let mut sum = 0.0;
        for row in differences {
            let z = row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
            sum += if z > 0.0 { (-z).exp().ln_1p() } else { z.exp().ln_1p() - z };
            let slope = -1.0 / (1.0 + z.exp());
            gradient.iter_mut().zip(row).for_each(|(g, x)| *g += slope * x / n);
        }
        sum / n
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Rng;

    #[test]
    fn absolute_error_finds_the_line_under_outliers() {
        let mut rng = Rng::new(5);
        let rows: Vec<Vec<f64>> = (0..400).map(|_| vec![1.0, rng.normal() * 2.0]).collect();
        let y: Vec<f64> =
            rows.iter().enumerate().map(|(i, r)| 3.0 + 0.6 * r[1] + if i % 10 == 0 { 40.0 } else { 0.05 * rng.normal() }).collect();
        let w = absolute(&rows, &y, &[Weight::free(0.0), Weight::positive(0.0, 1e-4)], 0.1, 2_000);
        assert!((w[0] - 3.0).abs() < 0.05 && (w[1] - 0.6).abs() < 0.05, "{w:?}");
    }

    #[test]
    fn signs_are_kept() {
        let rows: Vec<Vec<f64>> = (0..50).map(|i| vec![1.0, f64::from(i)]).collect();
        let y: Vec<f64> = (0..50).map(|i| -f64::from(i)).collect();
        let w = absolute(&rows, &y, &[Weight::free(0.0), Weight::positive(0.0, 0.0)], 0.1, 500);
        assert_eq!(w[1], 0.0);
    }

    #[test]
    fn pairs_give_back_the_weights_that_made_them() {
        let mut rng = Rng::new(9);
        let pairs: Vec<Vec<f64>> = (0..4_000)
            .map(|_| {
                let d = [rng.normal(), rng.normal()];
                let first = rng.unit() < 1.0 / (1.0 + (-(1.5 * d[0] + 0.5 * d[1])).exp());
                d.map(|x| if first { x } else { -x }).to_vec()
            })
            .collect();
        let w = pairwise(&pairs, &[Weight::positive(0.0, 1e-5); 2], 500);
        assert!((w[0] - 1.5).abs() < 0.15 && (w[1] - 0.5).abs() < 0.15, "{w:?}");
    }
}
