//! Estimates in GraphQL: what a post may cost, what one would be said to be worth, when to post, which posts look like advertising.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::{
    creators::graphql::NetworkAccount,
    error::Result,
    graph::{
        context::Ask,
        names::NetworkName,
        scalars::{Date, Decimal, Long, Money},
    },
    insights::results,
};

use super::ProvenanceName;

/// Something in a post that speaks for advertising.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "influence::sponsored::Sign", name = "AdvertisingSign")]
pub enum SignName {
    /// A promotion code
    PromoCode,
    /// A link with tracking, or of an affiliate network
    TrackedLink,
    /// A brand beside a call to action
    BrandCall,
    /// Words of price and time limits
    Discount,
    /// The brand shared it
    BrandShared,
    /// A brand's handle or link
    Brand,
}

/// A post that looks like advertising and does not say so. A suspicion to look at, by a model that nobody has validated.
#[derive(SimpleObject)]
pub struct SuspectedPost {
    /// Which, for `node`.
    post_id: ID,
    /// When it went out.
    day: Date,
    /// 0 to 1.
    probability: Option<Decimal>,
    /// What speaks for it.
    signs: Vec<SignName>,
}

impl From<results::Suspected> for SuspectedPost {
    fn from(one: results::Suspected) -> Self {
        Self {
            post_id: one.post.to_string().into(),
            day: Date(one.day),
            probability: Decimal::of(one.probability, 2),
            signs: one.signs.into_iter().map(Into::into).collect(),
        }
    }
}

/// What a price estimate is the product of; 1 = as usual, or not known.
#[derive(SimpleObject)]
pub struct PriceFactors {
    /// What the smallest accounts of the table are paid, in whole units of the currency.
    base: Option<Decimal>,
    /// By followers.
    size: Option<Decimal>,
    /// By the engagement rate over its benchmark.
    engagement: Option<Decimal>,
    /// By the form of the post.
    format: Option<Decimal>,
}

/// What a sponsored post on an account may cost: an estimate by the table of post prices in force, no offer.
pub struct PriceEstimate(pub(super) results::Price);

/// What a sponsored post on an account may cost: an estimate by the table of post prices in force, no offer.
#[Object]
impl PriceEstimate {
    /// Where.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Whose; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account).await?.map(NetworkAccount))
    }
    /// The lower end of the span.
    async fn low(&self) -> Money {
        self.money(self.0.estimate.low)
    }
    /// The middle.
    async fn middle(&self) -> Money {
        self.money(self.0.estimate.middle)
    }
    /// The upper end.
    async fn high(&self) -> Money {
        self.money(self.0.estimate.high)
    }
    /// The middle for a thousand people reached; null where True Reach is not known.
    async fn per_thousand(&self) -> Option<Money> {
        self.0.estimate.per_thousand.map(|minor| self.money(minor))
    }
    /// What the middle is made of.
    async fn factors(&self) -> PriceFactors {
        let f = self.0.estimate.factors;
        PriceFactors {
            base: Decimal::of(f.base, 2),
            size: Decimal::of(f.size, 4),
            engagement: Decimal::of(f.rate, 4),
            format: Decimal::of(f.format, 4),
        }
    }
}

impl PriceEstimate {
    fn money(&self, minor: i64) -> Money {
        Money::from_row(minor, &self.0.estimate.currency)
    }
}

/// What an ordinary post of an account would be said to be worth as advertising: an estimate by the table of media rates in force.
pub struct MediaValue(pub(super) results::MediaValue);

/// What an ordinary post of an account would be said to be worth as advertising: an estimate by the table of media rates in force.
#[Object]
impl MediaValue {
    /// Where.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Whose; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account).await?.map(NetworkAccount))
    }
    /// The median over posts.
    async fn value(&self) -> Money {
        Money::from_row(self.0.minor, &self.0.currency)
    }
    /// Posts of 90 days behind it.
    async fn posts(&self) -> Long {
        Long(i64::try_from(self.0.posts).unwrap_or(i64::MAX))
    }
    /// The weakest basis among them: FIRST_PARTY impressions, PUBLIC_COUNTER views, ESTIMATED from reactions.
    async fn basis(&self) -> ProvenanceName {
        self.0.basis.into()
    }
}

/// An hour of the week to post in.
#[derive(SimpleObject)]
pub struct PostingHour {
    /// 0 to 167; 0 is Monday 00:00 to 00:59 UTC.
    hour: i32,
    /// Reactions that come after it over those after an average hour. Associated with it, no promise.
    lift: Option<Decimal>,
}

/// When the audience of an account reacts.
pub struct PostingHours(pub(super) results::Hours);

/// When the audience of an account reacts.
#[Object]
impl PostingHours {
    /// Where.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Whose; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account).await?.map(NetworkAccount))
    }
    /// Comments and mentions of 100 days whose instant is known; at least 50.
    async fn reactions(&self) -> Long {
        Long(i64::try_from(self.0.reactions).unwrap_or(i64::MAX))
    }
    /// The best hours, the best first.
    async fn best(&self) -> Vec<PostingHour> {
        self.0
            .best
            .iter()
            .map(|one| PostingHour { hour: i32::try_from(one.hour).unwrap_or_default(), lift: Decimal::of(one.lift, 2) })
            .collect()
    }
}
