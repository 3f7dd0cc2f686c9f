//! The science of Hibiki: what a creator's influence is and how sure that is. Pure: no clock, no I/O, no server; the same input gives the same
//! bytes. `docs/science.md` holds the formulas, and each module names its section.

pub mod demographics;
pub mod learn;
pub mod quality;
pub mod similar;
pub mod sponsored;
pub mod text;
pub mod topics;
pub mod vetting;
