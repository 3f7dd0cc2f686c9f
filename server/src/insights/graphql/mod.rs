//! Insights in GraphQL: fields of a creator. The creator sees all of their own; brands what the creator shows them, else what everybody can
//! see at the networks.

pub mod estimates;
pub mod mutations;
pub mod parts;
mod rows;
pub mod score;
pub mod similar;
pub mod tables;

use std::sync::Arc;

use async_graphql::{Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{creator, creator_insights, enums::InsightScope};

pub use estimates::{MediaValue, PostingHours, PriceEstimate};
pub use mutations::ScoresMutation;
pub use parts::{AudienceFans, AudienceQuality, ContentVetting, CreatorAudience, CreatorCollaborations, CreatorEngagement, CreatorTopics};
pub use score::{CreatorScore, TrueReach};

use super::{
    queries,
    results::{Missing, Part, Results, Why},
    rules,
};
use crate::{
    base::lang::Lang,
    error::Result,
    graph::{
        context::{Actor, Ask},
        rows::Row,
    },
    networks::graphql::rows::SharesOf,
};
use rows::InsightsOf;

/// What insights rest on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "InsightScope", name = "InsightScope")]
pub enum InsightScopeName {
    /// What everybody can see at the networks
    Public,
    /// That, and what only the creator's grant shows
    Full,
}

/// Where a figure comes from, from the surest to the least sure.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "influence::types::Provenance", name = "Provenance")]
pub enum ProvenanceName {
    /// First-party: the network told the creator
    #[graphql(name = "FIRST_PARTY")]
    A,
    /// A public counter
    #[graphql(name = "PUBLIC_COUNTER")]
    B,
    /// Estimated by a model from other counters
    #[graphql(name = "ESTIMATED")]
    C,
    /// A default, from followers alone
    #[graphql(name = "FOLLOWERS_ONLY")]
    D,
}

/// Something that is not known, and why (K10).
#[derive(SimpleObject)]
pub struct InsightMissing {
    /// Of what.
    part: Part,
    /// Why.
    why: Why,
    /// The reason as a sentence, in the caller's language.
    text: String,
}

/// A creator's latest insights as the caller may see them.
pub(crate) struct Seen {
    creator: Row<creator::Model>,
    scope: InsightScope,
    own: bool,
    rows: Option<Arc<Vec<creator_insights::Model>>>,
}

impl Seen {
    /// Reads them; batched with those of the creator's neighbours.
    pub(crate) async fn of(ctx: &Context<'_>, creator: &Row<creator::Model>) -> Result<Self> {
        let actor = &ctx.cx()?.actor;
        let own = actor.is(creator.id);
        // Admins run the house; what a creator shows to brands is not shown to them by that.
        let asks = !own && matches!(actor, Actor::Member(_));
        let shares = asks && ctx.rows()?.load_one(SharesOf(creator.id)).await?.unwrap_or_default();
        let rows = ctx.rows()?.load_one(InsightsOf(creator.id)).await?;
        Ok(Self { creator: creator.clone(), scope: queries::scope_for(own, shares), own, rows })
    }

    fn row(&self) -> Option<&creator_insights::Model> {
        self.rows.iter().flat_map(|rows| rows.iter()).find(|row| row.scope == self.scope)
    }

    fn results(&self) -> Results {
        self.row().map_or_else(
            || Results { missing: vec![Missing { part: Part::Score, why: Why::NotComputed }], ..Results::default() },
            Results::of,
        )
    }

    fn computed_at(&self) -> Option<DateTime<Utc>> {
        self.row().map(|row| row.computed_at)
    }

    /// What is not known.
    pub(crate) fn missing(&self, ctx: &Context<'_>) -> Vec<InsightMissing> {
        let say = |one: Missing| InsightMissing {
            part: one.part,
            why: one.why,
            text: ctx.locale().t(&format!("insights.why.{}", one.why.as_str())).into(),
        };
        self.results().missing.into_iter().map(say).collect()
    }

    /// The score.
    pub(crate) fn score(self) -> CreatorScore {
        CreatorScore(self)
    }

    /// How audiences react, account by account.
    pub(crate) async fn engagement(&self, ctx: &Context<'_>) -> Result<Vec<CreatorEngagement>> {
        parts::engagement(ctx, self.results().engagement).await
    }

    /// Who the audience is.
    pub(crate) fn audience(&self) -> Vec<CreatorAudience> {
        self.results().audience.into_iter().map(CreatorAudience).collect()
    }

    /// Audience quality.
    pub(crate) fn quality(&self) -> Option<AudienceQuality> {
        self.results().quality.map(AudienceQuality::of)
    }

    /// Who takes part.
    pub(crate) fn fans(&self, ctx: &Context<'_>) -> Option<AudienceFans> {
        self.results().fans.map(|row| AudienceFans::of(row, ctx.locale()))
    }

    /// What the posts are about.
    pub(crate) fn topics(&self, ctx: &Context<'_>) -> CreatorTopics {
        CreatorTopics::of(self.results().topics, ctx.locale())
    }

    /// Work with brands.
    pub(crate) fn collaborations(&self) -> CreatorCollaborations {
        CreatorCollaborations::of(self.results().collaborations)
    }

    /// Explicit words.
    pub(crate) fn vetting(&self) -> Option<ContentVetting> {
        self.results().vetting.map(ContentVetting::of)
    }

    /// What a sponsored post may cost.
    pub(crate) fn prices(&self) -> Vec<PriceEstimate> {
        self.results().prices.into_iter().map(PriceEstimate).collect()
    }

    /// What ordinary posts would be said to be worth.
    pub(crate) fn media(&self) -> Vec<MediaValue> {
        self.results().media.into_iter().map(MediaValue).collect()
    }

    /// When to post.
    pub(crate) fn hours(&self) -> Vec<PostingHours> {
        self.results().hours.into_iter().map(PostingHours).collect()
    }

    /// True Reach.
    pub(crate) async fn true_reach(&self, ctx: &Context<'_>) -> Result<Option<TrueReach>> {
        score::true_reach(ctx, self).await
    }

    fn actions(&self, published: bool) -> Vec<rules::ScoreAction> {
        use rules::ScoreAction::{Publish, Refresh, Unpublish};
        if !self.own {
            return Vec::new();
        }
        let mut out = vec![Refresh];
        if self.row().is_some_and(|row| row.score.is_some()) {
            out.push(Publish);
        }
        if published {
            out.push(Unpublish);
        }
        out
    }
}
