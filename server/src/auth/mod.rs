//! Who is calling, and the proof of it. Operations ask for the narrowest actor, so that a wrong caller does not compile.

pub mod actors;
pub mod extract;
pub mod limits;
pub mod passwords;
pub mod reseal;
pub mod sessions;
pub mod tokens;
pub mod vault;
