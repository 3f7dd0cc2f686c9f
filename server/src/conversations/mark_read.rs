//! A person has seen what was said so far.

use chrono::{DateTime, Utc};
use entity::{
    ids::{ThreadId, UserId},
    thread, thread_read,
};
use sea_orm::{
    EntityTrait, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{app::App, auth::actors::Person, error::Result, tx::Tx};

/// Notes that all of a thread was seen. The caller has found the thread through an actor, and the person is that actor's.
pub async fn mark_read(app: &App, by: &Person, thread: &thread::Model) -> Result<()> {
    let tx = app.begin().await?;
    read_to(&tx, thread.id, by.id(), thread.last_message_at).await?;
    tx.commit().await
}

/// As part of another operation. What was seen later stays seen.
pub(super) async fn read_to(tx: &Tx, thread: ThreadId, user: UserId, at: DateTime<Utc>) -> Result<()> {
    let row = thread_read::ActiveModel { id: Set(tx.id()), thread_id: Set(thread), user_id: Set(user), read_at: Set(at) };
    let known = || Expr::col((thread_read::Entity, thread_read::Column::ReadAt));
    let mut again = OnConflict::columns([thread_read::Column::ThreadId, thread_read::Column::UserId]);
    again.value(thread_read::Column::ReadAt, at).action_and_where(known().lt(at));
    thread_read::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db()).await?;
    Ok(())
}
