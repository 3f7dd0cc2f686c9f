//! Price lines in GraphQL.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::{enums::Format, ids::OfferingId, offering};

use super::{queries, rules::Typed};
use crate::{
    creators::{
        graphql::seen,
        rules::{LineAction, line_actions},
    },
    error::Result,
    graph::{
        context::{Actor, Ask, id},
        names::{FormatName, NetworkName},
        outcome::answer,
        rows::Row,
        scalars::{Money, MoneyInput},
    },
    payload,
};

/// What a creator would do, and for which wished fee. Not the amount of a contract: that is agreed between brand and creator.
pub struct Offering(pub Row<offering::Model>);

/// What a creator would do, and for which wished fee. Not the amount of a contract: that is agreed between brand and creator.
#[Object]
impl Offering {
    /// The line's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// On which network.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Which kind of work there.
    async fn format(&self) -> FormatName {
        self.0.format.into()
    }
    /// The wished fee.
    async fn price(&self) -> Money {
        Money::from_row(self.0.price_minor, &self.0.currency)
    }
    /// What is in it; null without words.
    async fn note(&self) -> Option<&str> {
        Some(self.0.note.as_str()).filter(|n| !n.is_empty())
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
    /// When the creator deleted it; null while it is offered. Only the creator ever sees a deleted one.
    async fn deleted_at(&self) -> Option<DateTime<Utc>> {
        self.0.deleted_at
    }
    /// What the caller may do with it now; empty for everybody but its creator.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<LineAction>> {
        let cx = ctx.cx()?;
        let own = cx.actor.is(self.0.creator_id);
        Ok(if own { line_actions(self.0.deleted_at, cx.app.clock.now()) } else { Vec::new() })
    }
}

/// A price line for `node`: live ones by whoever sees the creator, deleted ones by the creator only.
pub(crate) async fn offering_node(ctx: &Context<'_>, id: OfferingId) -> Result<Option<Offering>> {
    let (rows, column) = (ctx.rows()?, offering::Column::Id);
    if let Actor::Creator(by) = &ctx.cx()?.actor {
        return Ok(Some(Offering(rows.find::<Offering, _, _>(column, queries::own_lines(by), id).await?)));
    }
    let row = rows.find::<Offering, _, _>(column, queries::shown(), id).await?;
    seen(ctx, row.creator_id).await?;
    Ok(Some(Offering(row)))
}

/// A new price line.
#[derive(InputObject)]
pub struct OfferingAddInput {
    /// On which network.
    network: NetworkName,
    /// Which kind of work; the network must have it.
    format: FormatName,
    /// The wished fee, more than nothing.
    price: MoneyInput,
    /// What is in it; at most 300 characters.
    note: Option<String>,
}

/// A price line as it shall be: everything is replaced.
#[derive(InputObject)]
pub struct OfferingEditInput {
    /// Its id.
    id: ID,
    /// On which network.
    network: NetworkName,
    /// Which kind of work; the network must have it.
    format: FormatName,
    /// The wished fee, more than nothing.
    price: MoneyInput,
    /// What is in it; at most 300 characters.
    note: Option<String>,
}

/// Which price line is deleted.
#[derive(InputObject)]
pub struct OfferingDeleteInput {
    /// Its id.
    id: ID,
}

/// Which price line is brought back.
#[derive(InputObject)]
pub struct OfferingRestoreInput {
    /// Its id.
    id: ID,
}

payload! {
    /// The answer to `offeringAdd`.
    OfferingAddPayload {
        /// The new line.
        offering: Offering,
    }
    /// The answer to `offeringEdit`.
    OfferingEditPayload {
        /// The line as it is now.
        offering: Offering,
    }
    /// The answer to `offeringDelete`.
    OfferingDeletePayload {
        /// The deleted line; for a day it can be brought back.
        offering: Offering,
    }
    /// The answer to `offeringRestore`.
    OfferingRestorePayload {
        /// The line as it is now.
        offering: Offering,
    }
}

fn typed(network: NetworkName, format: FormatName, price: MoneyInput, note: Option<String>) -> Typed {
    let (price, currency) = price.into_form();
    Typed {
        network: entity::enums::Network::from(network).to_string(),
        format: Format::from(format).to_string(),
        price,
        currency,
        note: note.unwrap_or_default(),
    }
}

/// Mutations of price lines.
#[derive(Default)]
pub struct OfferingsMutation;

/// Mutations of price lines.
#[Object]
impl OfferingsMutation {
    /// The creator adds a price line; at most 60.
    async fn offering_add(&self, ctx: &Context<'_>, input: OfferingAddInput) -> Result<OfferingAddPayload> {
        let typed = typed(input.network, input.format, input.price, input.note);
        let done = super::add(ctx.app()?, ctx.creator()?, &typed).await;
        answer(ctx, done.map(|row| OfferingAddPayload { offering: Some(Offering(row.into())), ..Default::default() }))
    }

    /// The creator changes a price line.
    async fn offering_edit(&self, ctx: &Context<'_>, input: OfferingEditInput) -> Result<OfferingEditPayload> {
        let by = ctx.creator()?;
        let typed = typed(input.network, input.format, input.price, input.note);
        let done = async { super::edit(ctx.app()?, by, id(&input.id)?, &typed).await };
        answer(ctx, done.await.map(|row| OfferingEditPayload { offering: Some(Offering(row.into())), ..Default::default() }))
    }

    /// The creator deletes a price line.
    async fn offering_delete(&self, ctx: &Context<'_>, input: OfferingDeleteInput) -> Result<OfferingDeletePayload> {
        let by = ctx.creator()?;
        let done = async { super::delete(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| OfferingDeletePayload { offering: Some(Offering(row.into())), ..Default::default() }))
    }

    /// The creator brings a price line back, within 24 hours of deleting it.
    async fn offering_restore(&self, ctx: &Context<'_>, input: OfferingRestoreInput) -> Result<OfferingRestorePayload> {
        let by = ctx.creator()?;
        let done = async { super::restore(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| OfferingRestorePayload { offering: Some(Offering(row.into())), ..Default::default() }))
    }
}
