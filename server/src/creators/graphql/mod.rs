//! Creators in GraphQL: the profile as brands see it, and as the creator sees their own.

pub mod account;
pub mod mutations;
pub mod queries;
mod rows;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    creator,
    enums::{CreatorKind, CreatorSource, LinkState},
    portfolio_item,
};

pub use crate::graph::names::NetworkName;
pub use account::{AccountTypeName, NetworkAccount};
pub use mutations::CreatorsMutation;
pub use queries::CreatorsQuery;
pub(crate) use queries::{account_node, creator_node, item_node, seen};
pub(crate) use rows::{AccountsOf, LinksOf, OfferingsOf, PortfolioOf, ReadingsOf};

use super::rules::{self, Category, CreatorAction, Item, LineAction, Tier};
use crate::{
    error::Result,
    graph::{
        context::{Actor, Ask},
        rows::Row,
        scalars::{CurrencyCode, Date, LocaleName},
    },
    insights::graphql::{
        AudienceFans, AudienceQuality, ContentVetting, CreatorAudience, CreatorCollaborations, CreatorEngagement, CreatorScore,
        CreatorTopics, MediaValue, PostingHours, PriceEstimate, Seen, TrueReach,
    },
    offerings::{self, graphql::Offering},
    web::urls,
};

/// What kind of influencer somebody is (M9).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CreatorKind", name = "CreatorKind")]
pub enum CreatorKindName {
    /// On social networks
    Social,
    /// In press and broadcasting
    Media,
    /// On an own blog
    Blogger,
    /// An industry expert or analyst
    Expert,
}

/// How a profile came to be.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CreatorSource", name = "CreatorSource")]
pub enum CreatorSourceName {
    /// The person made it
    SignedUp,
    /// From a public list that an operator imported
    Imported,
    /// A brand looked the account up at its network: what is public there
    LookedUp,
    /// A brand typed it in to invite somebody
    Invited,
}

/// Why a creator wears the verified badge (K24).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedBy {
    /// An admin of the platform gave it by hand
    Admin,
    /// The creator is registered, and a network has confirmed that one of the accounts is theirs
    Account,
}

/// A creator: a person whom brands work with. The profile may exist before the person has registered; then it holds public data only.
pub struct Creator(pub Row<creator::Model>);

impl Creator {
    /// Whether the caller is this very creator.
    fn own(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.cx()?.actor.is(self.0.id))
    }

    async fn links(&self, ctx: &Context<'_>) -> Result<Arc<Vec<entity::network_link::Model>>> {
        Ok(ctx.rows()?.load_one(LinksOf(self.0.id)).await?.unwrap_or_default())
    }

    async fn account_rows(&self, ctx: &Context<'_>) -> Result<Arc<Vec<entity::network_account::Model>>> {
        Ok(ctx.rows()?.load_one(AccountsOf(self.0.id)).await?.unwrap_or_default())
    }

    async fn offering_rows(&self, ctx: &Context<'_>) -> Result<Arc<Vec<entity::offering::Model>>> {
        Ok(ctx.rows()?.load_one(OfferingsOf(self.0.id)).await?.unwrap_or_default())
    }

    async fn portfolio_rows(&self, ctx: &Context<'_>) -> Result<Arc<Vec<portfolio_item::Model>>> {
        Ok(ctx.rows()?.load_one(PortfolioOf(self.0.id)).await?.unwrap_or_default())
    }
}

fn text(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

/// A creator: a person whom brands work with. The profile may exist before the person has registered; then it holds public data only.
#[Object]
impl Creator {
    /// The creator's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that others see.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }
    /// The introduction in the language asked for, else in the other; null if there is none.
    async fn introduction(&self, #[graphql(desc = "The language that is preferred.")] locale: LocaleName) -> Option<&str> {
        text(rules::introduction(&self.0, locale.into()).0)
    }
    /// What most of the posts are about; null while not chosen.
    async fn main_category(&self) -> Option<Category> {
        self.0.main_category.parse().ok()
    }
    /// Skills of interest beside the main category, in the creator's own words.
    async fn skills(&self) -> &[String] {
        &self.0.skills.0
    }
    /// The country of residence, ISO 3166-1 alpha-2; null while unknown.
    async fn country(&self) -> Option<&str> {
        text(&self.0.country)
    }
    /// The picture that the creator uploaded, else a copy of the one that they show at the largest network that they linked; null
    /// without either. It is always ours: looking at it tells no network who looks at whom.
    async fn picture_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.0.picture().map(|id| Ok(ctx.app()?.link(&urls::picture(id)))).transpose()
    }
    /// What kind of influencer.
    async fn kind(&self) -> CreatorKindName {
        self.0.kind.into()
    }
    /// How the profile came to be.
    async fn source(&self) -> CreatorSourceName {
        self.0.source.into()
    }
    /// Whether a person has registered and owns this profile.
    async fn registered(&self) -> bool {
        self.0.user_id.is_some()
    }
    /// When the person registered; null while nobody has.
    async fn registered_at(&self) -> Option<DateTime<Utc>> {
        self.0.registered_at
    }
    /// Whether the verified badge is shown; `verifiedBy` says why.
    async fn verified(&self, ctx: &Context<'_>) -> Result<bool> {
        // Where the links cannot change the answer they are not asked for.
        Ok(self.0.vetted_at.is_some() || self.0.user_id.is_some() && rules::badge(&self.0, &self.links(ctx).await?))
    }
    /// Why the badge is shown; empty without it.
    async fn verified_by(&self, ctx: &Context<'_>) -> Result<Vec<VerifiedBy>> {
        let proven = self.0.user_id.is_some() && self.links(ctx).await?.iter().any(|l| l.state == LinkState::Verified);
        Ok([(self.0.vetted_at.is_some(), VerifiedBy::Admin), (proven, VerifiedBy::Account)]
            .into_iter()
            .filter_map(|(on, why)| on.then_some(why))
            .collect())
    }
    /// How large the largest audience is; null while no figure is known, and below 500 followers.
    async fn tier(&self) -> Option<Tier> {
        self.0.followers.and_then(rules::tier)
    }
    /// The accounts on networks, the largest audience first, unknown ones last.
    async fn accounts(&self, ctx: &Context<'_>) -> Result<Vec<NetworkAccount>> {
        Ok(Row::each(self.account_rows(ctx).await?).map(NetworkAccount).collect())
    }
    /// What the creator would do and for which wished fee, the oldest line first. A fee is agreed by contract, never here.
    async fn offerings(&self, ctx: &Context<'_>) -> Result<Vec<Offering>> {
        Ok(Row::each(self.offering_rows(ctx).await?).map(Offering).collect())
    }
    /// The cheapest line in a currency, else in the first one there is: "from …". Null without lines.
    async fn lowest_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency that is preferred; amounts of different ones are never compared.")] currency: CurrencyCode,
    ) -> Result<Option<Offering>> {
        let lines = self.offering_rows(ctx).await?;
        let preferred = crate::base::money::Currency::from(currency).code();
        Ok(offerings::rules::lowest(&lines, preferred).cloned().map(Row::from).map(Offering))
    }
    /// Past collaborations, the latest first.
    async fn portfolio(&self, ctx: &Context<'_>) -> Result<Vec<PortfolioItem>> {
        Ok(Row::each(self.portfolio_rows(ctx).await?).map(PortfolioItem).collect())
    }
    /// How complete the profile is and what each part brings; null for everybody but the creator.
    async fn completeness(&self, ctx: &Context<'_>) -> Result<Option<Completeness>> {
        if !self.own(ctx)? {
            return Ok(None);
        }
        let counts = rules::Counts {
            networks: self.links(ctx).await?.len(),
            offerings: self.offering_rows(ctx).await?.len(),
            portfolio: self.portfolio_rows(ctx).await?.len(),
        };
        Ok(Some(Completeness::of(&rules::completeness(&self.0, counts), ctx)))
    }
    /// How the name is read, in katakana; null for everybody but the creator, and while not given.
    async fn kana(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(text(&self.0.kana).filter(|_| self.own(ctx).unwrap_or(false)))
    }
    /// The prefecture of Japan, such as `kyoto`; null for everybody but the creator, and while not given.
    async fn prefecture(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(text(&self.0.prefecture).filter(|_| self.own(ctx).unwrap_or(false)))
    }
    /// The influence score: open, with its interval, parts and reasons.
    async fn score(&self, ctx: &Context<'_>) -> Result<CreatorScore> {
        Ok(Seen::of(ctx, &self.0).await?.score())
    }
    /// People who really see an ordinary post; null while unknown, for the reasons in `score.missing`.
    async fn true_reach(&self, ctx: &Context<'_>) -> Result<Option<TrueReach>> {
        Seen::of(ctx, &self.0).await?.true_reach(ctx).await
    }
    /// Who the audience is; empty where nobody told, or the creator does not show it to brands.
    async fn audience(&self, ctx: &Context<'_>) -> Result<Vec<CreatorAudience>> {
        Ok(Seen::of(ctx, &self.0).await?.audience())
    }
    /// Those who comment and name the creator, by what they do; null while too little is known of them.
    async fn fans(&self, ctx: &Context<'_>) -> Result<Option<AudienceFans>> {
        Ok(Seen::of(ctx, &self.0).await?.fans(ctx))
    }
    /// Audience quality and authenticity; null while nothing of it is known.
    async fn quality(&self, ctx: &Context<'_>) -> Result<Option<AudienceQuality>> {
        Ok(Seen::of(ctx, &self.0).await?.quality())
    }
    /// How audiences react, account by account, against what is usual.
    async fn engagement(&self, ctx: &Context<'_>) -> Result<Vec<CreatorEngagement>> {
        Seen::of(ctx, &self.0).await?.engagement(ctx).await
    }
    /// What the posts are about, and which topics do better than the rest.
    async fn topics(&self, ctx: &Context<'_>) -> Result<CreatorTopics> {
        Ok(Seen::of(ctx, &self.0).await?.topics(ctx))
    }
    /// Work with brands, as the posts show it.
    async fn collaborations(&self, ctx: &Context<'_>) -> Result<CreatorCollaborations> {
        Ok(Seen::of(ctx, &self.0).await?.collaborations())
    }
    /// Explicit words in posts; null without posts.
    async fn vetting(&self, ctx: &Context<'_>) -> Result<Option<ContentVetting>> {
        Ok(Seen::of(ctx, &self.0).await?.vetting())
    }
    /// What a sponsored post may cost, by account: estimates, no offers; empty where no survey tells.
    async fn price_estimates(&self, ctx: &Context<'_>) -> Result<Vec<PriceEstimate>> {
        Ok(Seen::of(ctx, &self.0).await?.prices())
    }
    /// What ordinary posts would be said to be worth as advertising, by account: estimates; empty where nothing was counted.
    async fn media_values(&self, ctx: &Context<'_>) -> Result<Vec<MediaValue>> {
        Ok(Seen::of(ctx, &self.0).await?.media())
    }
    /// When to post, by account; empty with fewer than 50 reactions whose instant is known.
    async fn posting_hours(&self, ctx: &Context<'_>) -> Result<Vec<PostingHours>> {
        Ok(Seen::of(ctx, &self.0).await?.hours())
    }
    /// What the caller may do with the profile now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<CreatorAction>> {
        Ok(match &ctx.cx()?.actor {
            actor if actor.is(self.0.id) => vec![CreatorAction::Edit],
            Actor::Admin(_) => vec![rules::admin_action(&self.0)],
            _ => Vec::new(),
        })
    }
    /// When the profile was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// How complete a profile is.
#[derive(SimpleObject)]
pub struct Completeness {
    /// 0 to 100.
    pub percent: i32,
    /// Every part, the required ones first.
    pub items: Vec<CompletenessItem>,
}

/// A part of a profile.
#[derive(SimpleObject)]
pub struct CompletenessItem {
    /// Which.
    pub key: Item,
    /// Whether it is filled in.
    pub done: bool,
    /// Needed to be invited at all; the others make it likelier.
    pub required: bool,
    /// How much of the whole it is, in percent.
    pub weight: i32,
    /// What filling it in brings, in the caller's language.
    pub brings: String,
}

impl Completeness {
    fn of(read: &rules::Completeness, ctx: &Context<'_>) -> Self {
        use crate::base::lang::Lang;
        let locale = ctx.locale();
        let items = read.parts.iter().map(|part| CompletenessItem {
            key: part.key,
            done: part.done,
            required: part.required,
            weight: part.weight.into(),
            brings: locale.t(&format!("creators.part.{}.brings", part.key)).into(),
        });
        Self { percent: read.percent.into(), items: items.collect() }
    }
}

/// A past collaboration that a creator shows.
pub struct PortfolioItem(pub Row<portfolio_item::Model>);

/// A past collaboration that a creator shows.
#[Object]
impl PortfolioItem {
    /// The item's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Whose post it was, in the creator's words.
    async fn brand_name(&self) -> &str {
        &self.0.brand_name
    }
    /// What it was.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// Where it can be seen; null if nowhere.
    async fn url(&self) -> Option<&str> {
        text(&self.0.url)
    }
    /// The day it was published; null while unknown.
    async fn published_on(&self) -> Option<Date> {
        self.0.published_on.map(Date)
    }
    /// More words; null without.
    async fn note(&self) -> Option<&str> {
        text(&self.0.note)
    }
    /// When the creator deleted it; null while it is shown. Only the creator ever sees a deleted one.
    async fn deleted_at(&self) -> Option<DateTime<Utc>> {
        self.0.deleted_at
    }
    /// What the caller may do with it now; empty for everybody but its creator.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<LineAction>> {
        let cx = ctx.cx()?;
        let own = cx.actor.is(self.0.creator_id);
        Ok(if own { rules::line_actions(self.0.deleted_at, cx.app.clock.now()) } else { Vec::new() })
    }
}
