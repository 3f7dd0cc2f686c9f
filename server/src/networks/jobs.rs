//! What networks do by themselves beside reading accounts: renew tokens, tell networks of unlinked accounts, forget what has run out.

use chrono::Duration;
use entity::{enums::LinkState, ids::NetworkLinkId, network_link, oauth_attempt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{hashtags, hooks, lookup, pictures, renew, rules, stories, sync, unlink};
use crate::{app::App, error::Result, jobs::Handler};

/// The jobs of this slice.
pub const HANDLERS: &[Handler] = &[
    Handler { kind: "networks.renew", work: |app, _| Box::pin(async move { renew_due(&app).await }), every: Some(300) },
    Handler { kind: "networks.plan", work: |app, _| Box::pin(async move { sync::fill(&app).await }), every: Some(1800) },
    Handler {
        kind: "networks.replan",
        work: |app, payload| Box::pin(async move { sync::replan(&app, serde_json::from_value(payload)?).await }),
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
    Handler {
        kind: stories::JOB,
        work: |app, payload| Box::pin(async move { stories::copy(&app, serde_json::from_value(payload)?).await }),
        every: None,
    },
    Handler { kind: hooks::JOB, work: |app, _| Box::pin(async move { hooks::work(&app).await }), every: Some(3600) },
    Handler {
        kind: hooks::SUBSCRIBE,
        work: |app, payload| Box::pin(async move { hooks::subscribe(&app, serde_json::from_value(payload)?).await }),
        every: None,
    },
    Handler {
        kind: hooks::MENTIONED,
        work: |app, payload| Box::pin(async move { hooks::mentioned(&app, serde_json::from_value(payload)?).await }),
        every: None,
    },
    Handler { kind: "networks.stories", work: |app, _| Box::pin(async move { stories::close(&app).await }), every: Some(900) },
    Handler { kind: "networks.forget", work: |app, _| Box::pin(async move { forget(&app).await }), every: Some(3600) },
];

/// At most so many links in one turn; the next turn takes the rest.
const TURN: u64 = 200;

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

/// What has run out: attempts, answers, what came in; and tokens of unlinked accounts that no network could be told of within a day.
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
    hooks::forget(app).await?;
    hashtags::forget(app).await?;
    lookup::forget(app).await
}
