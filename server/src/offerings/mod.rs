//! Offerings: what a creator would do, by network and format, and for which fee (K34, K35).
//!
//! A price line is a wish to begin a talk with, never the amount of a contract; the platform is no party to that (K36). A deleted line
//! can be brought back within a day.

mod add;
mod delete;
mod edit;
pub mod graphql;
pub mod jobs;
pub mod pages;
pub mod queries;
pub mod rules;

pub use add::add;
pub use delete::{delete, restore};
pub use edit::edit;
