//! What hangs on creators, batched: one statement a table, however many creators a page has.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use entity::{
    ids::{AccountId, CreatorId},
    network_account, network_link, offering, portfolio_item,
};

use super::super::queries;
use crate::{error::Error, graph::rows::Rows, load_by_id};

load_by_id!(CreatorId, creator);
load_by_id!(AccountId, network_account);

macro_rules! of_creator {
    ($($(#[$doc:meta])* $key:ident: $row:ident by $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $key(pub CreatorId);

        impl Loader<$key> for Rows {
            type Value = Arc<Vec<$row::Model>>;
            type Error = Arc<Error>;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Self::Error> {
                let ids: Vec<CreatorId> = keys.iter().map(|key| key.0).collect();
                let rows = $read(self.app.db(), &ids).await.map_err(Arc::new)?;
                Ok(rows.into_iter().map(|(id, rows)| ($key(id), Arc::new(rows))).collect())
            }
        }
    )*};
}

of_creator! {
    /// A creator's accounts, as a loader's key.
    AccountsOf: network_account by queries::accounts_of;
    /// A creator's links that were not revoked, as a loader's key.
    LinksOf: network_link by queries::links_of;
    /// A creator's live price lines, as a loader's key.
    OfferingsOf: offering by queries::offerings_of;
    /// A creator's live past collaborations, as a loader's key.
    PortfolioOf: portfolio_item by queries::portfolio_of;
}

/// How an account's followers changed, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReadingsOf(pub AccountId);

impl Loader<ReadingsOf> for Rows {
    type Value = Vec<queries::Reading>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[ReadingsOf]) -> Result<HashMap<ReadingsOf, Self::Value>, Self::Error> {
        let ids: Vec<AccountId> = keys.iter().map(|key| key.0).collect();
        let rows = queries::readings(self.app.db(), &ids, queries::year(self.app.clock.now())).await.map_err(Arc::new)?;
        Ok(rows.into_iter().map(|(id, days)| (ReadingsOf(id), days)).collect())
    }
}
