//! Every connector against the sandbox: from consent to figures, the states of people, how grants end, hostile answers.
#![expect(clippy::unwrap_used, reason = "tests")]

mod artefacts;
mod bluesky;
mod facebook;
mod instagram;
mod kept;
mod mastodon;
mod pinterest;
mod promises;
mod small;
mod stage;
mod tiktok;
mod twitch;
mod words;
mod x;
mod youtube;
