//! What waits, was sent or failed: letters with envelope and error, never their text; addresses that are not written to; jobs.

use entity::{
    enums::{JobState, LetterState, SuppressionReason},
    ids::LetterId,
    job, letter, organization, suppression, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    auth::actors::Admin,
    base::{
        paging::{Page, Slice},
        text::{Email, contains},
    },
    error::{Error, Result},
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

/// One letter.
pub async fn letter(db: &impl ConnectionTrait, by: &Admin, id: LetterId) -> Result<letter::Model> {
    all::<letter::Entity>(by).filter(letter::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// What stands around a letter.
pub struct Around {
    /// Whoever signs in with its address.
    pub person: Option<user::Model>,
    /// On whose behalf it was written.
    pub org: Option<organization::Model>,
    /// Why the address is not written to any more.
    pub suppressed: Option<SuppressionReason>,
}

/// Reads it.
pub async fn around(db: &impl ConnectionTrait, _: &Admin, letter: &letter::Model) -> Result<Around> {
    let org = match letter.org_id {
        Some(id) => organization::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let key = Email::parse(&letter.to_email).map_or_else(|_| letter.to_email.clone(), |email| email.key);
    let suppressed = suppression::Entity::find().filter(suppression::Column::EmailKey.eq(&key)).one(db).await?;
    let person = user::Entity::find().filter(user::Column::EmailKey.eq(key)).one(db).await?;
    Ok(Around { person, org, suppressed: suppressed.map(|row| row.reason) })
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
