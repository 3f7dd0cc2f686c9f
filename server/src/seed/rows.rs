//! Rows on their way to the database: gathered table by table, written with few statements in one transaction.

use std::collections::BTreeMap;

use crate::{
    app::App,
    error::Result,
    tx::{Tx, insert_all},
};

/// How many rows one transaction takes, more or less.
pub(super) const MOST: usize = 4_000;

macro_rules! tables {
    ($($table:ident = $module:ident,)*) => {
        /// Rows of every table that is filled, in the order in which one names another.
        #[derive(Default)]
        pub(super) struct Rows {
            $(pub(super) $table: Vec<entity::$module::ActiveModel>,)*
        }

        impl Rows {
            /// How many rows wait.
            pub(super) fn len(&self) -> usize {
                0 $(+ self.$table.len())*
            }

            fn counts(&self) -> [(&'static str, usize); [$(stringify!($table)),*].len()] {
                [$((stringify!($table), self.$table.len())),*]
            }

            async fn insert(self, tx: &Tx) -> Result<()> {
                $(insert_all::<entity::$module::Entity, _>(tx.db(), self.$table).await?;)*
                Ok(())
            }
        }
    };
}

tables! {
    users = user,
    organizations = organization,
    memberships = membership,
    brands = brand,
    api_tokens = api_token,
    creators = creator,
    network_accounts = network_account,
    network_links = network_link,
    account_snapshots = account_snapshot,
    posts = post,
    portfolio_items = portfolio_item,
    offerings = offering,
    campaigns = campaign,
    briefs = brief,
    participations = participation,
    brief_acks = brief_ack,
    batches = batch,
    invitations = invitation,
    invitation_tokens = invitation_token,
    threads = thread,
    messages = message,
    thread_reads = thread_read,
    events = event,
}

/// Writes rows as they come, and counts them.
pub(super) struct Writer<'a> {
    app: &'a App,
    waiting: Rows,
    pub(super) written: BTreeMap<&'static str, u64>,
    progress: &'a mut dyn FnMut(u64),
}

impl<'a> Writer<'a> {
    pub(super) fn new(app: &'a App, progress: &'a mut dyn FnMut(u64)) -> Self {
        Self { app, waiting: Rows::default(), written: BTreeMap::new(), progress }
    }

    /// Where the next rows are put.
    pub(super) fn rows(&mut self) -> &mut Rows {
        &mut self.waiting
    }

    /// Writes if enough has gathered.
    pub(super) async fn turn(&mut self) -> Result<()> {
        if self.waiting.len() >= MOST { self.flush().await } else { Ok(()) }
    }

    /// Writes what waits.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let (all, counts) = (rows.len() as u64, rows.counts());
        let tx = self.app.begin().await?;
        rows.insert(&tx).await?;
        tx.commit().await?;
        for (table, n) in counts {
            *self.written.entry(table).or_default() += n as u64;
        }
        (self.progress)(all);
        Ok(())
    }
}
