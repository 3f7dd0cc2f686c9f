//! Sponsored posts: what is disclosed, what looks like it, which brands, and how a creator works with them. `docs/science.md`, section 10. No public labelled data was
//! found: the interface says "not validated".

mod brands;
mod collaborations;
mod disclosure;
mod suspected;

pub use brands::{Brand, Brands, Seen};
pub use collaborations::{Collaboration, Conflict, Paid, Post, Profile, profile};
pub use disclosure::{Disclosure, disclosure, without_disclosure};
pub use suspected::{Context, Model, Sign};
