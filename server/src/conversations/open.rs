//! A creator has joined: the two may talk from now on.

use entity::{
    ids::{CampaignId, CreatorId, OrgId},
    thread,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::{error::Result, tx::Tx};

/// The conversation of the two about a campaign; opened if there is none.
pub async fn open_in(tx: &Tx, org: OrgId, creator: CreatorId, campaign: CampaignId) -> Result<thread::Model> {
    let found = thread::Entity::find()
        .filter(thread::Column::OrgId.eq(org))
        .filter(thread::Column::CreatorId.eq(creator))
        .filter(thread::Column::CampaignId.eq(campaign))
        .one(tx.db())
        .await?;
    if let Some(found) = found {
        return Ok(found);
    }
    let row =
        thread::Model { id: tx.id(), org_id: org, creator_id: creator, campaign_id: campaign, last_message_at: tx.now, created_at: tx.now };
    Ok(row.into_active_model().reset_all().insert(tx.db()).await?)
}
