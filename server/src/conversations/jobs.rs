//! A quarter of an hour later: whoever wants it and has not looked is told by mail that messages wait. Never what they say (K17).

use entity::{
    creator, delegation,
    enums::{DelegationState, MembershipStatus, Role, Side, UserStatus},
    ids::{MessageId, OrgId},
    membership, message, user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;

use super::{mails, queries, rules};
use crate::{app::App, error::Result, jobs::Handler, tx::Tx};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] = &[Handler {
    kind: "conversations.tell",
    work: |app, payload| Box::pin(async move { tell(&app, serde_json::from_value(payload)?).await }),
    every: None,
}];

#[derive(Deserialize)]
struct Tell {
    message: MessageId,
}

async fn tell(app: &App, about: Tell) -> Result<()> {
    let tx = app.begin().await?;
    let Some(row) = message::Entity::find_by_id(about.message).one(tx.db()).await? else { return Ok(()) };
    let side = rules::other(row.side);
    for reader in readers(&tx, &row, side).await? {
        let oldest = queries::oldest_unread(tx.db(), row.thread_id, reader.id, side).await?;
        if rules::tells(oldest, row.created_at) {
            tx.queue(mails::waiting(&tx, &reader, &row, side).await?).await?;
        }
    }
    tx.commit().await
}

/// The organisation itself, and the agencies that may write for it (L17).
async fn acting_for(tx: &Tx, org: OrgId) -> Result<Vec<OrgId>> {
    let today = tx.now.date_naive();
    let given = delegation::Entity::find()
        .filter(delegation::Column::BrandId.eq(org))
        .filter(delegation::Column::State.eq(DelegationState::Active))
        .filter(delegation::Column::Role.ne(Role::Analyst))
        .all(tx.db())
        .await?;
    let agencies = given.into_iter().filter(|row| row.until.is_none_or(|until| today <= until)).map(|row| row.agency_id);
    Ok(std::iter::once(org).chain(agencies).collect())
}

/// Those of a side who asked to be told.
async fn readers(tx: &Tx, row: &message::Model, side: Side) -> Result<Vec<user::Model>> {
    let ids: Vec<_> = match side {
        Side::Creator => {
            let found = creator::Entity::find_by_id(row.creator_id).one(tx.db()).await?;
            found.and_then(|creator| creator.user_id).into_iter().collect()
        }
        Side::Brand => membership::Entity::find()
            .filter(membership::Column::OrgId.is_in(acting_for(tx, row.org_id).await?))
            .filter(membership::Column::Status.eq(MembershipStatus::Active))
            .filter(membership::Column::Role.ne(Role::Analyst))
            .all(tx.db())
            .await?
            .into_iter()
            .map(|place| place.user_id)
            .collect(),
    };
    Ok(user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .filter(user::Column::ChatMail.eq(true))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .all(tx.db())
        .await?)
}
