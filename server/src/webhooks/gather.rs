//! New events become deliveries: one reader for all organisations, which misses none and makes none twice.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    enums::{DeliveryState, WebhookState},
    event, event_reader, webhook, webhook_delivery,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{LockBehavior, LockType},
};

use super::rules;
use crate::{
    app::App,
    error::Result,
    events::{self, Place},
    tx::insert_all,
};

/// The reader's row.
pub const READER: &str = "webhooks";

/// How many events are read at once.
const BATCH: u64 = 200;

/// Writes down whom to tell of what is new. Says whether there was anything; another process that reads right now counts as nothing.
pub async fn gather(app: &App) -> Result<bool> {
    let hooks: Vec<webhook::Model> = webhook::Entity::find().filter(webhook::Column::State.eq(WebhookState::Active)).all(app.db()).await?;
    let orgs: BTreeSet<_> = hooks.iter().map(|hook| hook.org_id).collect();
    let told = Condition::all().add(event::Column::OrgId.is_in(orgs)).add(event::Column::Kind.is_in(rules::KINDS.iter().copied()));
    if hooks.is_empty() {
        return Ok(false);
    }
    // Mostly there is nothing, and then nothing is locked.
    let Some(standing) = event_reader::Entity::find_by_id(READER).one(app.db()).await? else { return Ok(false) };
    if events::after(app.db(), Place::at(standing.xid, standing.seq), told.clone(), 1).await?.is_empty() {
        return Ok(false);
    }
    let tx = app.begin().await?;
    let reader =
        event_reader::Entity::find_by_id(READER).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(tx.db()).await?;
    let Some(reader) = reader else { return Ok(false) };
    let found = events::after(tx.db(), Place::at(reader.xid, reader.seq), told, BATCH).await?;
    let Some(last) = found.last() else { return Ok(false) };
    let place = Place::of(last);
    let rows =
        found.iter().flat_map(|event| hooks.iter().filter(|hook| tells(hook, event)).map(|hook| delivery(&tx.id(), hook, event, tx.now)));
    let rows: Vec<_> = rows.collect();
    insert_all::<webhook_delivery::Entity, _>(tx.db(), rows).await?;
    let (xid, seq) = place.parts();
    event_reader::ActiveModel { name: Set(reader.name), xid: Set(xid), seq: Set(seq) }.update(tx.db()).await?;
    tx.commit().await?;
    Ok(true)
}

fn tells(hook: &webhook::Model, event: &event::Model) -> bool {
    event.org_id == Some(hook.org_id) && event.at >= hook.told_from && rules::wants(&hook.kinds, &event.kind)
}

fn delivery(
    id: &entity::ids::WebhookDeliveryId,
    hook: &webhook::Model,
    event: &event::Model,
    now: DateTime<Utc>,
) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        id: Set(*id),
        webhook_id: Set(hook.id),
        event_id: Set(event.id),
        kind: Set(event.kind.clone()),
        body: Set(rules::body(event).to_string()),
        replay: Set(0),
        state: Set(DeliveryState::Pending),
        attempts: Set(0),
        due_at: Set(now),
        status: Set(None),
        last_error: Set(String::new()),
        created_at: Set(now),
        finished_at: Set(None),
    }
}
