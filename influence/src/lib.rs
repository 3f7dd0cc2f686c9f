//! The science of Hibiki: what a creator's influence is and how sure that is. Pure: no clock, no I/O, no server; the same input gives the same
//! bytes. `docs/science.md` holds the formulas, and each module names its section.

// What goes in, the numbers, and what is shared.
pub mod types;
pub mod params;
pub mod math;
mod pairs;

// From events to a score, in the order of the sections.
pub mod daily;
pub mod state;
pub mod reach;
pub mod score;
pub mod growth;
pub mod explain;
pub mod causes;
pub mod coach;

// What stands beside a score.
pub mod engagement;
pub mod when;
pub mod campaign;
pub mod price;

// The audience and what is said (sections 6 and 8 to 10).
pub mod text;
pub mod learn;
pub mod quality;
pub mod topics;
pub mod demographics;
pub mod sponsored;
pub mod vetting;
pub mod similar;

// Made-up creators, for tests and benches.
pub mod sim;

pub use params::{FORMULA_VERSION, Params};
pub use score::Score;
pub use state::State;
