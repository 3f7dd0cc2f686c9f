//! What activity does by itself: mails that sum up what was not seen.

use super::digest;
use crate::jobs::Handler;

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "activity.digest", work: |app, _| Box::pin(async move { digest::send(&app).await }), every: Some(600) }];
