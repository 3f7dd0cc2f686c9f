//! What insights do by themselves: score a creator some seconds after something of theirs was read, and everybody each night in batches.

use entity::{creator, ids::CreatorId, sync_task};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::{peers, score};
use crate::{
    app::App,
    error::Result,
    jobs::{Handler, queue::Job},
    networks::sync::READ,
};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] = &[
    Handler { kind: READ, work: |app, payload| Box::pin(async move { one(&app, serde_json::from_value(payload)?).await }), every: None },
    Handler { kind: "insights.nightly", work: |app, _| Box::pin(async move { nightly(&app).await }), every: Some(24 * 3600) },
    Handler { kind: BATCH, work: |app, payload| Box::pin(async move { batch(&app, serde_json::from_value(payload)?).await }), every: None },
    Handler { kind: PEERS, work: |app, _| Box::pin(async move { peers::gather(&app).await }), every: None },
];

const BATCH: &str = "insights.batch";
const PEERS: &str = "insights.peers";

/// Creators of one batch: a job that lives for seconds.
const SIZE: u64 = 50;

/// Where a batch begins: after this creator.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct From {
    after: Option<CreatorId>,
}

/// The work of scoring one creator; at most one waits.
pub(super) fn of(creator: CreatorId) -> Job {
    Job::new(READ, creator).unique(format!("{READ}:{creator}"))
}

/// The work of scoring everybody, batch after batch; at most one waits to begin.
pub(super) fn everybody() -> Job {
    Job::new(BATCH, From { after: None }).unique(format!("{BATCH}:"))
}

async fn one(app: &App, creator: CreatorId) -> Result<()> {
    // What is read while we compute could not queue a second job beside this one.
    for _ in 0..3 {
        let began = app.clock.now();
        score(app, &[creator]).await?;
        let newer = sync_task::Entity::find()
            .filter(sync_task::Column::CreatorId.eq(creator))
            .filter(sync_task::Column::LastOkAt.gt(began))
            .count(app.db())
            .await?;
        if newer == 0 {
            break;
        }
    }
    Ok(())
}

async fn nightly(app: &App) -> Result<()> {
    go_on(app, From { after: None }).await
}

async fn go_on(app: &App, from: From) -> Result<()> {
    let key = from.after.map(|id| id.to_string()).unwrap_or_default();
    let tx = app.begin().await?;
    tx.job(Job::new(BATCH, from).unique(format!("{BATCH}:{key}"))).await?;
    tx.commit().await
}

async fn batch(app: &App, from: From) -> Result<()> {
    let mut query = creator::Entity::find().select_only().column(creator::Column::Id).order_by_asc(creator::Column::Id).limit(SIZE);
    if let Some(after) = from.after {
        query = query.filter(creator::Column::Id.gt(after));
    }
    let ids: Vec<CreatorId> = query.into_tuple().all(app.db()).await?;
    if ids.is_empty() {
        let tx = app.begin().await?;
        tx.job(Job::new(PEERS, serde_json::json!({})).unique(PEERS)).await?;
        return tx.commit().await;
    }
    score(app, &ids).await?;
    go_on(app, From { after: ids.last().copied() }).await
}
