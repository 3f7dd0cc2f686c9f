//! A figure, or why there is none. Never a 0 that nobody measured.

use serde::{Deserialize, Serialize};

/// One figure as a network gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The network's own figure.
    Value(i64),
    /// A figure that the network itself calls rounded or estimated.
    Estimated(i64),
    /// Kept back below a threshold; the page says "needs `min`".
    Suppressed {
        /// What is needed before the network shows it.
        min: u32,
    },
    /// Not available on this network.
    NotOffered,
    /// The creator did not grant the scope.
    NotGranted,
    /// Offered, but not there yet.
    NotReady,
    /// Asked for, and the answer was unusable.
    Failed,
}

impl Metric {
    /// The figure, if there is one.
    pub fn value(self) -> Option<i64> {
        match self {
            Self::Value(n) | Self::Estimated(n) => Some(n),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_not_zero() {
        assert_eq!(Metric::Value(0).value(), Some(0));
        for missing in [Metric::Suppressed { min: 100 }, Metric::NotOffered, Metric::NotGranted, Metric::NotReady, Metric::Failed] {
            assert_eq!(missing.value(), None);
        }
    }
}
