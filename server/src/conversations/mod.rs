//! Conversations: chat between a brand and a creator who has joined.

pub mod graphql;
mod open;

pub use open::open_in;
