//! The score: its interval, parts, causes, standing, advice and history.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Days, Utc};
use entity::ids::PostId;
use futures_util::future::join_all;
use influence::{
    causes::Cause,
    score::{Component, Parts, Provisional},
    types::Network,
};

use super::{
    InsightMissing, InsightScopeName, ProvenanceName, Seen,
    rows::{GroupOf, HistoryOf, PageOf, ScoredOf},
    tables::ReferenceTableUsed,
};
use crate::{
    error::{Code, Result, Wrong},
    graph::{
        context::Ask,
        names::NetworkName,
        scalars::{Date, Decimal, Long, bad_argument},
    },
    insights::{
        pages,
        places::{Place, places},
        queries::{self, Group, Scored},
        results::Happened,
        rules::{self, ScoreAction},
    },
    networks::graphql::sync::DimensionName,
};

/// A part of the score.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Component", name = "ScoreComponent")]
pub enum ScoreComponentName {
    /// People who see a post
    Audience,
    /// What they do about it, for each of them
    Bond,
    /// People who see it through others
    SecondHand,
    /// How much those who act are themselves listened to
    Connections,
    /// Being there, and how regularly
    Presence,
}

/// Why a score is not yet to be relied on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Provisional", name = "ScoreProvisional")]
pub enum ProvisionalName {
    /// Fewer than five posts
    FewPosts,
    /// Observed for fewer than seven days
    FewDays,
    /// The network could not be read for a third of the window
    Gaps,
}

/// What happened.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ScoreCauseKind {
    /// A post went out, one of the three with the most reactions
    Post,
    /// Followers jumped
    Jump,
    /// Counts were taken back
    Purge,
    /// The network could not be read
    Gap,
}

/// Ends made to hold nine in ten true values; how often they do could not be checked on public data.
#[derive(SimpleObject, Clone, Copy)]
pub struct ScoreInterval {
    /// The lower end.
    pub low: Decimal,
    /// The upper end.
    pub high: Decimal,
}

impl ScoreInterval {
    /// With so many decimals.
    pub fn of(low: f64, high: f64, decimals: i32) -> Option<Self> {
        Some(Self { low: Decimal::of(low, decimals)?, high: Decimal::of(high, decimals)? })
    }
}

/// One factor of the expected number of people who see and react.
#[derive(SimpleObject)]
pub struct ScorePart {
    /// Which.
    component: ScoreComponentName,
    /// The quantity behind it: people per post for AUDIENCE, actions for each person reached for BOND, people for each person for SECOND_HAND,
    /// a ratio to the network's mean for CONNECTIONS, posts a week for PRESENCE; null while unknown.
    quantity: Option<Decimal>,
    /// What it multiplies by: 1 = as usual. Of AUDIENCE, the people themselves.
    factor: Decimal,
}

/// The score on one network.
#[derive(SimpleObject)]
pub struct ScoreNetwork {
    /// Where.
    network: NetworkName,
    /// People who see a post and can be expected to react.
    influence: Decimal,
    /// Where the number of people reached comes from.
    provenance: ProvenanceName,
    /// The factors, the audience first; their product is `influence`.
    parts: Vec<ScorePart>,
}

fn network_of(network: Network, parts: &Parts) -> Option<ScoreNetwork> {
    let part = |component: Component| {
        Some(ScorePart {
            component: component.into(),
            quantity: rules::known(component, parts).and_then(|n| Decimal::of(n, 4)),
            factor: Decimal::of(parts.ln_of(component).exp(), 4)?,
        })
    };
    Some(ScoreNetwork {
        network: rules::network(network).into(),
        influence: Decimal::of(parts.influence(), 1)?,
        provenance: parts.provenance.into(),
        parts: Component::ALL.into_iter().filter_map(part).collect(),
    })
}

/// One cause of a change; all of them sum to it.
#[derive(SimpleObject)]
pub struct ScoreContribution {
    /// On which network.
    network: NetworkName,
    /// Which part; null: the network came or went as a whole.
    component: Option<ScoreComponentName>,
    /// Points of score that it added, or took when below 0.
    points: Decimal,
}

/// Something that happened between two scores. A fact to look at, not a share of the change.
#[derive(SimpleObject)]
pub struct ScoreCause {
    /// What.
    kind: ScoreCauseKind,
    /// Where.
    network: NetworkName,
    /// On which day.
    day: Date,
    /// Of a POST: which, for `node`; null if it is gone.
    post_id: Option<async_graphql::ID>,
    /// Of a POST: likes, comments and shares. Of a JUMP: followers gained, below 0 if lost. Of a PURGE: counts taken back. Null of a GAP.
    amount: Option<Long>,
    /// Of a JUMP: whether a strong post explains it; null otherwise.
    explained: Option<bool>,
}

pub(super) fn cause(one: Happened) -> ScoreCause {
    let (kind, day, amount, explained) = match one.cause {
        Cause::Post { day, reactions, .. } => (ScoreCauseKind::Post, day, Some(reactions), None),
        Cause::Jump(jump) => (ScoreCauseKind::Jump, jump.day, Some(jump.gained.round() as i64), Some(jump.explained)),
        Cause::Purge { day, n, .. } => (ScoreCauseKind::Purge, day, Some(n.round() as i64), None),
        Cause::Gap { day } => (ScoreCauseKind::Gap, day, None, None),
    };
    ScoreCause {
        kind,
        network: rules::network(one.network).into(),
        day: Date(rules::date(day)),
        post_id: one.post_id.map(|id: PostId| id.to_string().into()),
        amount: amount.map(Long),
        explained,
    }
}

/// Why a score changed.
#[derive(SimpleObject)]
pub struct ScoreChange {
    /// The day of the earlier score: the last one up to the day asked for.
    from: Date,
    /// The day of the later one.
    to: Date,
    /// The earlier score.
    before: Decimal,
    /// The later one.
    after: Decimal,
    /// By network and part; the points sum to `after` − `before`, up to rounding.
    contributions: Vec<ScoreContribution>,
    /// What happened between, where it is known.
    causes: Vec<ScoreCause>,
}

/// Where a score stands among comparable creators.
#[derive(SimpleObject)]
pub struct ScorePercentile {
    /// The share of peers with a lower score, in per cent; those with the same one count one half.
    value: Decimal,
    /// The network that peers are of; null: all creators.
    network: Option<NetworkName>,
    /// The country that peers are of, ISO 3166-1 alpha-2; null: all countries.
    country: Option<String>,
    /// How many peers there are, the creator among them.
    peers: i32,
}

/// A piece of advice: associated with a higher score, never a promise.
#[derive(SimpleObject)]
pub struct ScoreTip {
    /// On which network.
    network: NetworkName,
    /// About which part.
    component: ScoreComponentName,
    /// What the creator has, in the unit of `ScorePart.quantity`.
    own: Decimal,
    /// What a quarter of the peers exceed.
    peers: Decimal,
    /// Points of score that creators with that figure have more, all else equal.
    gain: Decimal,
    /// The ends of that, given the creator's own uncertainty.
    gain_interval: ScoreInterval,
}

/// A day of the history.
#[derive(SimpleObject)]
pub struct ScorePoint {
    /// As of the end of this day, UTC.
    day: Date,
    /// 0 to 100, one decimal.
    value: Decimal,
    /// Made to hold nine in ten true values.
    interval: ScoreInterval,
    /// People per post.
    true_reach: Decimal,
}

/// The page that shows the score to everybody.
#[derive(SimpleObject)]
pub struct ScorePage {
    /// Its address.
    url: String,
    /// The last part of the address.
    slug: String,
    /// Whether it also shows who the audience is.
    with_audience: bool,
    /// Since when it is public; null: it is not.
    published_at: Option<DateTime<Utc>>,
}

/// A creator's influence score. The formula is open: `docs/science.md`, and the page `/metrics`.
pub struct CreatorScore(pub(super) Seen);

impl CreatorScore {
    async fn scored(&self, ctx: &Context<'_>) -> Result<Option<Arc<Scored>>> {
        scored(ctx, &self.0).await
    }
}

async fn scored(ctx: &Context<'_>, seen: &Seen) -> Result<Option<Arc<Scored>>> {
    // A score that is no longer there is not told by its last snapshot.
    if seen.row().is_none_or(|row| row.score.is_none()) {
        return Ok(None);
    }
    ctx.rows()?.load_one(ScoredOf(seen.creator.id, seen.scope, None)).await
}

async fn groups(ctx: &Context<'_>, keys: Vec<String>) -> Result<HashMap<String, Group>> {
    let rows = ctx.rows()?;
    let found = join_all(keys.into_iter().map(|key| rows.load_one(GroupOf(key)))).await;
    let mut out = HashMap::new();
    for group in found {
        if let Some(group) = group? {
            out.insert(group.key.clone(), (*group).clone());
        }
    }
    Ok(out)
}

/// A creator's influence score. The formula is open: `docs/science.md`, and the page `/metrics`.
#[Object]
impl CreatorScore {
    /// 0 to 100, one decimal; null: no score, for the reasons in `missing`. Never 0 because nothing is known.
    async fn value(&self) -> Option<Decimal> {
        self.0.row().and_then(|row| row.score).and_then(|value| Decimal::of(value, 1))
    }
    /// Made to hold nine in ten true values; null without a score.
    async fn interval(&self, ctx: &Context<'_>) -> Result<Option<ScoreInterval>> {
        Ok(self.scored(ctx).await?.and_then(|one| ScoreInterval::of(one.score.low, one.score.high, 1)))
    }
    /// Reasons not to rely on it yet; empty: none, or no score.
    async fn provisional(&self, ctx: &Context<'_>) -> Result<Vec<ProvisionalName>> {
        Ok(self.scored(ctx).await?.map(|one| one.score.provisional.iter().map(|p| (*p).into()).collect()).unwrap_or_default())
    }
    /// The expected number of people who see an ordinary post and react, all networks together; null without a score.
    async fn influence(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        Ok(self.scored(ctx).await?.and_then(|one| Decimal::of(one.score.influence, 1)))
    }
    /// The score's parts, network by network.
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<ScoreNetwork>> {
        let Some(one) = self.scored(ctx).await? else { return Ok(Vec::new()) };
        Ok(one.score.networks.iter().filter_map(|(network, parts)| network_of(*network, parts)).collect())
    }
    /// Why it changed since a day; null where there was no score up to then, or of another formula.
    async fn explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Compared with the last score up to this day.")] since: Date,
    ) -> Result<Option<ScoreChange>> {
        let (Some(now), Some(before)) =
            (self.scored(ctx).await?, ctx.rows()?.load_one(ScoredOf(self.0.creator.id, self.0.scope, Some(since.0))).await?)
        else {
            return Ok(None);
        };
        let (contributions, happened) = now.since(&before);
        let contribution = |one: influence::explain::Contribution| {
            Some(ScoreContribution {
                network: rules::network(one.network).into(),
                component: one.component.map(Into::into),
                points: Decimal::of(one.points, 3)?,
            })
        };
        Ok(Decimal::of(before.score.value, 3).zip(Decimal::of(now.score.value, 3)).map(|(was, is)| ScoreChange {
            from: Date(before.day),
            to: Date(now.day),
            before: was,
            after: is,
            contributions: contributions.into_iter().filter_map(contribution).collect(),
            causes: happened.into_iter().map(cause).collect(),
        }))
    }
    /// Where it stands among creators of the same network, tier and country, else in a wider group; null while there are fewer than five.
    async fn percentile(&self, ctx: &Context<'_>) -> Result<Option<ScorePercentile>> {
        let Some(row) = self.0.row().filter(|row| row.score.is_some()) else { return Ok(None) };
        let groups = groups(ctx, rules::groups(&row.network, &row.tier, &row.country)).await?;
        Ok(queries::standing(row, &groups).and_then(|(value, group)| {
            let mut parts = group.key.split(':');
            let network = parts.next().and_then(|word| word.parse::<entity::enums::Network>().ok());
            let country = parts.nth(1).filter(|text| !text.is_empty()).map(str::to_owned);
            Some(ScorePercentile { value: Decimal::of(value, 1)?, network: network.map(Into::into), country, peers: group.members })
        }))
    }
    /// At most three pieces of advice, each worth half a point at least, the most promising first; empty for everybody but the creator.
    async fn coaching(&self, ctx: &Context<'_>) -> Result<Vec<ScoreTip>> {
        if !self.0.own {
            return Ok(Vec::new());
        }
        let Some(one) = self.scored(ctx).await? else { return Ok(Vec::new()) };
        let groups = groups(ctx, one.advice_keys()).await?;
        let tip = |tip: influence::coach::Tip| {
            Some(ScoreTip {
                network: rules::network(tip.network).into(),
                component: tip.component.into(),
                own: Decimal::of(tip.own, 4)?,
                peers: Decimal::of(tip.peers, 4)?,
                gain: Decimal::of(tip.gain.value, 1)?,
                gain_interval: ScoreInterval::of(tip.gain.low, tip.gain.high, 1)?,
            })
        };
        Ok(one.tips(&groups).into_iter().filter_map(tip).collect())
    }
    /// The scores of the same formula by day, the oldest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many days back, 1 to 400; 90 if absent.")] days: Option<i32>,
    ) -> Result<Vec<ScorePoint>> {
        let days = days.unwrap_or(90);
        let Some(back) = u64::try_from(days).ok().filter(|days| (1..=400).contains(days)) else {
            return Err(bad_argument("days", Wrong::new(Code::Invalid, "base.problem.choice")));
        };
        let today = ctx.app()?.clock.now().date_naive();
        let from = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        let key = HistoryOf(self.0.creator.id, self.0.scope, from);
        let points = ctx.rows()?.load_one(key).await?.unwrap_or_default();
        let point = |one: &queries::Point| {
            Some(ScorePoint {
                day: Date(one.day),
                value: Decimal::of(one.value, 1)?,
                interval: ScoreInterval::of(one.low, one.high, 1)?,
                true_reach: Decimal::of(one.true_reach, 0)?,
            })
        };
        Ok(points.iter().filter_map(point).collect())
    }
    /// What it rests on, as far as the caller may see.
    async fn scope(&self) -> InsightScopeName {
        self.0.scope.into()
    }
    /// The version of the formula; scores of different versions are never compared. Null while nothing was computed.
    async fn formula(&self) -> Option<&str> {
        self.0.row().map(|row| row.formula.as_str())
    }
    /// The versions of the tables that the figures beside it were read against; empty while nothing was computed.
    async fn tables(&self) -> Vec<ReferenceTableUsed> {
        ReferenceTableUsed::all(self.0.results().tables)
    }
    /// As of the end of which day, UTC; null while nothing was computed.
    async fn day(&self) -> Option<Date> {
        self.0.row().map(|row| Date(row.day))
    }
    /// When it was computed; null while it was not.
    async fn computed_at(&self) -> Option<DateTime<Utc>> {
        self.0.computed_at()
    }
    /// What is not known, and why.
    async fn missing(&self, ctx: &Context<'_>) -> Vec<InsightMissing> {
        self.0.missing(ctx)
    }
    /// The page that shows it to everybody; null while there was none, and for everybody but the creator.
    async fn page(&self, ctx: &Context<'_>) -> Result<Option<ScorePage>> {
        if !self.0.own {
            return Ok(None);
        }
        let page = ctx.rows()?.load_one(PageOf(self.0.creator.id)).await?;
        let app = ctx.app()?;
        Ok(page.map(|page| ScorePage {
            url: app.link(&pages::address(&page.slug)),
            slug: page.slug,
            with_audience: page.with_audience,
            published_at: page.published_at,
        }))
    }
    /// What the caller may do with it now; empty for everybody but the creator.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ScoreAction>> {
        if !self.0.own {
            return Ok(Vec::new());
        }
        let page = ctx.rows()?.load_one(PageOf(self.0.creator.id)).await?;
        Ok(self.0.actions(page.is_some_and(|page| page.published_at.is_some())))
    }
}

/// True Reach: people who really see an ordinary post, those known to be bots or spam left out. It may exceed the followers, never the views.
#[derive(SimpleObject)]
pub struct TrueReach {
    /// All networks together, people per post; audiences overlap, so it is less than their sum.
    people: Decimal,
    /// Network by network.
    networks: Vec<TrueReachNetwork>,
}

/// True Reach on one network.
#[derive(SimpleObject)]
pub struct TrueReachNetwork {
    /// Where.
    network: NetworkName,
    /// People per post, the best and worst posts cut off, drawn to what such accounts have while posts are few.
    people: Decimal,
    /// The plain mean with the best posts; null where no post tells.
    with_best_posts: Option<Decimal>,
    /// Posts it rests on; null where it rests on followers alone.
    posts: Option<Decimal>,
    /// Where it comes from.
    provenance: ProvenanceName,
    /// Where these people are, as the audience is spread: countries, then cities, each the largest first. Empty where the network did not tell,
    /// or the creator does not show it.
    places: Vec<ReachPlace>,
}

/// People reached at one place.
#[derive(SimpleObject)]
pub struct ReachPlace {
    /// COUNTRY or CITY.
    dimension: DimensionName,
    /// A country's code (ISO 3166-1), or a city in the network's word.
    place: String,
    /// How many of those whom an ordinary post reaches.
    people: Decimal,
    /// Their share, per cent.
    share: Decimal,
}

pub(super) async fn true_reach(ctx: &Context<'_>, seen: &Seen) -> Result<Option<TrueReach>> {
    let Some(one) = scored(ctx, seen).await? else { return Ok(None) };
    let places = places(&seen.results(), &one.score);
    let place = |at: &Place| {
        let (people, share) = (Decimal::of(at.people, 0)?, Decimal::of(100.0 * at.share, 1)?);
        Some(ReachPlace { dimension: at.dimension.into(), place: at.group.clone(), people, share })
    };
    let network = |(network, parts): (&Network, &Parts)| {
        let reach = one.facts.iter().find(|facts| facts.network == *network).and_then(|facts| facts.reach);
        Some(TrueReachNetwork {
            network: rules::network(*network).into(),
            people: Decimal::of(parts.reach, 0)?,
            with_best_posts: reach.and_then(|reach| Decimal::of(reach.viral, 0)),
            posts: reach.and_then(|reach| Decimal::of(reach.posts, 0)),
            provenance: parts.provenance.into(),
            places: places.iter().filter(|at| at.network == *network).filter_map(place).collect(),
        })
    };
    let networks = one.score.networks.iter().filter_map(network).collect();
    Ok(Decimal::of(one.score.true_reach, 0).map(|people| TrueReach { people, networks }))
}
