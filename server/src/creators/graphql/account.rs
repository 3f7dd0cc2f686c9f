//! Accounts on networks, with what is known of them.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    enums::{AccountType, LinkState},
    network_account,
};

use super::{Creator, LinksOf, ReadingsOf, text};
use crate::{
    error::Result,
    graph::{
        context::{Actor, Ask},
        names::NetworkName,
        rows::Row,
        scalars::{Date, Long, Metric},
    },
    networks::graphql::{
        posts::{AccountInsights, Post, account_insights},
        rows::{AudienceOf, InsightsOf, NewestOf, SharesOf},
        sync::{AudiencePart, audience_part},
    },
};

/// What a network says an account is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AccountType", name = "NetworkAccountType")]
pub enum AccountTypeName {
    /// A private person's
    Personal,
    /// A firm's, or one run like it; on Instagram what chat and story analysis need
    Business,
    /// A creator's professional account
    Creator,
    /// Not known
    Unknown,
}

/// A day's reading of an account's followers.
#[derive(SimpleObject)]
pub struct FollowersReading {
    /// The day, in UTC.
    day: Date,
    /// How many; null where it was not told.
    followers: Option<Long>,
}

/// An account on a network. There is one per network and handle.
pub struct NetworkAccount(pub Row<network_account::Model>);

impl NetworkAccount {
    fn metric(&self, value: Option<i64>) -> Metric {
        Metric::of(value, self.0.figures_source, self.0.figures_as_of)
    }

    /// Whether the caller sees what its network told the creator alone: the creator, and brands if the creator shows insights to brands.
    async fn shown(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(match &ctx.cx()?.actor {
            Actor::Creator(by) => by.id() == self.0.creator_id,
            Actor::Member(_) | Actor::Admin(_) => ctx.rows()?.load_one(SharesOf(self.0.creator_id)).await?.unwrap_or_default(),
            _ => false,
        })
    }
}

/// An account on a network. There is one per network and handle.
#[Object]
impl NetworkAccount {
    /// The account's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// On which network.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Its name there, without `@`; an imported list may know only its title.
    async fn handle(&self) -> &str {
        &self.0.handle
    }
    /// The name it shows; null while unknown.
    async fn display_name(&self) -> Option<&str> {
        text(&self.0.display_name)
    }
    /// What it says of itself; null while unknown.
    async fn biography(&self) -> Option<&str> {
        text(&self.0.biography)
    }
    /// Its public page; null if the address is not known.
    async fn url(&self) -> Option<&str> {
        text(&self.0.url)
    }
    /// Its picture at the network; null while unknown.
    async fn picture_url(&self) -> Option<&str> {
        text(&self.0.picture_url)
    }
    /// What the network says it is.
    async fn account_type(&self) -> AccountTypeName {
        self.0.account_type.into()
    }
    /// How many accounts follow it.
    async fn followers(&self) -> Metric {
        self.metric(self.0.followers)
    }
    /// How its followers changed over the last 365 days: each day's last reading, the oldest first. A day without a reading is not there.
    async fn followers_history(&self, ctx: &Context<'_>) -> Result<Vec<FollowersReading>> {
        let days = ctx.rows()?.load_one(ReadingsOf(self.0.id)).await?.unwrap_or_default();
        Ok(days.into_iter().map(|(day, followers)| FollowersReading { day: Date(day), followers: followers.map(Long) }).collect())
    }
    /// How many accounts it follows.
    async fn following(&self) -> Metric {
        self.metric(self.0.following)
    }
    /// How many posts it has.
    async fn posts(&self) -> Metric {
        self.metric(self.0.posts)
    }
    /// Its newest publications that the network still shows, at most three; the newest first. Stories, and what has no known date, are not
    /// in it.
    async fn latest_posts(&self, ctx: &Context<'_>) -> Result<Vec<Post>> {
        let rows = ctx.rows()?.load_one(NewestOf(self.0.id)).await?.unwrap_or_default();
        Ok(Row::each(rows).map(Post::from).collect())
    }
    /// Who its audience is: the latest word on each part. The account's creator sees it; brands if the creator shows insights to brands;
    /// null for everybody else.
    async fn audience(&self, ctx: &Context<'_>) -> Result<Option<Vec<AudiencePart>>> {
        if !self.shown(ctx).await? {
            return Ok(None);
        }
        let parts = ctx.rows()?.load_one(AudienceOf(self.0.id)).await?.unwrap_or_default();
        Ok(Some(parts.iter().map(audience_part).collect()))
    }
    /// What the network told its creator of the last day and the last 28 days, each as it was read last. Seen by whom `audience` is seen by;
    /// null for everybody else.
    async fn insights(&self, ctx: &Context<'_>) -> Result<Option<Vec<AccountInsights>>> {
        if !self.shown(ctx).await? {
            return Ok(None);
        }
        let windows = ctx.rows()?.load_one(InsightsOf(self.0.id)).await?.unwrap_or_default();
        Ok(Some(windows.iter().map(account_insights).collect()))
    }
    /// Whether the network itself has confirmed that the account is the creator's; a handle that was only typed in is not.
    async fn verified(&self, ctx: &Context<'_>) -> Result<bool> {
        let links = ctx.rows()?.load_one(LinksOf(self.0.creator_id)).await?.unwrap_or_default();
        Ok(links.iter().any(|link| link.account_id == self.0.id && link.state == LinkState::Verified))
    }
    /// When the creator last showed by a code, written at the account, that they can write there; null if never. It is less than `verified`.
    async fn ownership_proven_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let links = ctx.rows()?.load_one(LinksOf(self.0.creator_id)).await?.unwrap_or_default();
        Ok(links.iter().find(|link| link.account_id == self.0.id && link.state == LinkState::Declared).and_then(|link| link.proven_at))
    }
    /// Whose it is; null if the profile is gone.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        Ok(ctx.rows()?.load_one(self.0.creator_id).await?.map(Creator))
    }
    /// When Hibiki first heard of it.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
