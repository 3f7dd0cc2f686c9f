//! How much there is of organisations, for admins; one reading for a whole list.

use std::{collections::HashMap, sync::Arc};

use async_graphql::SimpleObject;
use entity::ids::OrgId;

use crate::{
    admin,
    error::Error,
    graph::{rows::Rows, scalars::Long},
};

/// How much there is of an organisation.
#[derive(Clone, SimpleObject)]
pub struct OrganisationCounts {
    /// Members who may act.
    members: Long,
    /// Campaigns in any state.
    campaigns: Long,
    /// Creators who are or were in one of them, each counted once a campaign.
    joined: Long,
}

/// The key of [`OrganisationCounts`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct CountsOf(pub(super) OrgId);

impl async_graphql::dataloader::Loader<CountsOf> for Rows {
    type Value = OrganisationCounts;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[CountsOf]) -> Result<HashMap<CountsOf, OrganisationCounts>, Arc<Error>> {
        let ids: Vec<OrgId> = keys.iter().map(|key| key.0).collect();
        let all = admin::queries::organisations::counts(self.app.db(), &ids).await.map_err(Arc::new)?;
        let made = |(id, n): (OrgId, admin::queries::organisations::Counts)| {
            (CountsOf(id), OrganisationCounts { members: Long(n.members), campaigns: Long(n.campaigns), joined: Long(n.joined) })
        };
        Ok(all.into_iter().map(made).collect())
    }
}
