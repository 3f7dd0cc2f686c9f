//! What can be asked of campaigns.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use entity::ids::CampaignId;

use super::{Campaign, CampaignStateName};
use crate::{
    base::paging::Cursor,
    campaigns::queries::{self, Filter, Order},
    error::{Error, Result},
    graph::{
        context::Ask,
        outcome::{Alone, alone},
        rows::Row,
        scalars::{connection, slice},
    },
    participations::graphql::PublishedOf,
};

/// Which campaigns are asked for.
#[derive(InputObject, Default)]
pub struct CampaignFilter {
    /// In one of these states.
    states: Option<Vec<CampaignStateName>>,
    /// A part of the name, in any width, case and kana.
    search: Option<String>,
}

/// By what campaigns are ordered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Order", name = "CampaignOrderField")]
pub enum CampaignOrderField {
    /// When it was opened
    Created,
    /// When it was last changed
    Updated,
    /// Its name
    Name,
    /// Its first day; open ones come last
    Starts,
}

/// The order of a list of campaigns.
#[derive(InputObject)]
pub struct CampaignOrder {
    /// By what.
    field: CampaignOrderField,
    /// Downwards: the newest, the last of the alphabet first.
    #[graphql(default)]
    descending: bool,
}

/// Queries of campaigns.
#[derive(Default)]
pub struct CampaignsQuery;

/// Queries of campaigns.
#[Object]
impl CampaignsQuery {
    /// One campaign of the organisation; null if there is none by this id.
    async fn campaign(&self, ctx: &Context<'_>, #[graphql(desc = "The campaign's id.")] id: ID) -> Alone<Campaign> {
        alone(async {
            let Ok(id) = id.parse::<CampaignId>() else { return Ok(None) };
            match headed(ctx, id).await {
                Ok(row) => Ok(Some(Campaign(row.into()))),
                Err(Error::NotFound) => Ok(None),
                Err(other) => Err(other),
            }
        })
        .await
    }

    /// The organisation's campaigns; the newest first unless asked otherwise.
    #[expect(clippy::too_many_arguments, reason = "Relay's four beside filter and order")]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<CampaignFilter>,
        #[graphql(desc = "In this order; null = the newest first.")] order_by: Option<CampaignOrder>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Campaign>> {
        let slice = slice(after, before, first, last)?;
        let asked = filter.unwrap_or_default();
        let filter = Filter {
            states: asked.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            search: asked.search.unwrap_or_default(),
        };
        let (order, descending) = order_by.map_or((Order::Created, true), |o| (o.field.into(), o.descending));
        Ok(connection(queries::list(ctx.app()?.db(), ctx.member()?, &filter, order, descending, slice).await?, Campaign))
    }
}

/// A campaign of the organisation; if what stands above it is asked for too, with it.
async fn headed(ctx: &Context<'_>, id: CampaignId) -> Result<entity::campaign::Model> {
    let (db, by, asked) = (ctx.app()?.db(), ctx.member()?, ctx.look_ahead());
    if !asked.field("brand").exists() && !asked.field("brief").exists() {
        return queries::one(db, by, id).await;
    }
    let found = queries::headed(db, by, id).await?;
    let rows = ctx.rows()?;
    rows.know(found.campaign.brand_id, found.brand.map(Row::from));
    rows.know(PublishedOf(id), found.brief.map(Row::from));
    Ok(found.campaign)
}
