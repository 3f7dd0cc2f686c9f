//! Insights: what the science (`influence`, `docs/science.md`) makes of the readings that `networks` keeps. For each creator and day a score with
//! its interval, parts and inputs; beside it True Reach, engagement, audience quality, topics, work with brands, explicit words, and who the
//! audience is.
//!
//! Everything is computed in two scopes: `public`, from what everybody can see at the networks, and `full`, with what only the creator's grant
//! shows. The creator sees the full one; brands see it while the creator shows insights to brands, else the public one; lists compare by the
//! public one. All rows of this slice can be made again from the readings, and the same readings give the same bytes.
//!
//! Nothing known is no score, with the reason. Using this product never raises a score.

pub mod certificate;
pub mod export;
pub mod gaps;
pub mod graphql;
pub mod inputs;
pub mod jobs;
pub mod measure;
pub mod pages;
pub mod peers;
pub mod places;
pub mod queries;
pub mod results;
pub mod rules;
pub mod similar;
pub mod tables;

mod publish;
mod refresh;
mod score;

pub use publish::{Page, publish, unpublish};
pub use refresh::refresh;
pub use score::{Outcome, score};
