//! Campaigns: what a brand wants to reach, with what money, when, and with which kinds of posts.
//!
//! A draft needs a name and a brand label and no more. Recruiting begins when everything is there that a creator decides by: a
//! published brief with the advertising disclosure in each of its languages, a goal with a figure to reach, a budget and dates (settled
//! 8). What is missing is said beside its part, and stands as a list on the page and in the API. Nothing is deleted at the end.

mod activate;
mod archive;
mod cancel;
mod complete;
mod copy;
mod create;
mod edit;
pub mod graphql;
mod mails;
mod measure;
mod move_in;
pub mod pages;
mod pause;
pub mod queries;
mod recruit;
mod resume;
pub mod rules;

pub use activate::activate;
pub use archive::archive;
pub use cancel::cancel;
pub use complete::complete;
pub use copy::copy;
pub use create::create;
pub use edit::edit;
pub use measure::measure;
pub use pause::pause;
pub use recruit::recruit;
pub use resume::resume;
