//! The tables: one file each, id newtypes and enums. No rules, no GraphQL, no HTTP.

pub mod enums;
pub mod ids;
pub mod json;

// accounts
pub mod api_token;
pub mod link_token;
pub mod recovery_code;
pub mod second_factor;
pub mod session;
pub mod user;
// organisations
pub mod brand;
pub mod delegation;
pub mod member_invitation;
pub mod membership;
pub mod organization;
// creators, networks, offerings
pub mod account_snapshot;
pub mod creator;
pub mod network_account;
pub mod network_link;
pub mod oauth_attempt;
pub mod offering;
pub mod portfolio_item;
pub mod upload;
// consents
pub mod consent;
// what is read at networks
pub mod account_metrics;
pub mod audience_snapshot;
pub mod comment;
pub mod hashtag_search;
pub mod hashtag_slot;
pub mod inbound_hook;
pub mod limit_bucket;
pub mod manual_insight;
pub mod mention;
pub mod network_health;
pub mod post;
pub mod post_metrics;
pub mod public_lookup;
pub mod story_archive;
pub mod sync_task;
// what is made of it
pub mod creator_insights;
pub mod creator_topic;
pub mod peer_group;
pub mod reference_table;
pub mod score_page;
pub mod score_snapshot;
// campaigns, participations, briefs, invitations, conversations
pub mod batch;
pub mod brief;
pub mod brief_ack;
pub mod campaign;
pub mod invitation;
pub mod invitation_token;
pub mod message;
pub mod participation;
pub mod suppression;
pub mod thread;
pub mod thread_read;
// activity
pub mod activity_mark;
// webhooks
pub mod webhook;
pub mod webhook_delivery;
// the house
pub mod event;
pub mod event_reader;
pub mod idempotency_key;
pub mod job;
pub mod letter;
pub mod rate_limit;
