//! What hangs on conversations, batched: one statement a table, however many a page has.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use entity::{
    enums::Side,
    ids::{CampaignId, CreatorId, OrgId, ThreadId, UserId},
    message, thread,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::super::queries;
use crate::{
    error::Error,
    graph::rows::{Row, Rows},
};

/// The conversation about one campaign, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThreadOf {
    pub org: OrgId,
    pub creator: CreatorId,
    pub campaign: CampaignId,
}

/// The newest message of a conversation, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LastOf(pub ThreadId);

/// How much of a conversation somebody has not seen, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UnreadOf {
    pub thread: ThreadId,
    pub reader: UserId,
    pub side: Side,
}

/// The name that a person writes under for a side, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NameOf(pub UserId, pub Side);

impl Loader<ThreadOf> for Rows {
    type Value = Row<thread::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[ThreadOf]) -> Result<HashMap<ThreadOf, Self::Value>, Self::Error> {
        let rows = thread::Entity::find()
            .filter(thread::Column::CampaignId.is_in(keys.iter().map(|k| k.campaign)))
            .filter(thread::Column::CreatorId.is_in(keys.iter().map(|k| k.creator)))
            .all(self.app.db())
            .await
            .map_err(|e| Arc::new(e.into()))?;
        Ok(Row::each(rows).map(|row| (ThreadOf { org: row.org_id, creator: row.creator_id, campaign: row.campaign_id }, row)).collect())
    }
}

impl Loader<LastOf> for Rows {
    type Value = Row<message::Model>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[LastOf]) -> Result<HashMap<LastOf, Self::Value>, Self::Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = queries::last_messages(self.app.db(), &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(thread, row)| (LastOf(thread), row.into())).collect())
    }
}

impl Loader<UnreadOf> for Rows {
    type Value = i64;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[UnreadOf]) -> Result<HashMap<UnreadOf, i64>, Self::Error> {
        // One caller reads with one pair of eyes.
        let Some(UnreadOf { reader, side, .. }) = keys.first().copied() else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.thread).collect();
        let found = queries::unread_counts(self.app.db(), &ids, reader, side).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(thread, count)| (UnreadOf { thread, reader, side }, count)).collect())
    }
}

impl Loader<NameOf> for Rows {
    type Value = String;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[NameOf]) -> Result<HashMap<NameOf, String>, Self::Error> {
        let found = queries::names(self.app.db(), keys.iter().map(|key| key.0)).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|((user, side), name)| (NameOf(user, side), name)).collect())
    }
}
