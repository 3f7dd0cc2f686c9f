//! Vetting: explicit language in posts, with how bad it is and the quotes, for a human to decide. `docs/science.md`, section 10. The lists are ours and can be edited;
//! published ones (a term a line) can be added.

mod lists;
mod matcher;

pub use lists::{Entry, KINDS, allowed, lines, shipped};
pub use matcher::{Finding, Summary, Vetting, summary};
