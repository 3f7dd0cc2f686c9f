//! Mail: letters are rows written in the transaction that causes them, and delivered by the worker.

pub mod bounce;
pub mod deliver;
pub mod jobs;
pub mod letter;
pub mod page;
pub mod plain;
pub mod retry;
pub mod suppressions;
pub mod transport;
