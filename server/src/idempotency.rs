//! A repeated click or request does nothing twice: the first answer to a key is remembered in the operation's own transaction.

use std::fmt::Display;

use chrono::Duration;
use entity::{idempotency_key, ids::IdempotencyKeyId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    error::{Code, Problem, Result, Wrong},
    tx::{Tx, taken},
};

/// The longest key that is taken; a UUID has 36 characters.
const LONGEST: usize = 100;

/// How long a key is remembered.
const KEPT: Duration = Duration::days(30);

/// One request under a key: who asks for what.
#[derive(Debug)]
pub struct Once {
    actor: String,
    operation: String,
    key: Option<String>,
    asked: String,
}

impl Once {
    /// `asked` is all that was typed, so that the same key with something else is noticed.
    pub fn new(actor: impl Display, operation: &str, key: Option<&str>, asked: &impl Serialize) -> Result<Self> {
        let asked = hex::encode(Sha256::digest(serde_json::to_vec(asked)?));
        Ok(Self { actor: actor.to_string(), operation: operation.to_owned(), key: read(key)?.map(str::to_owned), asked })
    }
}

/// What was answered to this key before; none without a key, or when it is new.
pub async fn recall<T: DeserializeOwned>(tx: &Tx, once: &Once) -> Result<Option<T>> {
    let Some(key) = &once.key else { return Ok(None) };
    let found = idempotency_key::Entity::find()
        .filter(idempotency_key::Column::Actor.eq(&once.actor))
        .filter(idempotency_key::Column::Operation.eq(&once.operation))
        .filter(idempotency_key::Column::Key.eq(key))
        .one(tx.db())
        .await?;
    let Some(row) = found else { return Ok(None) };
    if !row.asked.is_empty() && row.asked != once.asked {
        return Err(Problem::new("idempotency_key", Wrong::new(Code::Invalid, "base.problem.other_request")).into());
    }
    Ok(Some(serde_json::from_value(row.answer)?))
}

/// Remembers the answer. Of two requests at once with one key the second is refused, and gets the answer when it tries again.
pub async fn remember<T: Serialize>(tx: &Tx, once: Once, answer: &T) -> Result<()> {
    let Some(key) = once.key else { return Ok(()) };
    let row = idempotency_key::ActiveModel {
        id: Set(tx.id::<IdempotencyKeyId>()),
        actor: Set(once.actor),
        operation: Set(once.operation),
        key: Set(key),
        asked: Set(once.asked),
        answer: Set(serde_json::to_value(answer)?),
        created_at: Set(tx.now),
    };
    let again = || Problem::new("idempotency_key", Wrong::new(Code::AlreadyDone, "base.problem.in_hand")).into();
    taken(row.insert(tx.db()).await, again)?;
    Ok(())
}

/// Forgets old keys.
pub async fn forget(app: &App) -> Result<()> {
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::CreatedAt.lt(app.clock.now() - KEPT)).exec(app.db()).await?;
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
