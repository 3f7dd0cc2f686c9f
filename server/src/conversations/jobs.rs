//! A quarter of an hour later: whoever wants it and has not looked is told by mail that messages wait. Never what they say (K17).

use entity::{
    creator,
    enums::{MembershipStatus, Role, Side, UserStatus},
    ids::MessageId,
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

/// Those of a side who asked to be told.
async fn readers(tx: &Tx, row: &message::Model, side: Side) -> Result<Vec<user::Model>> {
    let ids: Vec<_> = match side {
        Side::Creator => {
            let found = creator::Entity::find_by_id(row.creator_id).one(tx.db()).await?;
            found.and_then(|creator| creator.user_id).into_iter().collect()
        }
        Side::Brand => membership::Entity::find()
            .filter(membership::Column::OrgId.eq(row.org_id))
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
