//! Campaigns in GraphQL.

use async_graphql::{ID, Object};
use entity::{campaign, ids::CampaignId};

use crate::load_by_id;

/// A campaign, with all that its brand knows.
pub struct Campaign(pub campaign::Model);

#[Object]
impl Campaign {
    /// The campaign's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

load_by_id!(CampaignId, campaign);
