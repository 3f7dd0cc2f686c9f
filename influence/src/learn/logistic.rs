//! Logistic regression with a ridge, for sparse rows: few enough parts to be read, and a sum that explains itself.

use std::collections::BTreeMap;

use super::lbfgs::minimise;

/// One example: values by feature, features not named are 0.
pub type Row = Vec<(u32, f64)>;

/// What was fitted: ln odds = bias + Σ weight × value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fitted {
    /// ln odds of a row without features.
    pub bias: f64,
    /// Weights by feature; only features that occurred.
    pub weights: BTreeMap<u32, f64>,
}

impl Fitted {
    /// ln odds of a row. Features that were never seen count nothing.
    #[must_use]
    pub fn logit(&self, row: &[(u32, f64)]) -> f64 {
        self.bias + row.iter().filter_map(|(k, v)| Some(self.weights.get(k)? * v)).sum::<f64>()
    }
}

/// The probability to which ln odds belong.
#[must_use]
pub fn sigmoid(logit: f64) -> f64 {
    if logit >= 0.0 { 1.0 / (1.0 + (-logit).exp()) } else { logit.exp() / (1.0 + logit.exp()) }
}

/// Fits `Σ wᵢ ln(1 + exp(∓logitᵢ)) + ½ ridge Σ weight²`; the bias is not shrunk. With `balanced` both classes weigh the same in sum, so that the
/// share of positives in the examples does not become an opinion of the model. Fewer than one example of each class gives a model without weights.
#[must_use]
pub fn fit(rows: &[Row], labels: &[bool], ridge: f64, balanced: bool) -> Fitted {
    let positives = labels.iter().filter(|l| **l).count();
    let negatives = labels.len() - positives;
    if positives == 0 || negatives == 0 {
        return Fitted::default();
    }
    // Only features that occur take part, under numbers without gaps.
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    for (k, _) in rows.iter().flatten() {
        let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
        places.entry(*k).or_insert(next);
    }
    let dense: Vec<Vec<(usize, f64)>> = rows.iter().map(|row| row.iter().map(|(k, v)| (places[k] as usize, *v)).collect()).collect();
    #[expect(clippy::cast_precision_loss, reason = "counts of examples are far below 2^52")]
    let half = |count: usize| if balanced { labels.len() as f64 / (2.0 * count as f64) } else { 1.0 };
    let (up, down) = (half(positives), half(negatives));
    let n = places.len();
    let found = minimise(vec![0.0; n + 1], 500, 1e-5, |w, g| {
        g.iter_mut().zip(w).for_each(|(g, w)| *g = ridge * w);
        g[n] = 0.0;
        let mut loss = 0.5 * ridge * w[..n].iter().map(|w| w * w).sum::<f64>();
        for (row, label) in dense.iter().zip(labels) {
            let logit = w[n] + row.iter().map(|(k, v)| w[*k] * v).sum::<f64>();
            let weight = if *label { up } else { down };
            let signed = if *label { -logit } else { logit };
            loss += weight * (signed.max(0.0) + (-signed.abs()).exp().ln_1p());
            let push = weight * (sigmoid(logit) - f64::from(u8::from(*label)));
            row.iter().for_each(|(k, v)| g[*k] += push * v);
            g[n] += push;
        }
        loss
    });
    Fitted { bias: found[n], weights: places.into_iter().map(|(k, place)| (k, found[place as usize])).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_odds_that_are_known() {
        // Feature 7 has odds 3 : 1 with it and 1 : 3 without: bias −ln 3, weight 2 ln 3 but for the (tiny) ridge.
        let rows: Vec<Row> = [vec![(7, 1.0)], vec![]].iter().flat_map(|r| std::iter::repeat_n(r.clone(), 4)).collect();
        let labels = [true, true, true, false, true, false, false, false];
        let model = fit(&rows, &labels, 1e-9, false);
        assert!((model.bias + 3_f64.ln()).abs() < 1e-3, "{model:?}");
        assert!((model.weights[&7] - 2.0 * 3_f64.ln()).abs() < 1e-3, "{model:?}");
        assert!((sigmoid(model.logit(&[(7, 1.0), (9, 5.0)])) - 0.75).abs() < 1e-3);
    }

    #[test]
    fn balance_takes_the_share_out() {
        let rows: Vec<Row> = vec![vec![]; 10];
        let labels: Vec<bool> = (0..10).map(|i| i == 0).collect();
        assert!(fit(&rows, &labels, 1.0, true).bias.abs() < 1e-6);
        assert!((fit(&rows, &labels, 1.0, false).bias + 9_f64.ln()).abs() < 1e-3);
        assert_eq!(fit(&rows, &[false; 10], 1.0, false), Fitted::default());
    }
}
