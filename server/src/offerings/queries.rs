//! Reads of price lines by their creator. What brands see comes with the creator's profile.

use entity::{ids::OfferingId, offering};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::LockType};

use crate::{
    auth::actors::Creator,
    error::{Error, Result},
    tx::Tx,
};

/// The creator's own live lines, the oldest first.
pub async fn own(db: &impl ConnectionTrait, by: &Creator) -> Result<Vec<offering::Model>> {
    Ok(offering::Entity::find()
        .filter(offering::Column::CreatorId.eq(by.id()))
        .filter(offering::Column::DeletedAt.is_null())
        .order_by_asc(offering::Column::Id)
        .all(db)
        .await?)
}

/// One of the creator's own lines, deleted or not.
pub async fn one(db: &impl ConnectionTrait, by: &Creator, id: OfferingId) -> Result<offering::Model> {
    own_lines(by).filter(offering::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The creator's own lines, deleted or not.
pub(super) fn own_lines(by: &Creator) -> Select<offering::Entity> {
    offering::Entity::find().filter(offering::Column::CreatorId.eq(by.id()))
}

/// Live lines of anybody's. Whoever asks must be allowed to see their creator.
pub(super) fn shown() -> Select<offering::Entity> {
    offering::Entity::find().filter(offering::Column::DeletedAt.is_null())
}

pub(super) async fn one_for_update(tx: &Tx, by: &Creator, id: OfferingId) -> Result<offering::Model> {
    offering::Entity::find_by_id(id)
        .filter(offering::Column::CreatorId.eq(by.id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)
}
