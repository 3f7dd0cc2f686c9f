//! Conversations: a brand and a creator who has joined talk about a campaign (K16).
//!
//! The existence of a thread is the right to it: joining opens one, and it stays readable and open when the participation ends, since
//! there may be something left to say. On the creator's side one person reads and writes; on the brand's side every member reads, and
//! managers and owners write. Messages are never changed. No mail repeats what somebody wrote: whoever wants it is told once that
//! messages wait (K17).

pub mod graphql;
pub mod jobs;
mod mails;
mod mark_read;
mod open;
pub mod pages;
pub mod queries;
pub mod rules;
mod send;

pub use mark_read::mark_read;
pub use open::open_in;
pub use send::{Send, Speaker, send};
