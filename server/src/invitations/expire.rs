//! Invitations whose answer-by instant has passed.

use entity::{enums::InvitationState, invitation};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{LockBehavior, LockType},
};

use super::{rules, withdraw::back_to_short_list};
use crate::{app::App, error::Result, events::Event};

/// How many are done in one transaction.
const BATCH: u64 = 100;

/// Marks what has run out, batch by batch. The links keep explaining themselves.
pub async fn expire(app: &App) -> Result<()> {
    loop {
        let tx = app.begin().await?;
        let over = invitation::Entity::find()
            .filter(invitation::Column::State.is_in(rules::WAITING.iter().copied()))
            .filter(invitation::Column::ExpiresAt.lte(tx.now))
            .order_by_asc(invitation::Column::ExpiresAt)
            .limit(BATCH)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(tx.db())
            .await?;
        let more = over.len() as u64 == BATCH;
        for found in over {
            back_to_short_list(&tx, &found).await?;
            let (id, org, creator) = (found.id, found.org_id, found.creator_id);
            let mut row = found.into_active_model();
            row.state = Set(InvitationState::Expired);
            row.update(tx.db()).await?;
            tx.record(Event::new("invitation.expired", id).org(org).creator(creator)).await?;
        }
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}
