//! A repeated click or request does nothing twice: the first answer to a key is remembered in the operation's own transaction.

use std::fmt::Display;

use entity::{idempotency_key, ids::IdempotencyKeyId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Code, Problem, Result, Wrong},
    tx::{Tx, taken},
};

/// The longest key that is taken; a UUID has 36 characters.
const LONGEST: usize = 100;

/// What was answered to this key before; none without a key, or when it is new.
pub async fn recall<T: DeserializeOwned>(tx: &Tx, actor: impl Display, operation: &str, key: Option<&str>) -> Result<Option<T>> {
    let Some(key) = read(key)? else { return Ok(None) };
    let found = idempotency_key::Entity::find()
        .filter(idempotency_key::Column::Actor.eq(actor.to_string()))
        .filter(idempotency_key::Column::Operation.eq(operation))
        .filter(idempotency_key::Column::Key.eq(key))
        .one(tx.db())
        .await?;
    Ok(found.map(|row| serde_json::from_value(row.answer)).transpose()?)
}

/// Remembers the answer. Of two requests at once with one key the second is refused, and gets the answer when it tries again.
pub async fn remember<T: Serialize>(tx: &Tx, actor: impl Display, operation: &str, key: Option<&str>, answer: &T) -> Result<()> {
    let Some(key) = read(key)? else { return Ok(()) };
    let row = idempotency_key::ActiveModel {
        id: Set(tx.id::<IdempotencyKeyId>()),
        actor: Set(actor.to_string()),
        operation: Set(operation.to_owned()),
        key: Set(key.to_owned()),
        answer: Set(serde_json::to_value(answer)?),
        created_at: Set(tx.now),
    };
    let again = || Problem::new("idempotency_key", Wrong::new(Code::AlreadyDone, "base.problem.in_hand")).into();
    taken(row.insert(tx.db()).await, again)?;
    Ok(())
}

fn read(key: Option<&str>) -> Result<Option<&str>> {
    match key.map(str::trim).filter(|key| !key.is_empty()) {
        Some(key) if key.len() > LONGEST => Err(Problem::new(
            "idempotency_key",
            Wrong::new(Code::TooLong, "base.problem.too_long").with("most", LONGEST).with("n", key.chars().count()),
        )
        .into()),
        Some(key) if key.chars().any(char::is_control) => {
            Err(Problem::new("idempotency_key", Wrong::new(Code::Invalid, "base.problem.control")).into())
        }
        key => Ok(key),
    }
}
