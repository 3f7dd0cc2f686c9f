//! Participations: a creator in a campaign, from the shortlist to settled.
//!
//! There is one row per campaign and creator. Joining binds nobody: until a contract is executed a creator leaves with one click and
//! without a reason. A brand that removes somebody says why. Invitations, contracts and deliverables move the state; they do it
//! through the helpers here, so that the state machine stands in one place.

pub mod graphql;
mod in_tx;
mod leave;
mod mails;
pub mod pages;
pub mod queries;
mod remove;
pub mod rules;
mod shortlist;

pub use in_tx::{move_in, shortlist_in};
pub use leave::leave;
pub use remove::remove;
pub use shortlist::{MOST, Noted, TAKES_CANDIDATES, shortlist, unlist};
