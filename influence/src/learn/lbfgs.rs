//! L-BFGS: minimises a smooth function by its gradient. Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5.

/// Pairs of steps that are remembered.
const MEMORY: usize = 8;

/// Minimises `f`, which returns the value at a point and writes the gradient, from `start`. Stops when no slope is above `tolerance`, when no
/// step helps, or after `rounds`.
pub fn minimise(start: Vec<f64>, rounds: usize, tolerance: f64, mut f: impl FnMut(&[f64], &mut [f64]) -> f64) -> Vec<f64> {
    let n = start.len();
    let mut at = start;
    let mut slope = vec![0.0; n];
    let mut value = f(&at, &mut slope);
    let mut steps: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..rounds {
        if slope.iter().all(|g| g.abs() <= tolerance) {
            break;
        }
        let mut direction = downhill(&slope, &steps);
        let mut along = dot(&direction, &slope);
        if along >= 0.0 {
            steps.clear();
            direction = slope.iter().map(|g| -g).collect();
            along = -dot(&slope, &slope);
        }
        // The first step has no scale yet: one of length 1 at most.
        let mut size = if steps.is_empty() { (1.0 / (-along).sqrt()).min(1.0) } else { 1.0 };
        let mut next_slope = vec![0.0; n];
        let next = loop {
            let next: Vec<f64> = at.iter().zip(&direction).map(|(x, d)| x + size * d).collect();
            let next_value = f(&next, &mut next_slope);
            if next_value <= value + 1e-4 * size * along {
                value = next_value;
                break Some(next);
            }
            size *= 0.5;
            if size < 1e-12 {
                break None;
            }
        };
        let Some(next) = next else { break };
        let moved: Vec<f64> = next.iter().zip(&at).map(|(a, b)| a - b).collect();
        let bent: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        let curvature = dot(&moved, &bent);
        if curvature > 1e-14 {
            if steps.len() == MEMORY {
                steps.remove(0);
            }
            steps.push((moved, bent, 1.0 / curvature));
        }
        at = next;
        slope = next_slope;
    }
    at
}

/// The two-loop recursion: minus the inverse curvature, as the remembered steps know it, times the slope.
fn downhill(slope: &[f64], steps: &[(Vec<f64>, Vec<f64>, f64)]) -> Vec<f64> {
    let mut d: Vec<f64> = slope.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(steps.len());
    for (moved, bent, rho) in steps.iter().rev() {
        let alpha = rho * dot(moved, &d);
        d.iter_mut().zip(bent).for_each(|(d, y)| *d -= alpha * y);
        alphas.push(alpha);
    }
    if let Some((_, bent, rho)) = steps.last() {
        let scale = 1.0 / (rho * dot(bent, bent));
        d.iter_mut().for_each(|d| *d *= scale);
    }
    for ((moved, bent, rho), alpha) in steps.iter().zip(alphas.into_iter().rev()) {
        let beta = rho * dot(bent, &d);
        d.iter_mut().zip(moved).for_each(|(d, s)| *d += (alpha - beta) * s);
    }
    d
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_a_bent_valley() {
        // Rosenbrock's function, whose bottom is at (1, 1).
        let found = minimise(vec![-1.2, 1.0], 200, 1e-9, |x, g| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            a * a + 100.0 * b * b
        });
        assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 1.0).abs() < 1e-6, "{found:?}");
    }
}
