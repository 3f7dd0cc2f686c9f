//! Reading creators: the lists of members and admins, and a creator's own profile.

use async_graphql::{Context, ID, InputObject, Object, connection::Connection};
use entity::{
    creator,
    enums::Network,
    ids::{AccountId, CreatorId, PortfolioItemId},
    portfolio_item,
};
use sea_orm::EntityTrait;

use super::{
    super::{
        queries::{self, Eyes},
        rules::{self, Category, History, Order, Tier, TypedFilter},
    },
    Creator, NetworkAccount, NetworkName, PortfolioItem,
};
use crate::{
    base::paging::Cursor,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::{Alone, alone},
        rows::Row,
        scalars::{Decimal, Long, connection, slice},
    },
};

fn eyes(ctx: &Context<'_>) -> Result<Eyes> {
    match &ctx.cx()?.actor {
        Actor::Admin(by) => Ok(by.into()),
        _ => Ok(ctx.member()?.into()),
    }
}

/// A creator, if the caller may see them: a member or admin, or the creator themselves.
pub(crate) async fn seen(ctx: &Context<'_>, id: CreatorId) -> Result<Row<creator::Model>> {
    let scope = match &ctx.cx()?.actor {
        actor if actor.is(id) => creator::Entity::find(),
        Actor::Creator(_) => return Err(Error::NotFound),
        _ => queries::seen_by(eyes(ctx)?),
    };
    ctx.rows()?.find::<Creator, _, _>(creator::Column::Id, scope, id).await
}

/// A creator for `node`.
pub(crate) async fn creator_node(ctx: &Context<'_>, id: CreatorId) -> Result<Option<Creator>> {
    seen(ctx, id).await.map(|row| Some(Creator(row)))
}

/// An account for `node`: seen by whoever sees its creator.
pub(crate) async fn account_node(ctx: &Context<'_>, id: AccountId) -> Result<Option<NetworkAccount>> {
    let Some(row) = ctx.rows()?.load_one(id).await? else { return Ok(None) };
    seen(ctx, row.creator_id).await?;
    Ok(Some(NetworkAccount(row)))
}

/// A past collaboration for `node`: live ones by whoever sees the creator, deleted ones by the creator only.
pub(crate) async fn item_node(ctx: &Context<'_>, id: PortfolioItemId) -> Result<Option<PortfolioItem>> {
    let (rows, column) = (ctx.rows()?, portfolio_item::Column::Id);
    if let Actor::Creator(by) = &ctx.cx()?.actor {
        return Ok(Some(PortfolioItem(rows.find::<PortfolioItem, _, _>(column, queries::own_items(by), id).await?)));
    }
    let row = rows.find::<PortfolioItem, _, _>(column, queries::shown_items(), id).await?;
    seen(ctx, row.creator_id).await?;
    Ok(Some(PortfolioItem(row)))
}

/// Which creators are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct CreatorFilter {
    /// Part of a name or handle; width, case and kana do not matter. At most 100 characters.
    text: Option<String>,
    /// With an account on this network; followers are counted there only.
    network: Option<NetworkName>,
    /// How large the audience is; narrows like `followersMin` and `followersMax`.
    tier: Option<Tier>,
    /// At least so many followers on one account; creators without a known figure are left out.
    followers_min: Option<Long>,
    /// At most so many on the largest account; creators without a known figure are left out.
    followers_max: Option<Long>,
    /// At least this influence score from public counters, 0 to 100; creators without one are left out.
    score_min: Option<Decimal>,
    /// At least so much True Reach from public counters; creators without it are left out.
    true_reach_min: Option<Long>,
    /// At least this engagement by followers on the largest account, in per cent; creators without it are left out.
    engagement_min: Option<Decimal>,
    /// The main category.
    category: Option<Category>,
    /// What their publications are about, measured from the texts: a topic's id, as in `CreatorTopic.id`, or a name in English or Japanese. Topics below it
    /// count too.
    topic: Option<String>,
    /// The country of residence, ISO 3166-1 alpha-2.
    country: Option<String>,
    /// True = only people who are registered.
    registered: Option<bool>,
    /// True = only those with the verified badge.
    verified: Option<bool>,
    /// True = without those of whom nothing is known but that the caller's organisation wrote to them, as the portal's Discover.
    listed: Option<bool>,
    /// Only those with whom the caller's organisation has had to do; without effect for admins.
    history: Option<History>,
}

impl CreatorFilter {
    /// As the strings that a page's address would hold, so that one rule reads both.
    fn typed(self, order: Order) -> TypedFilter {
        fn text(value: Option<impl ToString>) -> String {
            value.map(|v| v.to_string()).unwrap_or_default()
        }
        TypedFilter {
            q: text(self.text),
            network: text(self.network.map(Network::from)),
            tier: text(self.tier),
            min: text(self.followers_min.map(|n| n.0)),
            max: text(self.followers_max.map(|n| n.0)),
            score: text(self.score_min.map(|n| n.0)),
            reach: text(self.true_reach_min.map(|n| n.0)),
            engagement: text(self.engagement_min.map(|n| n.0)),
            category: text(self.category),
            topic: text(self.topic),
            country: text(self.country),
            registered: self.registered.unwrap_or_default(),
            verified: self.verified.unwrap_or_default(),
            listed: self.listed.unwrap_or_default(),
            history: text(self.history),
            sort: order.to_string(),
        }
    }
}

/// Queries of creators.
#[derive(Default)]
pub struct CreatorsQuery;

/// Queries of creators.
#[Object]
impl CreatorsQuery {
    /// A creator by id: for members and admins, and for the creator themselves. Null if there is none that the caller may see.
    async fn creator(&self, ctx: &Context<'_>, #[graphql(desc = "The creator's id.")] id: ID) -> Alone<Creator> {
        alone(async {
            let Ok(id) = crate::graph::context::id(&id) else { return Ok(None) };
            match seen(ctx, id).await {
                Err(Error::NotFound) => Ok(None),
                other => other.map(|row| Some(Creator(row))),
            }
        })
        .await
    }

    /// The caller's own profile; null unless the caller acts as a creator.
    async fn creator_profile(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        match &ctx.cx()?.actor {
            Actor::Creator(by) => Ok(Some(Creator(queries::own(ctx.app()?.db(), by).await?.into()))),
            _ => Ok(None),
        }
    }

    /// Creators, for members and admins. Profiles that another organisation typed in are not among them.
    #[expect(clippy::too_many_arguments, reason = "Relay's four and two of our own")]
    async fn creators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<CreatorFilter>,
        #[graphql(desc = "In which order.", default_with = "Order::Followers")] order_by: Order,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Creator>> {
        let eyes = eyes(ctx)?;
        let slice = slice(after, before, first, last)?;
        let filter = rules::filter(&filter.unwrap_or_default().typed(order_by))?;
        let page = queries::list(ctx.app()?.db(), eyes, &filter, slice).await?;
        Ok(connection(page, Creator))
    }
}

/// An id of a mutation's input.
pub(super) fn given<T: entity::ids::Id>(text: &ID) -> Result<T> {
    id(text)
}
