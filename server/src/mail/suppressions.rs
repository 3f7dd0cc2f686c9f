//! Addresses that must not be written to: they unsubscribed, or mail to them came back.

use chrono::{DateTime, Utc};
use entity::{
    enums::SuppressionReason,
    ids::{OrgId, SuppressionId},
    suppression,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Set, sea_query::OnConflict};

use crate::error::Result;

/// The scope that stands for every sender.
const ALL: &str = "all";

/// Whether bulk mail from this organisation to this address is refused.
pub async fn stand(db: &impl ConnectionTrait, email: &str, org: Option<OrgId>) -> Result<bool> {
    let scopes = [Some(ALL.to_owned()), org.map(|o| o.to_string())];
    let hits = suppression::Entity::find()
        .filter(suppression::Column::EmailKey.eq(email.to_ascii_lowercase()))
        .filter(suppression::Column::Scope.is_in(scopes.into_iter().flatten()))
        .count(db)
        .await?;
    Ok(hits > 0)
}

/// Which of these addresses refuse bulk mail from this organisation; one statement for any number.
pub async fn among(db: &impl ConnectionTrait, keys: &[String], org: OrgId) -> Result<Vec<suppression::Model>> {
    let mut found = Vec::new();
    for chunk in keys.chunks(500) {
        found.extend(
            suppression::Entity::find()
                .filter(suppression::Column::EmailKey.is_in(chunk.iter().cloned()))
                .filter(suppression::Column::Scope.is_in([ALL.to_owned(), org.to_string()]))
                .all(db)
                .await?,
        );
    }
    Ok(found)
}

/// Writes an address down; twice is once.
pub async fn add(
    db: &impl ConnectionTrait,
    id: SuppressionId,
    email: &str,
    org: Option<OrgId>,
    reason: SuppressionReason,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = suppression::ActiveModel {
        id: Set(id),
        email_key: Set(email.to_ascii_lowercase()),
        scope: Set(org.map_or_else(|| ALL.to_owned(), |o| o.to_string())),
        reason: Set(reason),
        detail: Set(detail.chars().take(200).collect()),
        created_at: Set(now),
    };
    suppression::Entity::insert(row)
        .on_conflict(OnConflict::columns([suppression::Column::EmailKey, suppression::Column::Scope]).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}
