//! What hangs on accounts and creators, batched.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::dataloader::Loader;
use entity::{
    account_metrics, audience_snapshot,
    enums::ConsentPurpose,
    ids::{AccountId, CreatorId, OrgId, PostId},
    sync_task,
};

use super::super::sync::{agreed, queries as readings, rules::Agreed};
use crate::{consents, error::Error, graph::rows::Rows, load_by_id};

load_by_id!(PostId, post);

/// Whether a creator shows insights to brands, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SharesOf(pub CreatorId);

impl Loader<SharesOf> for Rows {
    type Value = bool;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[SharesOf]) -> Result<HashMap<SharesOf, bool>, Self::Error> {
        let ids: Vec<CreatorId> = keys.iter().map(|key| key.0).collect();
        let sharing = consents::queries::holds_for(self.app.db(), &ids, ConsentPurpose::InsightShare).await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (*key, sharing.contains(&key.0))).collect())
    }
}

/// What a creator has said yes to, as far as readings rest on it, as a loader's key. Only one's own links are asked for, so that there is
/// one key in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AgreedOf(pub CreatorId);

impl Loader<AgreedOf> for Rows {
    type Value = Agreed;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[AgreedOf]) -> Result<HashMap<AgreedOf, Agreed>, Self::Error> {
        let mut out = HashMap::new();
        for key in keys {
            out.insert(*key, agreed(self.app.db(), key.0).await.map_err(Arc::new)?);
        }
        Ok(out)
    }
}

/// The organisations with which a creator has agreed to keep stories, as a loader's key. One creator's stories are asked for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoriesWith(pub CreatorId);

impl Loader<StoriesWith> for Rows {
    type Value = Arc<HashSet<OrgId>>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[StoriesWith]) -> Result<HashMap<StoriesWith, Self::Value>, Self::Error> {
        let mut out = HashMap::new();
        for key in keys {
            let agreed = consents::queries::agreed(self.app.db(), key.0, ConsentPurpose::StoryArchive).await.map_err(Arc::new)?;
            out.insert(*key, Arc::new(agreed));
        }
        Ok(out)
    }
}

macro_rules! of_account {
    ($($(#[$doc:meta])* $key:ident: $row:ty, by $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $key(pub AccountId);

        impl Loader<$key> for Rows {
            type Value = Arc<Vec<$row>>;
            type Error = Arc<Error>;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Self::Error> {
                let ids: Vec<AccountId> = keys.iter().map(|key| key.0).collect();
                let rows = $read(self.app.db(), &ids).await.map_err(Arc::new)?;
                Ok(rows.into_iter().map(|(id, rows)| ($key(id), Arc::new(rows))).collect())
            }
        }
    )*};
}

of_account! {
    /// The latest word on an account's audience, as a loader's key.
    AudienceOf: audience_snapshot::Model, by readings::audience;
    /// The latest figures of an account over each window, as a loader's key.
    InsightsOf: account_metrics::Model, by readings::insights;
    /// An account's newest publications, as a loader's key.
    NewestOf: readings::Headline, by readings::newest;
    /// An account's readings, as a loader's key.
    TasksOf: sync_task::Model, by readings::tasks;
}
