//! What waits, was sent or failed: letters with envelope and error, never their text; addresses that are not written to; jobs.

use entity::{
    enums::{JobState, LetterState, SuppressionReason},
    job, letter, suppression,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    auth::actors::Admin,
    base::{
        paging::{Page, Slice},
        text::contains,
    },
    error::Result,
};

/// All of them.
pub fn all<E: EntityTrait>(_: &Admin) -> Select<E> {
    E::find()
}

/// Letters in a state, or of any, with this text in the address or the subject.
pub async fn letters(
    db: &impl ConnectionTrait,
    _: &Admin,
    state: Option<LetterState>,
    text: &str,
    slice: Slice,
) -> Result<Page<letter::Model>> {
    let mut query = letter::Entity::find();
    if let Some(state) = state {
        query = query.filter(letter::Column::State.eq(state));
    }
    let text = text.trim().to_lowercase();
    if !text.is_empty() {
        let within = |column| Expr::expr(Func::lower(Expr::col(column))).like(contains(&text));
        query = query.filter(Condition::any().add(within(letter::Column::ToEmail)).add(within(letter::Column::Subject)));
    }
    slice.newest(db, query, letter::Column::Id, |row| row.id).await
}

/// Addresses that are not written to, by reason, with this text in the address.
pub async fn suppressions(
    db: &impl ConnectionTrait,
    _: &Admin,
    reason: Option<SuppressionReason>,
    text: &str,
    slice: Slice,
) -> Result<Page<suppression::Model>> {
    let mut query = suppression::Entity::find();
    if let Some(reason) = reason {
        query = query.filter(suppression::Column::Reason.eq(reason));
    }
    let text = text.trim().to_lowercase();
    if !text.is_empty() {
        query = query.filter(Expr::col(suppression::Column::EmailKey).like(contains(&text)));
    }
    slice.newest(db, query, suppression::Column::Id, |row| row.id).await
}

/// Jobs in a state, or of any.
pub async fn jobs(db: &impl ConnectionTrait, _: &Admin, state: Option<JobState>, slice: Slice) -> Result<Page<job::Model>> {
    let mut query = job::Entity::find();
    if let Some(state) = state {
        query = query.filter(job::Column::State.eq(state));
    }
    slice.newest(db, query, job::Column::Id, |row| row.id).await
}
