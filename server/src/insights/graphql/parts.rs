//! What stands beside the score: engagement, quality, topics, work with brands, explicit words, the audience.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use influence::{
    Params,
    engagement::{learned, seed},
};

use super::{estimates::SuspectedPost, rows::GroupOf, score::ScoreInterval};
use crate::{
    base::{lang::Locale, topics},
    creators::{graphql::NetworkAccount, rules::Tier},
    error::Result,
    graph::{
        context::Ask,
        names::NetworkName,
        scalars::{Date, Decimal, Long},
    },
    insights::{
        queries::Group,
        results::{self, Collaborations, Engagement, Fans, Quality, Topics, Vetting},
        rules,
    },
    networks::graphql::sync::{CrowdName, DimensionName},
};

/// What is usual for such accounts.
#[derive(SimpleObject)]
pub struct EngagementBenchmark {
    /// Per cent of followers: the median of such accounts, drawn to a published yardstick that counts as 200 of them.
    rate: Decimal,
    /// Accounts here behind it; 0: the yardstick alone.
    accounts: Long,
    /// The yardstick is of another network, and few accounts here prove it.
    unproven: bool,
}

/// Advertising against ordinary posts of one account. The sign differs between creators, so it is computed for each.
#[derive(SimpleObject)]
pub struct SponsoredComparison {
    /// Median rate of advertising, per cent of followers.
    sponsored: Decimal,
    /// Median rate of ordinary posts.
    organic: Decimal,
    /// The first less the second.
    difference: Decimal,
    /// Where nineteen in twenty true differences lie.
    difference_interval: ScoreInterval,
}

/// How the audience of an account reacts. Rates of different bases and networks are never compared.
pub struct CreatorEngagement {
    row: Engagement,
    usual: Option<EngagementBenchmark>,
}

/// What is usual for a network and tier, given its peers.
pub(crate) fn usual(row: &Engagement, group: Option<&Group>) -> Option<influence::engagement::Benchmark> {
    let tier = rules::tier_of(row.tier.as_deref()?)?;
    // Of so many accounts only the middle is kept, and that is all that the formula takes of them.
    let known = group.and_then(|group| Some((group.figures.engagement?, group.figures.engagement_of)));
    let rates = known.map(|(median, accounts)| vec![median; accounts]).unwrap_or_default();
    let (params, place) = (Params::shipped(), rules::place(row.network));
    let seed = row.usual.unwrap_or_else(|| seed(place, tier, params));
    Some(learned(seed, (place, tier, None), &rates, params))
}

/// The group that a rate is compared with.
pub(crate) fn usual_key(row: &Engagement) -> Option<String> {
    Some(rules::peer_key(row.network.as_str(), row.tier.as_deref()?, ""))
}

pub(super) async fn engagement(ctx: &Context<'_>, rows: Vec<Engagement>) -> Result<Vec<CreatorEngagement>> {
    let found = join_all(rows.into_iter().map(async |row| {
        let group = match usual_key(&row) {
            Some(key) => ctx.rows()?.load_one(GroupOf(key)).await?,
            None => None,
        };
        let found = usual(&row, group.as_deref());
        let usual = found.and_then(|one| {
            let accounts = Long(i64::try_from(one.accounts).unwrap_or(i64::MAX));
            Some(EngagementBenchmark { rate: Decimal::of(one.rate, 2)?, accounts, unproven: one.unproven })
        });
        Ok::<_, crate::error::Error>(CreatorEngagement { row, usual })
    }));
    found.await.into_iter().collect()
}

/// How the audience of an account reacts. Rates of different bases and networks are never compared.
#[Object]
impl CreatorEngagement {
    /// Where.
    async fn network(&self) -> NetworkName {
        self.row.network.into()
    }
    /// The account; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.row.account).await?.map(NetworkAccount))
    }
    /// The size of its audience; null while unknown, and below 500 followers.
    async fn tier(&self) -> Option<Tier> {
        self.row.tier.as_deref().and_then(|word| word.parse().ok())
    }
    /// The median over posts of (likes + comments + shares) / followers at the time, per cent; null while unknown.
    async fn by_followers(&self) -> Option<Decimal> {
        self.row.by_followers.and_then(|rate| Decimal::of(rate, 2))
    }
    /// The same over people reached, per cent; first-party, so null where that may not be seen.
    async fn by_reach(&self) -> Option<Decimal> {
        self.row.by_reach.and_then(|rate| Decimal::of(rate, 2))
    }
    /// The same over views, per cent; null while unknown.
    async fn by_views(&self) -> Option<Decimal> {
        self.row.by_views.and_then(|rate| Decimal::of(rate, 2))
    }
    /// Posts of 180 days behind it.
    async fn posts(&self) -> Long {
        Long(i64::try_from(self.row.posts).unwrap_or(i64::MAX))
    }
    /// Posts a week over 90 days.
    async fn posts_a_week(&self) -> Option<Decimal> {
        Decimal::of(self.row.cadence, 1)
    }
    /// What is usual for accounts of this network and size, by followers; null while the size is unknown.
    async fn benchmark(&self) -> Option<&EngagementBenchmark> {
        self.usual.as_ref()
    }
    /// Advertising against ordinary posts; null with too few of either.
    async fn sponsored(&self) -> Option<SponsoredComparison> {
        let one = self.row.sponsored?;
        Some(SponsoredComparison {
            sponsored: Decimal::of(one.sponsored, 2)?,
            organic: Decimal::of(one.organic, 2)?,
            difference: Decimal::of(one.difference.value, 2)?,
            difference_interval: ScoreInterval::of(one.difference.low, one.difference.high, 2)?,
        })
    }
}

/// Comments of one class.
#[derive(SimpleObject)]
pub struct CommentClass {
    /// `spam`, `duplicate`, `pod`, `emoji_only`, `generic`, `off_topic` or `genuine`.
    name: String,
    /// How many.
    comments: Long,
}

/// Audience quality, 0 to 100. What is missing in it lowers its grade, not its value.
#[derive(SimpleObject)]
pub struct AudienceQuality {
    /// 0 to 100.
    value: Decimal,
    /// Its ends.
    interval: ScoreInterval,
    /// The same without the plausibility of the engagement rate; null if that was all there was.
    authenticity: Option<Decimal>,
    /// How much of it was known: `A` all, `B` most, `C` half, `D` less.
    grade: String,
    /// Comments that were judged; the creator's own are not among them.
    comments_judged: Long,
    /// What comments are worth, 0 to 1; null without any.
    comment_score: Option<Decimal>,
    /// The comments by class.
    comment_classes: Vec<CommentClass>,
    /// Jumps of followers in 90 days that no post explains; null with fewer than 14 days of counts.
    unexplained_jumps: Option<Long>,
}

fn long(n: usize) -> Long {
    Long(i64::try_from(n).unwrap_or(i64::MAX))
}

impl AudienceQuality {
    pub(super) fn of(row: Quality) -> Self {
        let number = |value: f64, decimals| Decimal::of(value, decimals).unwrap_or(Decimal(0.0));
        Self {
            value: number(row.value, 1),
            interval: ScoreInterval { low: number(row.low, 1), high: number(row.high, 1) },
            authenticity: row.authenticity.and_then(|value| Decimal::of(value, 1)),
            grade: row.grade,
            comments_judged: long(row.comments),
            comment_score: row.comment_score.and_then(|value| Decimal::of(value, 2)),
            comment_classes: row.classes.into_iter().map(|(name, n)| CommentClass { name, comments: long(n) }).collect(),
            unexplained_jumps: row.anomalies.map(|n| Long(n.into())),
        }
    }
}

/// People of one kind of fan.
#[derive(SimpleObject)]
pub struct FanKind {
    /// `superfan`: on three posts or more in two ways or more, within 28 days. `new`: for the first time within 28 days. `regular`: on three
    /// posts or more in 90 days. `casual`: on one or two. `lapsed`: not for 90 days.
    name: String,
    /// How many.
    people: Long,
}

/// What those who comment write about.
#[derive(SimpleObject)]
pub struct AudienceInterest {
    /// The topic's name in Hibiki's list; it never changes.
    key: String,
    /// Its name in the caller's language.
    name: String,
    /// How many wrote about it; 20 at least.
    people: Long,
    /// Its mean share of what one person writes about, per cent.
    share: Option<Decimal>,
}

/// Those who commented on the posts of 180 days or named the creator, as far as it was read. Nobody is named.
#[derive(SimpleObject)]
pub struct AudienceFans {
    /// How many they are, once a network; 20 at least.
    people: Long,
    /// From when on something is known.
    since: Date,
    /// By what they did.
    kinds: Vec<FanKind>,
    /// Those who named the creator in posts of their own within 90 days.
    advocates: Long,
    /// What their comments are about, the largest share first; topics of fewer than 20 people are left out.
    interests: Vec<AudienceInterest>,
}

impl AudienceFans {
    pub(super) fn of(row: Fans, locale: Locale) -> Self {
        Self {
            people: long(row.people),
            since: Date(row.since),
            kinds: row.kinds.into_iter().map(|(kind, n)| FanKind { name: rules::fan_kind(kind).to_owned(), people: long(n) }).collect(),
            advocates: long(row.advocates),
            interests: row
                .interests
                .into_iter()
                .map(|one| AudienceInterest {
                    name: topics::name(&one.id, locale),
                    key: one.id,
                    people: long(one.people),
                    share: Decimal::of(100.0 * one.share, 1),
                })
                .collect(),
        }
    }
}

/// A topic of the posts.
#[derive(SimpleObject)]
pub struct CreatorTopic {
    /// The topic's name in Hibiki's list; it never changes.
    key: String,
    /// Its name in the caller's language.
    name: String,
    /// Posts about it.
    posts: Long,
    /// Share of the posts, per cent.
    share: Option<Decimal>,
    /// Words that named it, a few.
    evidence: Vec<String>,
}

/// A topic whose posts do better than the rest.
#[derive(SimpleObject)]
pub struct StrongTopic {
    /// The topic's name in Hibiki's list; it never changes.
    key: String,
    /// Its name in the caller's language.
    name: String,
    /// Posts about it.
    posts: Long,
    /// Typical engagement of its posts over that of all, above 1.
    ratio: Option<Decimal>,
    /// Neither named by the creator nor the topic of a quarter of the posts.
    unexpected: bool,
}

/// What the posts are about.
#[derive(SimpleObject)]
pub struct CreatorTopics {
    /// Posts of 180 days that were read.
    posts: Long,
    /// The most frequent topics.
    main: Vec<CreatorTopic>,
    /// Those that do better than the rest, the best first.
    strong: Vec<StrongTopic>,
}

impl CreatorTopics {
    pub(super) fn of(row: Topics, locale: Locale) -> Self {
        Self {
            posts: long(row.posts),
            main: row
                .main
                .into_iter()
                .map(|one| CreatorTopic {
                    name: topics::name(&one.id, locale),
                    key: one.id,
                    posts: long(one.posts),
                    share: Decimal::of(100.0 * one.share, 1),
                    evidence: one.evidence,
                })
                .collect(),
            strong: row
                .strong
                .into_iter()
                .map(|one| StrongTopic {
                    name: topics::name(&one.id, locale),
                    key: one.id,
                    posts: long(one.posts),
                    ratio: Decimal::of(one.ratio, 2),
                    unexpected: one.unexpected,
                })
                .collect(),
        }
    }
}

/// Work with one brand, as advertising posts show it.
#[derive(SimpleObject)]
pub struct CreatorCollaboration {
    /// The brand's name.
    brand: String,
    /// The first advertising post.
    first_on: Date,
    /// The last one.
    last_on: Date,
    /// How many.
    posts: Long,
    /// Their median rate over that of ordinary posts; null below five of either.
    rate_to_ordinary: Option<Decimal>,
}

/// A post that says it is advertising.
#[derive(SimpleObject)]
pub struct AdvertisingPost {
    /// Which, for `node`.
    post_id: ID,
    /// When it went out.
    day: Date,
    /// The hashtag or phrase that says so; null: the network's own label.
    disclosed_by: Option<String>,
}

/// Work with brands in the posts of 180 days.
#[derive(SimpleObject)]
pub struct CreatorCollaborations {
    /// By brand, the latest first.
    brands: Vec<CreatorCollaboration>,
    /// Posts that say they are advertising, the latest first, at most 20.
    advertising: Vec<AdvertisingPost>,
    /// How many of those there are.
    advertising_posts: Long,
    /// Posts that look like advertising and do not say so, the latest first, at most 20. Suspicions, not findings.
    suspected: Vec<SuspectedPost>,
    /// How many of those there are.
    suspected_posts: Long,
    /// Advertising over all posts, per cent; null without posts.
    saturation: Option<Decimal>,
}

impl CreatorCollaborations {
    pub(super) fn of(row: Collaborations) -> Self {
        Self {
            brands: row
                .brands
                .into_iter()
                .map(|one| CreatorCollaboration {
                    brand: one.brand,
                    first_on: Date(one.first),
                    last_on: Date(one.last),
                    posts: long(one.posts),
                    rate_to_ordinary: one.rate_to_ordinary.and_then(|ratio| Decimal::of(ratio, 2)),
                })
                .collect(),
            advertising: row
                .posts
                .into_iter()
                .map(|one| AdvertisingPost {
                    post_id: one.post.to_string().into(),
                    day: Date(one.day),
                    disclosed_by: Some(one.disclosed_by).filter(|text| !text.is_empty()),
                })
                .collect(),
            advertising_posts: long(row.count),
            suspected_posts: long(row.suspected_count),
            suspected: row.suspected.into_iter().map(Into::into).collect(),
            saturation: row.saturation.and_then(|share| Decimal::of(100.0 * share, 1)),
        }
    }
}

/// An explicit word in a post.
#[derive(SimpleObject)]
pub struct VettingFinding {
    /// In which post, for `node`.
    post_id: ID,
    /// `crude`, `sexual`, `insult`, `slur`, `threat` or `drugs`.
    kind: String,
    /// 1 mild, 2 strong, 3 extreme.
    severity: i32,
    /// It is quoted or a title, so that it counts one less.
    softened: bool,
    /// The sentence as it was written, cut.
    quote: String,
}

/// Explicit words in the posts of 180 days: what a list finds, to be read by a person. Nothing found is no proof.
#[derive(SimpleObject)]
pub struct ContentVetting {
    /// Posts looked at.
    posts: Long,
    /// Posts with a finding, for each 1,000.
    per_thousand: Option<Decimal>,
    /// Posts whose worst finding is mild.
    mild: Long,
    /// Posts whose worst finding is strong.
    strong: Long,
    /// Posts whose worst finding is extreme.
    extreme: Long,
    /// The worst, at most 20.
    findings: Vec<VettingFinding>,
}

impl ContentVetting {
    pub(super) fn of(row: Vetting) -> Self {
        let [mild, strong, extreme] = row.by_severity.map(long);
        Self {
            posts: long(row.posts),
            per_thousand: Decimal::of(row.per_thousand, 1),
            mild,
            strong,
            extreme,
            findings: row
                .findings
                .into_iter()
                .map(|one| VettingFinding {
                    post_id: one.post.to_string().into(),
                    kind: one.kind,
                    severity: one.severity.into(),
                    softened: one.softened,
                    quote: one.quote,
                })
                .collect(),
        }
    }
}

/// A group of an audience.
#[derive(SimpleObject)]
pub struct AudienceCell {
    /// `25-34`, `female`, a country's code, a city's name, or `other`.
    group: String,
    /// Its share of those known, per cent.
    share: Option<Decimal>,
}

/// Who an account's audience is, by one dimension: the network's word to the creator, small groups merged.
pub struct CreatorAudience(pub(super) results::Audience);

/// Who an account's audience is, by one dimension: the network's word to the creator, small groups merged.
#[Object]
impl CreatorAudience {
    /// Where.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Whose; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account).await?.map(NetworkAccount))
    }
    /// Of whom.
    async fn crowd(&self) -> CrowdName {
        self.0.crowd.into()
    }
    /// By what.
    async fn dimension(&self) -> DimensionName {
        self.0.dimension.into()
    }
    /// When the network told.
    async fn as_of(&self) -> DateTime<Utc> {
        self.0.as_of
    }
    /// People counted; null where the network tells shares only.
    async fn people(&self) -> Option<Long> {
        self.0.people.map(|n| Long(i64::try_from(n).unwrap_or(i64::MAX)))
    }
    /// The groups, the largest first, "other" last.
    async fn cells(&self) -> Vec<AudienceCell> {
        self.0.cells.iter().map(|cell| AudienceCell { group: cell.group.clone(), share: Decimal::of(100.0 * cell.share, 1) }).collect()
    }
}
