//! What is read of an account again and again: one row an account and kind of reading.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{Network, SyncKind},
    ids::{AccountId, CreatorId, SyncTaskId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncTaskId,
    pub account_id: AccountId,
    pub creator_id: CreatorId,
    pub network: Network,
    /// Unique with the account.
    pub kind: SyncKind,
    /// None = not planned: done, or stopped.
    pub next_run_at: Option<DateTimeUtc>,
    /// The lower the sooner.
    pub priority: i32,
    /// A worker is at it until then.
    pub lease_until: Option<DateTimeUtc>,
    /// In a row.
    pub failures: i32,
    /// A word for what came of the last turn; empty = there was none.
    pub outcome: String,
    /// For the operator, without secrets.
    pub detail: String,
    pub last_run_at: Option<DateTimeUtc>,
    pub last_ok_at: Option<DateTimeUtc>,
    /// Where the network's list goes on; the network's own text.
    pub cursor: Option<String>,
    /// How much was read so far.
    pub done: i64,
    /// How far back it has come.
    pub reached: Option<DateTimeUtc>,
    /// How far back it goes where it closes a gap; none = the first reading's 90 days.
    pub back_to: Option<DateTimeUtc>,
    /// Rows that the network held back or that could not be read.
    pub left_out: i64,
    /// Whether the network has more than the last turns have read; none = it is not known.
    pub more: Option<bool>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// One that was never tried and is not planned.
    pub fn bare(
        id: SyncTaskId,
        (account_id, creator_id, network): (AccountId, CreatorId, Network),
        kind: SyncKind,
        created_at: DateTimeUtc,
    ) -> Self {
        Self {
            id,
            account_id,
            creator_id,
            network,
            kind,
            next_run_at: None,
            priority: 0,
            lease_until: None,
            failures: 0,
            outcome: String::new(),
            detail: String::new(),
            last_run_at: None,
            last_ok_at: None,
            cursor: None,
            done: 0,
            reached: None,
            back_to: None,
            left_out: 0,
            more: None,
            created_at,
        }
    }
}
