//! The database's history: one file a change, names state the change. A change that has landed is never edited.

use sea_orm_migration::prelude::*;

mod columns;
mod m0001_house;
mod m0002_accounts;
mod m0003_organisations;
mod m0004_creators;
mod m0005_campaigns;
mod m0006_network_pictures;
mod m0007_suspensions;
mod m0008_second_factors;
mod m0009_audiences;
mod m0010_webhooks;
mod m0011_asked_once;
mod m0012_activity;
mod m0013_consents;
mod m0014_sync;
mod m0015_posts;
mod m0016_voices;
mod m0017_story_archives;
mod m0018_manual_insights;
mod m0019_inbound_hooks;
mod m0020_hashtags;
mod m0025_insights;
mod m0026_reference_tables;
mod m0030_proofs;
mod m0031_ownership;
mod m0032_newest_posts;
mod m0033_gaps;
mod m0034_hosts_and_comments;
mod m0037_creator_topics;
mod m0038_mailing_words;
mod m0039_ways_to_rows;

/// Applies every change that a database has not seen yet.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_house::Migration),
            Box::new(m0002_accounts::Migration),
            Box::new(m0003_organisations::Migration),
            Box::new(m0004_creators::Migration),
            Box::new(m0005_campaigns::Migration),
            Box::new(m0006_network_pictures::Migration),
            Box::new(m0007_suspensions::Migration),
            Box::new(m0008_second_factors::Migration),
            Box::new(m0009_audiences::Migration),
            Box::new(m0010_webhooks::Migration),
            Box::new(m0011_asked_once::Migration),
            Box::new(m0012_activity::Migration),
            Box::new(m0013_consents::Migration),
            Box::new(m0014_sync::Migration),
            Box::new(m0015_posts::Migration),
            Box::new(m0016_voices::Migration),
            Box::new(m0017_story_archives::Migration),
            Box::new(m0018_manual_insights::Migration),
            Box::new(m0019_inbound_hooks::Migration),
            Box::new(m0020_hashtags::Migration),
            Box::new(m0025_insights::Migration),
            Box::new(m0026_reference_tables::Migration),
            Box::new(m0030_proofs::Migration),
            Box::new(m0031_ownership::Migration),
            Box::new(m0032_newest_posts::Migration),
            Box::new(m0033_gaps::Migration),
            Box::new(m0034_hosts_and_comments::Migration),
            Box::new(m0037_creator_topics::Migration),
            Box::new(m0038_mailing_words::Migration),
            Box::new(m0039_ways_to_rows::Migration),
        ]
    }
}
