//! Activity: what happened that concerns somebody, as a feed, as notifications, and as a mail that sums up what was not seen.
//!
//! It is one more reading of the event log (settled 14). Which kinds concern whom, and which call for attention, stands in `rules.rs`; every
//! event is found through the actor. What one did oneself is in the feed and calls for nothing.

mod digest;
pub mod graphql;
pub mod jobs;
mod mails;
pub mod pages;
pub mod queries;
pub mod rules;
mod seen;

pub use seen::seen;
