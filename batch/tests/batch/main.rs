//! The program from text to scores: against the science, and against what goes wrong.

#[cfg(feature = "ballista")]
mod cluster;
mod robust;
mod science;
mod store;
