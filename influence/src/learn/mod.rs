//! Small learners in plain Rust, deterministic to the byte: ridge logistic regression, calibration, and the measures that judge them. They serve
//! the operator's own labelled data (`train`) and the validation; what ships is set by hand.

mod calibrate;
mod lbfgs;
mod logistic;
mod measure;

pub use calibrate::{Curve, isotonic};
pub use lbfgs::minimise;
pub use logistic::{Fitted, Row, fit, sigmoid};
pub use measure::{f1, interval, rates};
