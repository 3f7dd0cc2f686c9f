//! The audit log: the facts of the events table, searched and downloaded by admins, and by owners for their own organisation (B48).
//!
//! It is read only; operations write it in their transactions. A download is itself recorded.

mod export;
pub mod graphql;
pub mod pages;
pub mod queries;
pub mod subjects;
mod viewed;

pub use export::export;
pub use viewed::viewed;
