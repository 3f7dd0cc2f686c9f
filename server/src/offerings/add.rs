//! A creator says what they would do, and for which fee (K34).

use entity::{creator, offering};
use sea_orm::{ActiveModelTrait, EntityTrait, QuerySelect, Set, sea_query::LockType};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// Adds a price line.
pub async fn add(app: &App, by: &Creator, typed: &Typed) -> Result<offering::Model> {
    let line = rules::line(typed)?;
    let tx = app.begin().await?;
    room(&tx, by).await?;
    let row = offering::ActiveModel {
        id: Set(tx.id()),
        creator_id: Set(by.id()),
        network: Set(line.work.network),
        format: Set(line.work.format),
        price_minor: Set(line.price.minor),
        currency: Set(line.price.currency.code().to_owned()),
        note: Set(line.note),
        deleted_at: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.record(Event::new("offering.added", row.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(row)
}

/// Whether there is room for one more.
pub(super) async fn room(tx: &Tx, by: &Creator) -> Result<()> {
    // The profile's row is the lock: two adds at once count one after the other.
    creator::Entity::find_by_id(by.id()).lock(LockType::Update).one(tx.db()).await?;
    if queries::own(tx.db(), by).await?.len() < rules::MOST {
        Ok(())
    } else {
        Err(Problem::new("", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", rules::MOST)).into())
    }
}
