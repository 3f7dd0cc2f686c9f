//! The portal's pages of organisations.

use crate::web::routes::Routes;

/// The routes of this slice.
pub fn routes(_: &mut Routes<'_>) {}
