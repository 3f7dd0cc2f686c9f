//! The score at volume: interactions as JSON Lines or CSV in, scores out. Five stages, each in its own module and each resumable: `ingest` (text →
//! sorted Parquet), `seal` (one sorted file per day and bucket), `aggregate` (daily series with exact caps per actor), `score`, `publish`.

// What everything stands on.
pub mod row;
pub mod store;
pub mod manifest;
pub mod columns;
pub mod progress;

// The stages, in order.
pub mod parse;
pub mod ingest;
pub mod seal;
pub mod lookup;
pub mod crowd;
pub mod tally;
pub mod aggregate;
pub mod score;
pub mod snapshots;
pub mod publish;
pub mod run;

// Input to measure with, and the measuring.
pub mod generate;
pub mod bench;

#[cfg(feature = "ballista")]
pub mod cluster;
