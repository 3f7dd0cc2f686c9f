//! Campaigns.

pub mod graphql;
