//! Organisations: brands and agencies, the tenants, with their members, their labels and the agencies that act for them.
//!
//! Whoever founds an organisation is its first owner; there is always at least one. A person becomes a member by a letter to their own
//! mailbox, never by being added. A membership ends but its row stays, since history names it; actors are made anew for every request,
//! so a right that ends is gone at once. An agency acts for a brand by a delegation that both owners have agreed to and either may end.

mod accept_member_invitation;
mod brands;
mod change_role;
mod delegations;
mod edit;
mod found;
pub mod graphql;
mod invite_member;
pub mod jobs;
mod leave;
mod mails;
pub mod pages;
pub mod queries;
pub mod rules;

pub use accept_member_invitation::accept_member_invitation;
pub use brands::{BrandInput, add_brand, remove_brand, rename_brand};
pub use change_role::change_role;
pub use delegations::{Offer, accept_delegation, decline_delegation, end_delegation, offer_delegation};
pub use edit::{Edit, edit};
pub use found::{Found, found};
pub use invite_member::{invite_member, resend_member_invitation, withdraw_member_invitation};
pub use leave::{leave, remove_member};
