//! Consents: what a creator has said yes to, and what an organisation has said yes to about a creator.
//!
//! A row is one yes to one purpose, with the version of the text that was agreed to and how it was given. It ends when it is taken back;
//! a new yes is a new row, and none is deleted while the creator is here. Whoever acts on a consent asks [`queries`] at the moment of
//! acting, so that taking it back works at once.
//!
//! Keeping stories (K20) takes two: the brand's yes and the creator's, towards each other.

mod grant;
pub mod graphql;
pub mod pages;
pub mod queries;
mod revoke;
pub mod rules;

pub use grant::{Evidence, agree, grant, grant_in};
pub use revoke::{By, revoke};
