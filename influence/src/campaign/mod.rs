//! Measuring campaigns (section 11): what was reached, what media attention is said to be worth, what came back, what grew.

mod lift;
mod value;

pub use lift::{Lift, NoClaim, follower_lift};
pub use value::{Measured, Totals, Value, roi, totals};
