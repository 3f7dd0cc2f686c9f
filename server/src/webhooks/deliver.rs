//! Telling: take what is due, sign and send it, write down what became of it.

use chrono::Duration;
use connectors::http::Response;
use entity::{
    enums::{DeliveryState, WebhookState},
    webhook, webhook_delivery,
};
use futures_util::future::join_all;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};

use super::{mails, rules, secrets};
use crate::{app::App, error::Result, events::Event, organisations::queries::owners_of};

/// How many deliveries are looked at, and how many of one address are under way at once: a slow one holds up no other.
const BATCH: u64 = 60;
const PER_ADDRESS: usize = 4;
/// How long an attempt may take before another worker takes it over.
const LEASE: Duration = Duration::seconds(60);

/// Tells what is due, at most one batch. Says whether there was anything.
pub async fn due(app: &App) -> Result<bool> {
    let taken = take(app).await?;
    if taken.is_empty() {
        return Ok(false);
    }
    let sent = join_all(taken.into_iter().map(async |(delivery, hook)| {
        let outcome = send(app, &delivery, &hook).await;
        (delivery, hook, outcome)
    }));
    for (delivery, hook, outcome) in sent.await {
        settle(app, delivery, &hook, outcome?).await?;
    }
    Ok(true)
}

async fn take(app: &App) -> Result<Vec<(webhook_delivery::Model, webhook::Model)>> {
    let is_due = |now| {
        webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending))
            .filter(webhook_delivery::Column::DueAt.lte(now))
    };
    // Mostly there is nothing, and then nothing is locked.
    if is_due(app.clock.now()).count(app.db()).await? == 0 {
        return Ok(Vec::new());
    }
    let tx = app.begin().await?;
    let found = is_due(tx.now)
        .order_by_asc(webhook_delivery::Column::DueAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx.db())
        .await?;
    let hooks = webhook::Entity::find().filter(webhook::Column::Id.is_in(found.iter().map(|d| d.webhook_id))).all(tx.db()).await?;
    let (mut taken, mut resting) = (Vec::new(), Vec::new());
    for delivery in found {
        let Some(hook) = hooks.iter().find(|hook| hook.id == delivery.webhook_id) else { continue };
        if hook.state != WebhookState::Active {
            resting.push(delivery.id);
        } else if taken.iter().filter(|(d, _): &&(webhook_delivery::Model, _)| d.webhook_id == hook.id).count() < PER_ADDRESS {
            taken.push((delivery, hook.clone()));
        }
    }
    let leased = |ids: Vec<_>, until, tries: i32| {
        webhook_delivery::Entity::update_many()
            .col_expr(webhook_delivery::Column::DueAt, Expr::value(until))
            .col_expr(webhook_delivery::Column::Attempts, Expr::col(webhook_delivery::Column::Attempts).add(tries))
            .filter(webhook_delivery::Column::Id.is_in(ids))
    };
    leased(taken.iter().map(|(d, _)| d.id).collect(), tx.now + LEASE, 1).exec(tx.db()).await?;
    // One that is paused waits with its deliveries.
    leased(resting, tx.now + Duration::minutes(10), 0).exec(tx.db()).await?;
    tx.commit().await?;
    Ok(taken.into_iter().map(|(d, hook)| (webhook_delivery::Model { attempts: d.attempts + 1, ..d }, hook)).collect())
}

/// What came back: a status, or why there is none.
type Outcome = std::result::Result<u16, String>;

async fn send(app: &App, delivery: &webhook_delivery::Model, hook: &webhook::Model) -> Result<Outcome> {
    let (id, now) = (delivery.event_id.to_string(), app.clock.now().timestamp());
    let signatures = secrets::in_force(app, hook)?
        .iter()
        .map(|secret| rules::signature(secret, &id, now, &delivery.body))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::from_str(&id)?);
    headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(now));
    headers.insert(HeaderName::from_static("webhook-signature"), HeaderValue::from_str(&signatures.join(" "))?);
    let Ok(url) = hook.url.parse() else { return Ok(Err("not an address".into())) };
    Ok(match app.hooks.post("webhook", url, headers, delivery.body.clone().into_bytes()).await {
        Ok(Response { status, .. }) => Ok(status),
        Err(error) => Err(error.detail),
    })
}

async fn settle(app: &App, delivery: webhook_delivery::Model, hook: &webhook::Model, outcome: Outcome) -> Result<()> {
    let tx = app.begin().await?;
    let (attempts, kind) = (delivery.attempts, delivery.kind.clone());
    let mut row = delivery.into_active_model();
    row.status = Set(outcome.as_ref().ok().map(|status| i32::from(*status)));
    row.last_error = Set(match &outcome {
        Ok(200..300) => String::new(),
        Ok(status) => format!("status {status}"),
        Err(why) => why.chars().take(200).collect(),
    });
    // 410 is how a receiver says that it is gone for good.
    let gone = matches!(outcome, Ok(410));
    let next = rules::next_attempt(attempts, tx.now).filter(|_| !gone && kind != rules::TEST);
    let (state, stop) = match (&outcome, next) {
        (Ok(200..300), _) => (DeliveryState::Delivered, false),
        (_, Some(_)) => (DeliveryState::Pending, false),
        (_, None) => (DeliveryState::Failed, gone || kind != rules::TEST),
    };
    row.state = Set(state);
    match next.filter(|_| state == DeliveryState::Pending) {
        Some(at) => row.due_at = Set(at),
        None => row.finished_at = Set(Some(tx.now)),
    }
    // It may have been removed meanwhile.
    let Ok(settled) = row.update(tx.db()).await else { return Ok(()) };
    if stop && (gone || !answered_since(&tx, &settled).await?) {
        disable(&tx, hook).await?;
    }
    tx.commit().await
}

/// Whether the address has taken anything since the delivery was first tried.
async fn answered_since(tx: &crate::tx::Tx, failed: &webhook_delivery::Model) -> Result<bool> {
    let taken = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(failed.webhook_id))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Delivered))
        .filter(webhook_delivery::Column::FinishedAt.gt(failed.created_at));
    Ok(taken.count(tx.db()).await? > 0)
}

/// It has failed for two days, or is gone: nothing more is sent, and the owners are told.
async fn disable(tx: &crate::tx::Tx, hook: &webhook::Model) -> Result<()> {
    let app = tx.app();
    let stopped = webhook::Entity::update_many()
        .col_expr(webhook::Column::State, Expr::value(WebhookState::Disabled))
        .filter(webhook::Column::Id.eq(hook.id))
        .filter(webhook::Column::State.eq(WebhookState::Active))
        .exec(tx.db())
        .await?;
    if stopped.rows_affected == 0 {
        return Ok(());
    }
    for owner in owners_of(tx.db(), hook.org_id).await? {
        tx.queue(mails::disabled(app, &owner, hook)?).await?;
    }
    tx.record(Event::new("webhook.disabled", hook.id).org(hook.org_id)).await
}
