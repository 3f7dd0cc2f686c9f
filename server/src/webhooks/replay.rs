//! Telling again what was told or given up, and telling something to try the address out.

use entity::{
    enums::DeliveryState,
    ids::{EventId, WebhookDeliveryId, WebhookId},
    webhook, webhook_delivery,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Owner,
    error::{Code, Problem, Result},
    events::Event,
    tx::{Tx, insert_all, taken},
};

/// How many failed deliveries are told again at once.
const MOST_AT_ONCE: u64 = 1_000;

fn row(tx: &Tx, webhook: WebhookId, event: EventId, kind: &str, body: String, replay: i32) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        id: Set(tx.id()),
        webhook_id: Set(webhook),
        event_id: Set(event),
        kind: Set(kind.to_owned()),
        body: Set(body),
        replay: Set(replay),
        state: Set(DeliveryState::Pending),
        attempts: Set(0),
        due_at: Set(tx.now),
        status: Set(None),
        last_error: Set(String::new()),
        created_at: Set(tx.now),
        finished_at: Set(None),
    }
}

fn sends(webhook: &webhook::Model) -> Result<()> {
    if rules::may_send(webhook.state) {
        return Ok(());
    }
    Err(Problem::whole(Code::WrongState, "webhooks.problem.not_active").into())
}

/// The same event once more, under the same id. The former delivery stays as it is.
pub async fn replay(app: &App, by: &Owner<'_>, id: WebhookDeliveryId) -> Result<webhook_delivery::Model> {
    let tx = app.begin().await?;
    let (old, webhook) = queries::delivery(tx.db(), by, id).await?;
    sends(&webhook)?;
    if old.state == DeliveryState::Pending {
        return Err(Problem::whole(Code::WrongState, "webhooks.problem.pending").into());
    }
    let same = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(webhook.id))
        .filter(webhook_delivery::Column::EventId.eq(old.event_id));
    let times = i32::try_from(same.count(tx.db()).await?).unwrap_or(i32::MAX);
    let new = row(&tx, webhook.id, old.event_id, &old.kind, old.body, times);
    let already = || Problem::whole(Code::WrongState, "webhooks.problem.pending").into();
    let new = taken(new.insert(tx.db()).await, already)?;
    tx.record(Event::new("webhook.replayed", webhook.id).org(by.org()).by(by.user_id()).with(json!({ "deliveries": 1 }))).await?;
    tx.commit().await?;
    Ok(new)
}

/// Every delivery that was given up and not told since, the oldest first and at most a thousand at once; gives how many.
pub async fn replay_failed(app: &App, by: &Owner<'_>, id: WebhookId) -> Result<u64> {
    let tx = app.begin().await?;
    let webhook = queries::held(&tx, by, id).await?;
    sends(&webhook)?;
    let failed = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(id))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Failed))
        .order_by_asc(webhook_delivery::Column::Id)
        .limit(MOST_AT_ONCE)
        .all(tx.db())
        .await?;
    let later = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(id))
        .filter(webhook_delivery::Column::EventId.is_in(failed.iter().map(|d| d.event_id)))
        .all(tx.db())
        .await?;
    let newest = |old: &webhook_delivery::Model| later.iter().filter(|d| d.event_id == old.event_id).map(|d| d.replay).max();
    let again: Vec<_> = failed
        .into_iter()
        .filter(|old| newest(old) == Some(old.replay))
        .map(|old| row(&tx, id, old.event_id, &old.kind, old.body, old.replay + 1))
        .collect();
    let count = again.len() as u64;
    insert_all::<webhook_delivery::Entity, _>(tx.db(), again).await?;
    tx.record(Event::new("webhook.replayed", id).org(by.org()).by(by.user_id()).with(json!({ "deliveries": count }))).await?;
    tx.commit().await?;
    Ok(count)
}

/// A delivery that tells nothing, to see whether the address answers.
pub async fn test(app: &App, by: &Owner<'_>, id: WebhookId) -> Result<webhook_delivery::Model> {
    let tx = app.begin().await?;
    let webhook = queries::held(&tx, by, id).await?;
    sends(&webhook)?;
    let event: EventId = tx.id();
    let body = json!({
        "id": event,
        "type": rules::TEST,
        "timestamp": tx.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "data": { "subject": id, "organisation": by.org(), "creator": null, "by": by.user_id(), "details": {} },
    });
    let new = row(&tx, id, event, rules::TEST, body.to_string(), 0).insert(tx.db()).await?;
    tx.commit().await?;
    Ok(new)
}
