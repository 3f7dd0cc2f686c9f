//! Briefs in GraphQL.

use async_graphql::{ID, Object};
use entity::brief;

/// A version of a campaign's brief.
pub struct Brief(pub brief::Model);

#[Object]
impl Brief {
    /// The version's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its number, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }
}
