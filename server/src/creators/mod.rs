//! Creators: profiles of people whom brands work with.
//!
//! A profile may exist without a person: imported from a list, or typed in by a brand that invites somebody. It is public data only,
//! wears no badge, and nobody is written to because of it. A person who registers makes a profile of their own; it merges with an
//! imported one only when they prove that account (settled 3). Brands see name, picture, introduction, category, skills, country,
//! accounts, offerings and portfolio; kana, prefecture and mail address they never see (K4, K5). Figures carry source and date, and
//! what is unknown is said. Pictures are re-encoded by us and live beside their row.

mod edit;
pub mod graphql;
pub mod import;
pub mod jobs;
pub mod pages;
pub mod pictures;
pub mod places;
mod portfolio;
pub mod queries;
mod recount;
mod register;
pub mod rules;
mod vet;

pub use edit::edit;
pub use portfolio::{add_item, delete_item, edit_item, restore_item};
pub use recount::recount_in;
pub use register::{Register, register, register_in};
pub use rules::badge;
pub use vet::{unvet, vet};
