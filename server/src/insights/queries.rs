//! Reads of insights, for many creators at once. Who may see which scope is said by `scope_for`; a face asks it before it shows anything.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    creator, creator_insights,
    enums::{InsightScope, UserStatus},
    ids::CreatorId,
    peer_group, score_page, score_snapshot, user,
};
use influence::{Params, Score, coach, explain, score::Facts};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    results::{Happened, PeerFigures},
    rules,
};
use crate::{creators::queries::grouped, error::Result};

/// What may be shown: to the creator all, to others what everybody can see, unless the creator shows insights to brands.
pub const fn scope_for(own: bool, shares: bool) -> InsightScope {
    if own || shares { InsightScope::Full } else { InsightScope::Public }
}

/// The latest insights of creators, both scopes. One statement.
pub async fn rows_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<Vec<creator_insights::Model>> {
    Ok(creator_insights::Entity::find().filter(creator_insights::Column::CreatorId.is_in(creators.iter().copied())).all(db).await?)
}

/// The latest insights of a creator in a scope.
pub async fn row(db: &impl ConnectionTrait, creator: CreatorId, scope: InsightScope) -> Result<Option<creator_insights::Model>> {
    Ok(rows_of(db, &[creator]).await?.into_iter().find(|row| row.scope == scope))
}

/// Another row of the same table, in a subquery.
const NEWER: &str = "newer";

/// Points below which advice is not worth following: a score moves as much from one day to the next.
const LEAST_GAIN: f64 = 0.5;

/// The last snapshot of each creator and scope up to a day. One statement.
pub async fn latest(db: &impl ConnectionTrait, creators: &[CreatorId], until: Option<NaiveDate>) -> Result<Vec<score_snapshot::Model>> {
    let same = |column: score_snapshot::Column| Expr::col((NEWER, column)).equals((score_snapshot::Entity, column));
    let mut newer = Query::select();
    newer
        .expr(Expr::val(1))
        .from_as(score_snapshot::Entity, NEWER)
        .and_where(same(score_snapshot::Column::CreatorId))
        .and_where(same(score_snapshot::Column::Scope))
        .and_where(Expr::col((NEWER, score_snapshot::Column::Day)).gt(Expr::col((score_snapshot::Entity, score_snapshot::Column::Day))));
    let mut query = score_snapshot::Entity::find().filter(score_snapshot::Column::CreatorId.is_in(creators.iter().copied()));
    if let Some(until) = until {
        newer.and_where(Expr::col((NEWER, score_snapshot::Column::Day)).lte(until));
        query = query.filter(score_snapshot::Column::Day.lte(until));
    }
    Ok(query.filter(Expr::exists(newer.take()).not()).all(db).await?)
}

/// A day of a score's history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// As of its end, UTC.
    pub day: NaiveDate,
    /// The score.
    pub value: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// People per post.
    pub true_reach: f64,
}

/// The scores of creators by day from a day on, the oldest first. One statement.
pub async fn history(
    db: &impl ConnectionTrait,
    creators: &[CreatorId],
    from: NaiveDate,
) -> Result<HashMap<(CreatorId, InsightScope), Vec<Point>>> {
    use score_snapshot::Column;
    type Line = (CreatorId, InsightScope, NaiveDate, f64, f64, f64, f64);
    let rows: Vec<Line> = score_snapshot::Entity::find()
        .select_only()
        .columns([Column::CreatorId, Column::Scope, Column::Day, Column::Value, Column::Low, Column::High, Column::TrueReach])
        .filter(Column::CreatorId.is_in(creators.iter().copied()))
        .filter(Column::Day.gte(from))
        // Scores of different formulas are never compared.
        .filter(Column::Formula.eq(influence::FORMULA_VERSION))
        .order_by_asc(Column::Day)
        .into_tuple()
        .all(db)
        .await?;
    Ok(grouped(rows, |row| (row.0, row.1))
        .into_iter()
        .map(|(key, rows)| {
            let points = rows.into_iter().map(|(_, _, day, value, low, high, true_reach)| Point { day, value, low, high, true_reach });
            (key, points.collect())
        })
        .collect())
}

/// A group of peers.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its key.
    pub key: String,
    /// How many it holds.
    pub members: i32,
    /// What they have.
    pub figures: PeerFigures,
}

/// The groups of these keys. One statement.
pub async fn groups(db: &impl ConnectionTrait, keys: impl IntoIterator<Item = String>) -> Result<HashMap<String, Group>> {
    let rows = peer_group::Entity::find().filter(peer_group::Column::Key.is_in(keys)).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let figures = serde_json::from_value(row.figures).unwrap_or_default();
            (row.key.clone(), Group { key: row.key, members: row.members, figures })
        })
        .collect())
}

/// A snapshot as the science reads it.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The score with its parts.
    pub score: Score,
    /// What it was made from.
    pub facts: Vec<Facts>,
    /// What happened in the days before.
    pub happened: Vec<Happened>,
    /// As of the end of this day.
    pub day: NaiveDate,
}

impl Scored {
    /// From a row; `None` where it is of another formula, or cannot be read.
    pub fn of(row: &score_snapshot::Model) -> Option<Self> {
        Some(Self {
            score: row.score.read().ok().filter(|_| row.formula == influence::FORMULA_VERSION)?,
            facts: row.facts.read().ok()?,
            happened: row.causes.read().unwrap_or_default(),
            day: row.day,
        })
    }

    /// The keys of the groups that advice compares with.
    pub fn advice_keys(&self) -> Vec<String> {
        self.score.networks.keys().filter_map(|network| self.advice_key(*network)).collect()
    }

    fn advice_key(&self, network: influence::types::Network) -> Option<String> {
        let followers = self.facts.iter().find(|facts| facts.network == network)?.followers?;
        let tier = rules::tier(influence::types::Tier::of(followers));
        Some(rules::peer_key(rules::network(network).as_str(), tier, ""))
    }

    /// At most three pieces of advice, against what peers have; none that is worth less than half a point.
    pub fn tips(&self, groups: &HashMap<String, Group>) -> Vec<coach::Tip> {
        let peers = self
            .score
            .networks
            .keys()
            .filter_map(|network| Some((*network, groups.get(&self.advice_key(*network)?)?.figures.upper)))
            .collect();
        let mut tips = coach::tips(&self.score, &self.facts, &peers, Params::shipped());
        tips.retain(|tip| tip.gain.value >= LEAST_GAIN);
        tips
    }

    /// What changed since an earlier snapshot; the points sum to the change. With what happened between.
    pub fn since(&self, before: &Self) -> (Vec<explain::Contribution>, Vec<Happened>) {
        let contributions = explain::between(&before.score, &self.score, Params::shipped());
        let (from, to) = (rules::day(before.day), rules::day(self.day));
        let mut happened: Vec<Happened> = self.happened.iter().filter(|one| from < on(one) && on(one) <= to).cloned().collect();
        // Of posts the strongest three, and of counts taken back the largest three; the rest is rare.
        for size in [reactions, taken_back] {
            let mut sizes: Vec<i64> = happened.iter().filter_map(size).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            let least = sizes.get(2).copied().unwrap_or(i64::MIN);
            happened.retain(|one| size(one).is_none_or(|n| n >= least));
        }
        happened.sort_by_key(|one| std::cmp::Reverse(on(one)));
        (contributions, happened)
    }
}

/// On which day.
fn on(one: &Happened) -> influence::types::Day {
    use influence::causes::Cause;
    match one.cause {
        Cause::Post { day, .. } | Cause::Purge { day, .. } | Cause::Gap { day } => day,
        Cause::Jump(jump) => jump.day,
    }
}

fn taken_back(one: &Happened) -> Option<i64> {
    if let influence::causes::Cause::Purge { n, .. } = one.cause { Some(n.round() as i64) } else { None }
}

fn reactions(one: &Happened) -> Option<i64> {
    if let influence::causes::Cause::Post { reactions, .. } = one.cause { Some(reactions) } else { None }
}

/// The nearest group that is large enough, and the share of it below the score, in per cent.
pub fn standing<'a>(row: &creator_insights::Model, groups: &'a HashMap<String, Group>) -> Option<(f64, &'a Group)> {
    let value = row.score?;
    let keys = rules::groups(&row.network, &row.tier, &row.country);
    let group = keys.iter().filter_map(|key| groups.get(key)).find(|group| group.members >= rules::FEWEST_PEERS)?;
    Some((rules::percentile(&group.figures.scores, value)?, group))
}

/// The public pages of creators, published or not. One statement.
pub async fn pages_of(db: &impl ConnectionTrait, creators: &[CreatorId]) -> Result<HashMap<CreatorId, score_page::Model>> {
    let rows = score_page::Entity::find().filter(score_page::Column::CreatorId.is_in(creators.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.creator_id, row)).collect())
}

/// The page at an address, published or not.
pub(super) async fn page_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<score_page::Model>> {
    Ok(score_page::Entity::find().filter(score_page::Column::Slug.eq(slug)).one(db).await?)
}

/// The page at an address with its creator, if it is public: whoever is suspended shows nothing.
pub async fn public_page(db: &impl ConnectionTrait, slug: &str) -> Result<Option<(score_page::Model, creator::Model)>> {
    let Some(page) = page_by_slug(db, slug).await?.filter(|page| page.published_at.is_some()) else { return Ok(None) };
    let Some(creator) = creator::Entity::find_by_id(page.creator_id).one(db).await? else { return Ok(None) };
    let person = match creator.user_id {
        Some(id) => user::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    Ok(person.is_some_and(|person| person.status == UserStatus::Active).then_some((page, creator)))
}
