//! Reads of the second factor.

use entity::{enums::FactorKind, ids::UserId, recovery_code, second_factor};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::{auth::actors::Person, error::Result};

/// The person's factors, the oldest first.
pub async fn second_factors(db: &impl ConnectionTrait, by: &Person) -> Result<Vec<second_factor::Model>> {
    confirmed(db, by.id(), None).await
}

/// How many recovery codes are unused.
pub async fn recovery_codes_left(db: &impl ConnectionTrait, by: &Person) -> Result<u64> {
    codes_left(db, by.id()).await
}

pub(in crate::accounts) async fn codes_left(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    let unused = recovery_code::Column::UsedAt.is_null();
    Ok(recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(user)).filter(unused).count(db).await?)
}

pub(in crate::accounts) async fn confirmed(
    db: &impl ConnectionTrait,
    user: UserId,
    kind: Option<FactorKind>,
) -> Result<Vec<second_factor::Model>> {
    let mut query = second_factor::Entity::find()
        .filter(second_factor::Column::UserId.eq(user))
        .filter(second_factor::Column::ConfirmedAt.is_not_null())
        .order_by_asc(second_factor::Column::Id);
    if let Some(kind) = kind {
        query = query.filter(second_factor::Column::Kind.eq(kind));
    }
    Ok(query.all(db).await?)
}
