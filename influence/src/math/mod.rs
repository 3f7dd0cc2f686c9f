//! Small mathematics that the formulas share: order statistics, monotone curves, random numbers from a seed, fits with signs.

pub mod fit;
pub mod pchip;
pub mod rank;
pub mod rng;
pub mod stats;

pub use pchip::Pchip;
pub use rng::Rng;
