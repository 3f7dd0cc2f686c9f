//! How large a picture may be that somebody sends.

use crate::error::{Code, Wrong};

/// The most bytes of a picture as it is sent.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// What is said of too many bytes, also before all of them have come.
pub fn too_large() -> Wrong {
    Wrong::new(Code::TooLong, "creators.problem.picture_large").with("most", MOST_BYTES / (1024 * 1024))
}
