//! The platform admins' view: how much there is, and what waits or has failed. It reads across the slices and changes nothing.

pub mod graphql;
pub mod pages;
pub mod queries;
