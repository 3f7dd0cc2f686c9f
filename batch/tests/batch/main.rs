//! The program from text to scores: against the science, and against what goes wrong.

mod robust;
mod science;
mod store;
