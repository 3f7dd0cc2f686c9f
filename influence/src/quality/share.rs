//! The share of fakes in an audience, from a sample that was judged with known errors. The raw share of flagged accounts is never shown.

use serde::{Deserialize, Serialize};

/// A share that was counted: `hits` of `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub hits: u64,
    /// Of how many.
    pub n: u64,
}

impl Counted {
    /// From a share and what it is a share of.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded back to the count it was"
    )]
    pub fn of(share: f64, n: usize) -> Self {
        Self { hits: (share * n as f64).round() as u64, n: n as u64 }
    }

    /// The share, smoothed by half a case on each side (Jeffreys), so that nothing is ever certain.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn rate(self) -> f64 {
        (self.hits as f64 + 0.5) / (self.n as f64 + 1.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn variance(self) -> f64 {
        self.rate() * (1.0 - self.rate()) / (self.n as f64 + 1.0)
    }
}

/// A share of fakes with its 95 % interval, all 0–1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Accounts judged.
    pub judged: u64,
}

/// Rogan and Gladen (1978): π = (flagged + specificity − 1)/(sensitivity + specificity − 1), clipped to 0–1. The interval holds the errors of all three
/// shares (delta method). `None` without a sample, or with a test that is no better than a coin: then nothing can be said.
#[must_use]
pub fn share(flagged: Counted, sensitivity: Counted, specificity: Counted) -> Option<Share> {
    let (p, se, sp) = (flagged.rate(), sensitivity.rate(), specificity.rate());
    let power = se + sp - 1.0;
    if flagged.n == 0 || sensitivity.n == 0 || specificity.n == 0 || power < 0.1 || flagged.hits > flagged.n {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let seen = flagged.hits as f64 / flagged.n as f64;
    let value = ((seen + sp - 1.0) / power).clamp(0.0, 1.0);
    let variance = flagged_part(p, flagged.n) + value.powi(2) * sensitivity.variance() + (1.0 - value).powi(2) * specificity.variance();
    let margin = 1.96 * variance.sqrt() / power;
    Some(Share { value, low: (value - margin).max(0.0), high: (value + margin).min(1.0), judged: flagged.n })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn flagged_part(p: f64, n: u64) -> f64 {
    p * (1.0 - p) / n as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_are_taken_out() {
        // 10 % fakes, sensitivity .8, specificity .95: .08 + .045 = 12.5 % are flagged.
        let sample = Counted { hits: 125, n: 1000 };
        let found = share(sample, Counted { hits: 8_000, n: 10_000 }, Counted { hits: 9_500, n: 10_000 }).unwrap();
        assert!((found.value - 0.1).abs() < 0.002, "{found:?}");
        assert!(found.low < 0.1 && found.high > 0.1 && found.high - found.low > 0.04, "{found:?}");
        // Less well known errors make it less sure.
        let vague = share(sample, Counted { hits: 80, n: 100 }, Counted { hits: 95, n: 100 }).unwrap();
        assert!(vague.high - vague.low > found.high - found.low);
        assert_eq!(share(sample, Counted { hits: 5, n: 10 }, Counted { hits: 5, n: 10 }), None, "a coin");
        assert_eq!(share(Counted::default(), Counted { hits: 8, n: 10 }, Counted { hits: 9, n: 10 }), None);
    }

    proptest! {
        #[test]
        fn stays_a_share(hits in 0u64..500, se in 300u64..=500, sp in 300u64..=500) {
            let of = |hits| Counted { hits, n: 500 };
            let found = share(of(hits), of(se), of(sp)).unwrap();
            prop_assert!(0.0 <= found.low && found.low <= found.value && found.value <= found.high && found.high <= 1.0);
            let more = share(of(hits + 1), of(se), of(sp)).unwrap();
            prop_assert!(more.value >= found.value);
        }
    }
}
