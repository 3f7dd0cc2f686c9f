//! Briefs.

pub mod graphql;
pub mod rules;
