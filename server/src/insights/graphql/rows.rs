//! What hangs on creators' insights, batched: one statement a table, however many creators a page has.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use entity::{creator_insights, enums::InsightScope, ids::CreatorId, score_page};

use super::super::queries::{self, Group, Point, Scored};
use crate::{creators::queries::grouped, error::Error, graph::rows::Rows};

/// A creator's latest insights, both scopes, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct InsightsOf(pub CreatorId);

impl Loader<InsightsOf> for Rows {
    type Value = Arc<Vec<creator_insights::Model>>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[InsightsOf]) -> Result<HashMap<InsightsOf, Self::Value>, Self::Error> {
        let ids: Vec<CreatorId> = keys.iter().map(|key| key.0).collect();
        let rows = queries::rows_of(self.app.db(), &ids).await.map_err(Arc::new)?;
        Ok(grouped(rows, |row| row.creator_id).into_iter().map(|(id, rows)| (InsightsOf(id), Arc::new(rows))).collect())
    }
}

/// The last score of a creator in a scope, up to a day, as a loader's key. A query asks for few days, whatever the number of creators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScoredOf(pub CreatorId, pub InsightScope, pub Option<NaiveDate>);

impl Loader<ScoredOf> for Rows {
    type Value = Arc<Scored>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[ScoredOf]) -> Result<HashMap<ScoredOf, Self::Value>, Self::Error> {
        let mut days: Vec<Option<NaiveDate>> = keys.iter().map(|key| key.2).collect();
        days.sort_unstable();
        days.dedup();
        let mut out = HashMap::new();
        for day in days {
            let ids: Vec<CreatorId> = keys.iter().filter(|key| key.2 == day).map(|key| key.0).collect();
            for row in queries::latest(self.app.db(), &ids, day).await.map_err(Arc::new)? {
                if let Some(scored) = Scored::of(&row) {
                    out.insert(ScoredOf(row.creator_id, row.scope, day), Arc::new(scored));
                }
            }
        }
        Ok(out)
    }
}

/// A creator's scores by day from a day on, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HistoryOf(pub CreatorId, pub InsightScope, pub NaiveDate);

impl Loader<HistoryOf> for Rows {
    type Value = Arc<Vec<Point>>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>, Self::Error> {
        let mut days: Vec<NaiveDate> = keys.iter().map(|key| key.2).collect();
        days.sort_unstable();
        days.dedup();
        let mut out = HashMap::new();
        for day in days {
            let ids: Vec<CreatorId> = keys.iter().filter(|key| key.2 == day).map(|key| key.0).collect();
            for ((id, scope), points) in queries::history(self.app.db(), &ids, day).await.map_err(Arc::new)? {
                out.insert(HistoryOf(id, scope, day), Arc::new(points));
            }
        }
        Ok(out)
    }
}

/// A group of peers, as a loader's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupOf(pub String);

impl Loader<GroupOf> for Rows {
    type Value = Arc<Group>;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[GroupOf]) -> Result<HashMap<GroupOf, Self::Value>, Self::Error> {
        let found = queries::groups(self.app.db(), keys.iter().map(|key| key.0.clone())).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(key, group)| (GroupOf(key), Arc::new(group))).collect())
    }
}

/// A creator's public page, published or not, as a loader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageOf(pub CreatorId);

impl Loader<PageOf> for Rows {
    type Value = score_page::Model;
    type Error = Arc<Error>;
    async fn load(&self, keys: &[PageOf]) -> Result<HashMap<PageOf, Self::Value>, Self::Error> {
        let ids: Vec<CreatorId> = keys.iter().map(|key| key.0).collect();
        let found = queries::pages_of(self.app.db(), &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, page)| (PageOf(id), page)).collect())
    }
}
