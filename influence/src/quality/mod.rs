//! Audience quality and authenticity: which accounts are suspicious, what share of an audience they are, who the fans are, what comments are worth.
//! `docs/science.md`, section 6. Nothing here names a person: the outputs are shares, and a single P(suspicious) is for weighting only.

mod account;
mod audience;
mod authenticity;
mod comments;
mod markers;
mod pods;
mod share;
mod spam;

pub use account::{Account, Example as AccountExample, FEATURES as ACCOUNT_FEATURES, Model as AccountModel, Reason, TRANSFER};
pub use audience::{Acted, AudienceType, Fan, FanWindow, audience_type, fan};
pub use authenticity::{Grade, Parts, Quality, plausibility, quality};
pub use comments::{Class, Comment, Judged, Thread, classify, comment_score};
pub use markers::{MARKERS, markers, plain, plain_under};
pub use pods::{PodSigns, Suspicion, overlap, suspicion};
pub use share::{Counted, Share, share};
pub use spam::{Example as CommentExample, Model as SpamModel};
