//! The claims, one line each.

mod models;
mod v1;
mod v2;
pub mod v4;
mod v5;
mod v9;
mod v10;
mod v11;

use std::path::Path;

use influence::Params;

use crate::report::Outcome;

/// What a check is given.
pub struct Given<'a> {
    /// The folder of the data.
    pub data: &'a Path,
    /// Where V6 to V8 learn from other sources: the same folder, unless another was named.
    pub learn: &'a Path,
    /// The parameters: the shipped ones, unless others were named.
    pub params: &'a Params,
    /// Resamples of an interval.
    pub draws: usize,
    /// The seed of all that is drawn.
    pub seed: u64,
}

/// A check.
pub type Check = fn(&Given) -> anyhow::Result<Outcome>;

/// Every claim that can be tested on data; V12 has no public data.
pub const CHECKS: &[(&str, &str, Check)] = &[
    ("V1", "The score agrees with people who judged pairs", v1::people),
    ("V2", "The score predicts who spreads information", v2::spread),
    ("V3", "Higher scores spread more, decile by decile", v2::deciles),
    ("V4", "True Reach is told from visible counters", v4::reach),
    ("V5", "The score is about the future", v5::future),
    ("V6", "Fake accounts are told, and counted, in a source not learnt from", models::accounts),
    ("V7", "Spam is told under a video, and on a network, not learnt from", models::comments),
    ("V8", "An entity's topics are told", models::topics),
    ("V9", "The four published seeds (calibration, not evidence)", v9::seeds),
    ("V10", "The laws hold on generated creators", v10::laws),
    ("V11", "Campaign lift covers the truth and claims nothing out of nothing", v11::lift),
];
