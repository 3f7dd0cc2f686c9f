//! Creators in GraphQL.

use async_graphql::{ID, Object};
use entity::{creator, ids::CreatorId};

use crate::load_by_id;

/// A creator's profile.
pub struct Creator(pub creator::Model);

#[Object]
impl Creator {
    /// The creator's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that others see.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }
}

load_by_id!(CreatorId, creator);
