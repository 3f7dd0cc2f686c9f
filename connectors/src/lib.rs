//! Clients of the social networks: one trait, one folder a network. Knows nothing of the server.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`network`] | which networks there are, and what a handle looks like on each |
//! | [`connector`] | the trait that every network implements; grants, accounts, profiles |
//! | [`capability`] | what a login can give, and on which conditions |
//! | [`content`] | media, stories, comments, mentions, searches |
//! | [`insights`] | figures with their source, and demographics |
//! | [`webhook`] | what networks send by themselves: signatures and events |
//! | [`limits`] | how the networks' limits stand |
//! | [`registry`] | the networks that this installation has settings for |
//! | [`settings`] | where a network lives and who we are there |
//! | [`error`] | what can go wrong, in the kinds that decide the reaction |
//! | [`metric`] | a figure, or why there is none |
//! | [`http`] | the one way out: time, size and redirects limited; [`guard`] for addresses that others typed; [`memory`] for none at all |
//! | [`oauth`] | OAuth 2: authorize, exchange, refresh, revoke |
//! | [`generic`] | any OAuth 2 server with PKCE and userinfo; our tests' independent peer |
//! | [`meta`] | what Instagram and Facebook share |
//! | [`instagram`] | Instagram by Facebook Login or by its own |
//! | [`facebook`] | Facebook Pages |
//! | [`youtube`] | YouTube's Data and Analytics APIs |
//! | [`x`] | X |
//! | [`tiktok`], [`twitch`], [`pinterest`] | the same of these |
//! | [`bluesky`], [`mastodon`] | what is public there; for Mastodon also login on one server |
//! | [`linkedin`], [`reddit`] | link and profile |
//! | [`owners`] | words that only its owner can put at a place |
//! | [`wire`] | tolerant reading of what networks send |
//!
//! Each network splits `requests` (pure: what to send) and `parse` (pure: what came back) from the transport, so that
//! the same code runs against the real host, a mock server, the sandbox and an in-memory transport.

pub mod bluesky;
pub mod capability;
mod client;
pub mod connector;
pub mod content;
pub mod error;
pub mod facebook;
mod flow;
pub mod generic;
pub mod guard;
pub mod http;
pub mod insights;
pub mod instagram;
pub mod limits;
pub mod linkedin;
pub mod mastodon;
pub mod memory;
pub mod meta;
pub mod metric;
pub mod network;
pub mod oauth;
pub mod owners;
pub mod pinterest;
pub mod reddit;
pub mod registry;
pub mod secret;
pub mod settings;
pub mod tiktok;
pub mod twitch;
pub mod webhook;
pub mod wire;
pub mod x;
pub mod youtube;

pub use client::{Asked, counted};
pub use connector::{
    AccountType, AuthCallback, AuthStart, Availability, CallbackQuery, Capability, CapabilitySet, Connector, Flavour, Profile,
    RemoteAccount, RemoteAccounts, TokenSet,
};
pub use content::{Account, Author, Comment, Cursor, Format, Media, MediaRef, Mention, MentionKind, Order, Page, Query, Story, Topic};
pub use error::{Error, ErrorKind, LimitScope, Result};
pub use http::{Http, HttpLimits, Request, Response, Transport};
pub use insights::{Breakdown, Crowd, Demographics, Dimension, Measure, MetricSet, Reading, Share, Slices, Unit, Window};
pub use limits::Limit;
pub use memory::Memory;
pub use metric::Metric;
pub use network::{Handle, HandleError, Network};
pub use registry::{Clock, Registry};
pub use secret::Secret;
pub use settings::{Settings, SettingsError};
pub use webhook::{Event, EventKind, RawRequest, RawResponse, WebhookError};
