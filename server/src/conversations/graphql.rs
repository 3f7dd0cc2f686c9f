//! Conversations in GraphQL.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ID, Object, dataloader::Loader};
use entity::{
    ids::{CampaignId, CreatorId, OrgId},
    thread,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{error::Error, graph::rows::Rows};

/// A conversation between a brand and a creator.
pub struct Thread(pub thread::Model);

/// A conversation between a brand and a creator.
#[Object]
impl Thread {
    /// The conversation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
}

/// The conversation about one campaign, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThreadOf {
    pub org: OrgId,
    pub creator: CreatorId,
    pub campaign: CampaignId,
}

impl Loader<ThreadOf> for Rows {
    type Value = thread::Model;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[ThreadOf]) -> Result<HashMap<ThreadOf, thread::Model>, Self::Error> {
        let rows = thread::Entity::find()
            .filter(thread::Column::CampaignId.is_in(keys.iter().map(|k| k.campaign)))
            .filter(thread::Column::CreatorId.is_in(keys.iter().map(|k| k.creator)))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(rows.into_iter().map(|row| (ThreadOf { org: row.org_id, creator: row.creator_id, campaign: row.campaign_id }, row)).collect())
    }
}
