//! Briefs: what a campaign asks of its creators, in Japanese and English, version by version.
//!
//! The teaser is for whoever holds an invitation; the full text is for members of the organisation and for creators who have joined, and
//! for nobody else on any path (K15). A published version never changes. A new one asks every joined creator to say that they have read
//! it, and where its terms may be worse for them, to consent (K19). Who does not consent leaves with one click.

mod acknowledge;
mod edit;
pub mod graphql;
mod mails;

pub mod pages;
mod publish;
pub mod queries;
pub mod rules;

pub use acknowledge::{Acknowledge, acknowledge};
pub use edit::edit;
pub use publish::publish;
