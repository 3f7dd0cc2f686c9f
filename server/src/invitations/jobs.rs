//! What invitations do by themselves: run out.

use crate::jobs::Handler;

/// The jobs of this slice.
pub const HANDLERS: &[Handler] =
    &[Handler { kind: "invitations.expire", work: |app, _| Box::pin(async move { super::expire(&app).await }), every: Some(300) }];
