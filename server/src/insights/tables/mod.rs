//! Reference tables: what figures are read against and platform admins edit. Benchmarks of engagement rates, what media attention is said to be
//! worth, what posts have cost, and explicit words.
//!
//! A table is CSV, and each change a version that stays: who, when, why. The highest version is in force; going back is a new version too. What
//! ships is version 0. Each score names the versions that it was made with, so that an old figure can be made again; saving a version has
//! everybody computed anew.

pub mod content;
pub mod queries;
pub mod rules;

mod in_force;
mod restore;
mod save;

pub use in_force::{InForce, Versions, in_force};
pub use restore::restore;
pub use save::{Save, save};
