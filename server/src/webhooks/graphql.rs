//! Webhooks in GraphQL: for owners of the organisation that the caller acts for.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    enums::{DeliveryState, WebhookState},
    ids::{WebhookDeliveryId, WebhookId},
    webhook, webhook_delivery,
};

use super::{queries, rules};
use crate::{
    base::paging::Cursor,
    error::Result,
    graph::{
        context::{Ask, id},
        outcome::answer,
        rows::Row,
        scalars::{connection, slice},
    },
    payload,
    webhooks::{self, New},
};

/// Whether an address is told what happens.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "WebhookState", name = "WebhookState")]
pub enum WebhookStateName {
    /// It is told
    Active,
    /// An owner stopped it; what happens meanwhile is not told later
    Paused,
    /// It failed for two days, or answered 410; the owners were told by mail
    Disabled,
}

/// What became of a delivery.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DeliveryState", name = "WebhookDeliveryState")]
pub enum DeliveryStateName {
    /// To be tried, or tried again
    Pending,
    /// The receiver answered 2xx
    Delivered,
    /// Given up
    Failed,
}

/// An address of the organisation's own that is told what happens by signed POSTs (Standard Webhooks). Owners only.
pub struct Webhook(pub(crate) Row<webhook::Model>);

/// An address of the organisation's own that is told what happens by signed POSTs (Standard Webhooks). Owners only.
#[Object]
impl Webhook {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where to.
    async fn url(&self) -> &str {
        &self.0.url
    }
    /// Which kinds of events it is told; empty = all of `webhookKinds`.
    async fn kinds(&self) -> &[String] {
        &self.0.kinds.0
    }
    /// Whether it is told.
    async fn state(&self) -> WebhookStateName {
        self.0.state.into()
    }
    /// Until when the former secret signs beside the current one; null if it does not.
    async fn former_secret_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let now = ctx.app()?.clock.now();
        Ok(self.0.former_until.filter(|until| now < *until))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// What was sent in the last thirty days, the newest first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<WebhookDeliveryFilter>,
        #[graphql(desc = "Rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, from the front: 1 to 100, 20 when nothing is given.")] first: Option<i32>,
        #[graphql(desc = "How many, from the back: 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, WebhookDelivery>> {
        let by = ctx.member()?.owner()?;
        let state = filter.and_then(|filter| filter.state).map(DeliveryState::from);
        let found = queries::deliveries(ctx.app()?.db(), &by, self.0.id, state, slice(after, before, first, last)?).await?;
        Ok(connection(found, WebhookDelivery))
    }
}

/// Which deliveries are asked for.
#[derive(InputObject, Default)]
pub struct WebhookDeliveryFilter {
    /// In this state.
    state: Option<DeliveryStateName>,
}

/// One event told to one address. Owners only.
pub struct WebhookDelivery(pub(crate) Row<webhook_delivery::Model>);

/// One event told to one address. Owners only.
#[Object]
impl WebhookDelivery {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What is sent as `webhook-id`: the same at each attempt and replay.
    async fn event_id(&self) -> ID {
        self.0.event_id.to_string().into()
    }
    /// The kind of event, such as `invitation.accepted`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// The JSON as it is sent.
    async fn body(&self) -> &str {
        &self.0.body
    }
    /// What became of it.
    async fn state(&self) -> DeliveryStateName {
        self.0.state.into()
    }
    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
    /// How often the event had been sent there before somebody asked for this delivery; 0 = it came of itself.
    async fn replay(&self) -> i32 {
        self.0.replay
    }
    /// When it is tried next; null when it is over.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.0.state == DeliveryState::Pending).then_some(self.0.due_at)
    }
    /// The HTTP status of the last attempt; null if there was no answer.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }
    /// What went wrong last; null if nothing did.
    async fn last_error(&self) -> Option<&str> {
        Some(self.0.last_error.as_str()).filter(|text| !text.is_empty())
    }
    /// When it was written down.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it was delivered or given up; null until then.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
}

/// An address for `node`.
pub(crate) async fn webhook_node(ctx: &Context<'_>, id: WebhookId) -> Result<Option<Webhook>> {
    let by = ctx.member()?.owner()?;
    Ok(Some(Webhook(ctx.rows()?.find::<Webhook, _, _>(webhook::Column::Id, queries::own(&by), id).await?)))
}

/// A delivery for `node`.
pub(crate) async fn delivery_node(ctx: &Context<'_>, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>> {
    let by = ctx.member()?.owner()?;
    let own = queries::own_deliveries(&by);
    Ok(Some(WebhookDelivery(ctx.rows()?.find::<WebhookDelivery, _, _>(webhook_delivery::Column::Id, own, id).await?)))
}

/// Queries of webhooks.
#[derive(Default)]
pub struct WebhooksQuery;

/// Queries of webhooks.
#[Object]
impl WebhooksQuery {
    /// The addresses of the organisation that the caller acts for, the oldest first; at most 20. Owners.
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Vec<Webhook>> {
        let by = ctx.member()?.owner()?;
        Ok(Row::each(queries::list(ctx.app()?.db(), &by).await?).map(Webhook).collect())
    }

    /// The kinds of events that can be told.
    async fn webhook_kinds(&self, ctx: &Context<'_>) -> Result<Vec<&'static str>> {
        ctx.person()?;
        Ok(rules::KINDS.to_vec())
    }
}

/// A new address.
#[derive(InputObject)]
pub struct WebhookCreateInput {
    /// Where to: a public address by https.
    url: String,
    /// Which kinds of events, out of `webhookKinds`; empty = all.
    #[graphql(default)]
    kinds: Vec<String>,
}

/// Another address or other kinds; null leaves one as it is.
#[derive(InputObject)]
pub struct WebhookEditInput {
    /// Which address.
    id: ID,
    /// Where to.
    url: Option<String>,
    /// Which kinds of events; empty = all.
    kinds: Option<Vec<String>>,
    /// Whether it is told at all.
    active: Option<bool>,
}

macro_rules! by_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(InputObject)]
        pub struct $name {
            /// Its id.
            id: ID,
        }
    )*};
}

by_id! {
    /// Which address.
    WebhookRemoveInput;
    /// Which address.
    WebhookSecretRotateInput;
    /// Which address.
    WebhookTestInput;
    /// Which delivery.
    WebhookDeliveryReplayInput;
    /// Which address.
    WebhookReplayFailedInput;
}

payload! {
    /// The answer to `webhookCreate`.
    WebhookCreatePayload {
        /// The new address.
        webhook: Webhook,
        /// What deliveries are signed with; shown once.
        secret: String,
    }
    /// The answer to `webhookEdit`.
    WebhookEditPayload {
        /// The address as it is now.
        webhook: Webhook,
    }
    /// The answer to `webhookRemove`.
    WebhookRemovePayload {
        /// What is gone.
        removed_id: ID,
    }
    /// The answer to `webhookSecretRotate`.
    WebhookSecretRotatePayload {
        /// The address.
        webhook: Webhook,
        /// The new secret; shown once. For 24 hours the former one signs too.
        secret: String,
    }
    /// The answer to `webhookTest`.
    WebhookTestPayload {
        /// The delivery that is on its way.
        delivery: WebhookDelivery,
    }
    /// The answer to `webhookDeliveryReplay`.
    WebhookDeliveryReplayPayload {
        /// The new delivery of the same event.
        delivery: WebhookDelivery,
    }
    /// The answer to `webhookReplayFailed`.
    WebhookReplayFailedPayload {
        /// How many are on their way again.
        replayed: i32,
    }
}

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhooksMutation;

/// Mutations of webhooks.
#[Object]
impl WebhooksMutation {
    /// Names an address that is told what happens from now on. Owners.
    async fn webhook_create(&self, ctx: &Context<'_>, input: WebhookCreateInput) -> Result<WebhookCreatePayload> {
        let by = ctx.member()?.owner()?;
        let done = webhooks::create(ctx.app()?, &by, New { url: input.url, kinds: input.kinds }).await;
        answer(
            ctx,
            done.map(|new| WebhookCreatePayload {
                webhook: Some(Webhook(new.webhook.into())),
                secret: Some(new.secret),
                ..Default::default()
            }),
        )
    }

    /// Changes an address, what it is told, or whether. Owners.
    async fn webhook_edit(&self, ctx: &Context<'_>, input: WebhookEditInput) -> Result<WebhookEditPayload> {
        let by = ctx.member()?.owner()?;
        let edit = webhooks::Edit { url: input.url, kinds: input.kinds, active: input.active };
        let done = async { webhooks::edit(ctx.app()?, &by, id(&input.id)?, edit).await };
        answer(ctx, done.await.map(|row| WebhookEditPayload { webhook: Some(Webhook(row.into())), ..Default::default() }))
    }

    /// Removes an address and its deliveries. Owners.
    async fn webhook_remove(&self, ctx: &Context<'_>, input: WebhookRemoveInput) -> Result<WebhookRemovePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { webhooks::remove(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|()| WebhookRemovePayload { removed_id: Some(input.id), ..Default::default() }))
    }

    /// Makes a new secret. For 24 hours the former one signs too. Owners.
    async fn webhook_secret_rotate(&self, ctx: &Context<'_>, input: WebhookSecretRotateInput) -> Result<WebhookSecretRotatePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { webhooks::rotate_secret(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|new| WebhookSecretRotatePayload {
                webhook: Some(Webhook(new.webhook.into())),
                secret: Some(new.secret),
                ..Default::default()
            }),
        )
    }

    /// Sends an event `webhook.test` that tells nothing, once. Owners.
    async fn webhook_test(&self, ctx: &Context<'_>, input: WebhookTestInput) -> Result<WebhookTestPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { webhooks::test(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| WebhookTestPayload { delivery: Some(WebhookDelivery(row.into())), ..Default::default() }))
    }

    /// Tells an event again, under the same `webhook-id`. Owners.
    async fn webhook_delivery_replay(&self, ctx: &Context<'_>, input: WebhookDeliveryReplayInput) -> Result<WebhookDeliveryReplayPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { webhooks::replay(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| WebhookDeliveryReplayPayload { delivery: Some(WebhookDelivery(row.into())), ..Default::default() }),
        )
    }

    /// Tells everything again that was given up and not told since; at most 1,000 deliveries at once. Owners.
    async fn webhook_replay_failed(&self, ctx: &Context<'_>, input: WebhookReplayFailedInput) -> Result<WebhookReplayFailedPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { webhooks::replay_failed(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|n| WebhookReplayFailedPayload { replayed: i32::try_from(n).ok(), ..Default::default() }))
    }
}
