//! What other slices do to participations inside their own transactions.

use std::collections::HashMap;

use entity::{
    campaign,
    enums::{ParticipationSource, ParticipationState},
    ids::CreatorId,
    participation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use super::rules::{self, Move};
use crate::{
    error::Result,
    tx::{Tx, insert_all},
};

/// The participations of these creators in a campaign, locked; who had none is put on the shortlist. Few statements for any number.
pub async fn shortlist_in(tx: &Tx, campaign: &campaign::Model, creators: &[CreatorId]) -> Result<HashMap<CreatorId, participation::Model>> {
    let mut found = HashMap::new();
    for chunk in creators.chunks(500) {
        let rows = participation::Entity::find()
            .filter(participation::Column::CampaignId.eq(campaign.id))
            .filter(participation::Column::CreatorId.is_in(chunk.iter().copied()))
            .lock(LockType::Update)
            .all(tx.db())
            .await?;
        found.extend(rows.into_iter().map(|row| (row.creator_id, row)));
    }
    let fresh: Vec<participation::Model> = creators
        .iter()
        .filter(|id| !found.contains_key(id))
        .map(|creator| participation::Model {
            id: tx.id(),
            org_id: campaign.org_id,
            campaign_id: campaign.id,
            creator_id: *creator,
            source: ParticipationSource::Invited,
            state: ParticipationState::Shortlisted,
            reason: String::new(),
            joined_at: None,
            created_at: tx.now,
            updated_at: tx.now,
        })
        .collect();
    let rows = fresh.iter().cloned().map(|row| row.into_active_model().reset_all()).collect();
    insert_all::<participation::Entity, participation::ActiveModel>(tx.db(), rows).await?;
    found.extend(fresh.into_iter().map(|row| (row.creator_id, row)));
    Ok(found)
}

/// One step of the state machine, or a problem that the caller understands.
pub async fn move_in(tx: &Tx, row: participation::Model, step: Move) -> Result<participation::Model> {
    let next = rules::step(row.state, step)?;
    let mut row = row.into_active_model();
    row.state = Set(next);
    row.updated_at = Set(tx.now);
    if next == ParticipationState::Joined {
        row.joined_at = Set(Some(tx.now));
    }
    Ok(row.update(tx.db()).await?)
}
