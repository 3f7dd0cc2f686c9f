//! The claims V6 to V8 against data that others labelled: fake accounts, spam under videos, entities and their topics. Each takes the folder of data, finds
//! its files by name at any depth, and gives a [`Report`]; a folder that is not there is said, never passed over.

mod files;
mod report;
pub mod train;
pub mod v6;
pub mod v7;
pub mod v8;

pub use report::{Figure, Report};
