//! A smooth curve through points that never turns back: piecewise cubic Hermite with the slopes of Fritsch and Butland (1984).

use serde::{Deserialize, Serialize};

/// A monotone cubic curve. Outside its points it stays at the end values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<[f64; 2]>", into = "Vec<[f64; 2]>")]
pub struct Pchip {
    points: Vec<[f64; 2]>,
    slopes: Vec<f64>,
}

impl From<Pchip> for Vec<[f64; 2]> {
    fn from(curve: Pchip) -> Self {
        curve.points
    }
}

impl From<Vec<[f64; 2]>> for Pchip {
    /// The points must rise in x; `params` checks that of its file.
    fn from(points: Vec<[f64; 2]>) -> Self {
        let n = points.len();
        let steps: Vec<(f64, f64)> = points.windows(2).map(|w| (w[1][0] - w[0][0], (w[1][1] - w[0][1]) / (w[1][0] - w[0][0]))).collect();
        let slopes = (0..n)
            .map(|i| match (i.checked_sub(1).and_then(|j| steps.get(j)), steps.get(i)) {
                (Some(&(h0, d0)), Some(&(h1, d1))) if d0 * d1 > 0.0 => {
                    let (w0, w1) = (2.0 * h1 + h0, h1 + 2.0 * h0);
                    (w0 + w1) / (w0 / d0 + w1 / d1)
                }
                (Some(_), Some(_)) | (None, None) => 0.0,
                (None, Some(_)) => end(&steps, false),
                (Some(_), None) => end(&steps, true),
            })
            .collect();
        Self { points, slopes }
    }
}

/// The slope at an end: from three points, held within what keeps the curve monotone.
fn end(steps: &[(f64, f64)], last: bool) -> f64 {
    let at = |i: usize| if last { steps[steps.len() - 1 - i] } else { steps[i] };
    let (h0, d0) = at(0);
    if steps.len() == 1 {
        return d0;
    }
    let (h1, d1) = at(1);
    let slope = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
    if slope * d0 <= 0.0 {
        0.0
    } else if d0 * d1 <= 0.0 && slope.abs() > 3.0 * d0.abs() {
        3.0 * d0
    } else {
        slope
    }
}

impl Pchip {
    /// The points the curve goes through.
    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// The height at x.
    pub fn at(&self, x: f64) -> f64 {
        self.both(x).0
    }

    /// The slope at x; 0 outside the points.
    pub fn slope(&self, x: f64) -> f64 {
        self.both(x).1
    }

    fn both(&self, x: f64) -> (f64, f64) {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return (0.0, 0.0) };
        if x <= first[0] {
            return (first[1], if x < first[0] { 0.0 } else { self.slopes[0] });
        }
        if x >= last[0] {
            return (last[1], 0.0);
        }
        let i = self.points.partition_point(|p| p[0] <= x) - 1;
        let ([x0, y0], [x1, y1]) = (self.points[i], self.points[i + 1]);
        let (h, t) = (x1 - x0, (x - x0) / (x1 - x0));
        let (m0, m1) = (self.slopes[i], self.slopes[i + 1]);
        let y = (1.0 + 2.0 * t) * (1.0 - t).powi(2) * y0
            + t * (1.0 - t).powi(2) * h * m0
            + t * t * (3.0 - 2.0 * t) * y1
            + t * t * (t - 1.0) * h * m1;
        let slope = (6.0 * t * t - 6.0 * t) * (y0 - y1) / h + (1.0 - t) * (1.0 - 3.0 * t) * m0 + t * (3.0 * t - 2.0) * m1;
        (y, slope)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn goes_through_its_points_and_stays_at_the_ends() {
        let curve = Pchip::from(vec![[0.0, 0.0], [1.0, 24.0], [2.5, 53.0], [3.5, 68.0]]);
        assert_eq!([-1.0, 0.0, 1.0, 2.5, 3.5, 9.0].map(|x| curve.at(x)), [0.0, 0.0, 24.0, 53.0, 68.0, 68.0]);
    }

    proptest! {
        #[test]
        fn never_turns_back(steps in proptest::collection::vec((0.01f64..5.0, 0.0f64..50.0), 1..8), a in -1.0f64..40.0, b in -1.0f64..40.0) {
            let mut points = vec![[0.0, 0.0]];
            for (dx, dy) in steps {
                let [x, y] = points[points.len() - 1];
                points.push([x + dx, y + dy]);
            }
            let curve = Pchip::from(points);
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(curve.at(low) <= curve.at(high) + 1e-9);
            prop_assert!(curve.slope(a) >= -1e-9);
        }

        #[test]
        fn the_slope_is_the_slope(x in 0.01f64..3.4) {
            let curve = Pchip::from(vec![[0.0, 0.0], [1.0, 24.0], [2.5, 53.0], [3.5, 68.0]]);
            let near = (curve.at(x + 1e-6) - curve.at(x - 1e-6)) / 2e-6;
            prop_assert!((near - curve.slope(x)).abs() < 1e-3, "{near} {}", curve.slope(x));
        }
    }
}
