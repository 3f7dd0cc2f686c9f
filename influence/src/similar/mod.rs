//! Creators like a creator, with the reasons; and a team that reaches many different people for a budget. `docs/science.md`, section 10.

mod alike;
mod team;

pub use alike::{Candidate, Like, PARTS, Portrait, alike};
pub use team::{Member, Team, team};
