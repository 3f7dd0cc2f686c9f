//! A creator wants the figures now.

use chrono::Duration;
use entity::{enums::SyncKind, ids::NetworkLinkId, network_link, sync_task};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::rules::priority;
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result},
    networks::{queries, rules},
};

/// How long after a reading the next one tells nothing new.
const PAUSE: Duration = Duration::minutes(10);

/// What a person waits for; the rest comes in its own time.
const KINDS: [SyncKind; 4] = [SyncKind::Profile, SyncKind::Posts, SyncKind::PostFigures, SyncKind::Insights];

/// Has an account read again, before everything that nobody waits for.
pub async fn refresh(app: &App, by: &Creator, id: NetworkLinkId) -> Result<network_link::Model> {
    let tx = app.begin().await?;
    let link = queries::link_for_update(&tx, by, id).await?;
    let account = queries::account_of(tx.db(), &link).await?;
    if rules::access(&account, &link).is_none() {
        return Err(Problem::whole(Code::WrongState, "networks.problem.unlinked").into());
    }
    let moved = sync_task::Entity::update_many()
        .col_expr(sync_task::Column::NextRunAt, Expr::value(tx.now))
        .col_expr(sync_task::Column::Priority, Expr::value(priority::WAITING))
        .filter(sync_task::Column::AccountId.eq(link.account_id))
        .filter(sync_task::Column::Kind.is_in(KINDS))
        .filter(sync_task::Column::NextRunAt.is_not_null())
        // What the network has put off stays put off.
        .filter(sync_task::Column::Failures.eq(0))
        .filter(Expr::col(sync_task::Column::LastOkAt).is_null().or(Expr::col(sync_task::Column::LastOkAt).lt(tx.now - PAUSE)))
        .exec(tx.db())
        .await?;
    if moved.rows_affected == 0 {
        return Err(Problem::whole(Code::AlreadyDone, "networks.problem.fresh").into());
    }
    tx.commit().await?;
    Ok(link)
}
