//! What networks do by themselves: renew tokens, read figures daily, tell networks of unlinked accounts, forget what has run out.

use chrono::Duration;
use entity::{
    enums::{LinkMethod, LinkState},
    ids::NetworkLinkId,
    network_account, network_link, oauth_attempt,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{figures, pictures, renew, rules, unlink};
use crate::{
    app::App,
    error::Result,
    jobs::{Handler, queue::Job},
};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] = &[
    Handler { kind: "networks.renew", work: |app, _| Box::pin(async move { renew_due(&app).await }), every: Some(300) },
    Handler { kind: "networks.figures", work: |app, _| Box::pin(async move { figures_due(&app).await }), every: Some(1800) },
    Handler {
        kind: "networks.read",
        work: |app, payload| Box::pin(async move { figures::read(&app, serde_json::from_value::<Read>(payload)?.link).await }),
        every: None,
    },
    Handler {
        kind: "networks.revoke",
        work: |app, payload| Box::pin(async move { unlink::revoke(&app, serde_json::from_value(payload)?).await }),
        every: None,
    },
    Handler {
        kind: pictures::JOB,
        work: |app, payload| Box::pin(async move { pictures::copy(&app, serde_json::from_value(payload)?).await }),
        every: None,
    },
    Handler { kind: "networks.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) },
];

/// At most so many links in one turn; the next turn takes the rest.
const TURN: u64 = 200;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Read {
    link: NetworkLinkId,
}

async fn renew_due(app: &App) -> Result<()> {
    let due: Vec<NetworkLinkId> = network_link::Entity::find()
        .select_only()
        .column(network_link::Column::Id)
        .filter(network_link::Column::State.eq(LinkState::Verified))
        .filter(network_link::Column::RenewAt.lte(app.clock.now()))
        .order_by_asc(network_link::Column::RenewAt)
        .limit(TURN)
        .into_tuple()
        .all(app.db())
        .await?;
    for id in due {
        // One link that cannot be renewed must not keep the others waiting.
        if let Err(error) = renew::renew(app, id, false).await {
            tracing::error!(%error, link = %id, "tokens could not be renewed");
        }
    }
    Ok(())
}

async fn figures_due(app: &App) -> Result<()> {
    let tx = app.begin().await?;
    let old = tx.now - Duration::hours(rules::FIGURES_HOURS);
    let stale = network_account::Entity::find()
        .select_only()
        .column(network_account::Column::Id)
        .filter(Condition::any().add(network_account::Column::FiguresAsOf.lt(old)).add(network_account::Column::FiguresAsOf.is_null()));
    let links: Vec<NetworkLinkId> = network_link::Entity::find()
        .select_only()
        .column(network_link::Column::Id)
        .filter(network_link::Column::State.eq(LinkState::Verified))
        .filter(network_link::Column::Method.eq(LinkMethod::Oauth))
        .filter(network_link::Column::AccountId.in_subquery(stale.into_query()))
        .order_by_asc(network_link::Column::Id)
        .limit(TURN)
        .into_tuple()
        .all(tx.db())
        .await?;
    for link in links {
        tx.job(Job::new("networks.read", Read { link }).unique(format!("read:{link}"))).await?;
    }
    tx.commit().await
}

/// Attempts that have run out, and tokens of unlinked accounts that no network could be told of within a day.
async fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    oauth_attempt::Entity::delete_many().filter(oauth_attempt::Column::ExpiresAt.lt(now - Duration::hours(1))).exec(app.db()).await?;
    network_link::Entity::update_many()
        .col_expr(network_link::Column::TokenSealed, Expr::value(Option::<String>::None))
        .filter(network_link::Column::State.eq(LinkState::Revoked))
        .filter(network_link::Column::TokenSealed.is_not_null())
        .filter(network_link::Column::RevokedAt.lt(now - Duration::hours(rules::REVOKE_HOURS)))
        .exec(app.db())
        .await?;
    Ok(())
}
