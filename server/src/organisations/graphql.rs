//! Organisations in GraphQL.

use async_graphql::{ID, Object};
use entity::{ids::OrgId, organization};

use crate::load_by_id;

/// A brand or an agency.
pub struct Organisation(pub organization::Model);

#[Object]
impl Organisation {
    /// The organisation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

load_by_id!(OrgId, organization);
