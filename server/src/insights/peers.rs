//! What comparable creators have: made each night from the latest public scores, group by group.

use std::collections::BTreeMap;

use entity::{creator_insights, enums::InsightScope, ids::CreatorId, peer_group, score_snapshot};
use influence::{
    Score,
    coach::Peers,
    math::stats::{median, quantile},
    score::Facts,
    types::Tier,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use super::{
    results::{PeerFigures, Results},
    rules,
};
use crate::{app::App, error::Result};

/// Creators of one reading.
const SIZE: u64 = 500;
/// So many scores of a group are kept, at even distances.
const KEPT: usize = 201;

/// What a group has, value by value.
#[derive(Default)]
struct Group {
    scores: Vec<f64>,
    reach: Vec<f64>,
    bond: Vec<f64>,
    second_hand: Vec<f64>,
    connections: Vec<f64>,
    cadence: Vec<f64>,
    engagement: Vec<f64>,
}

/// Goes through everybody's latest public score and writes the groups anew.
pub async fn gather(app: &App) -> Result<()> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut after: Option<CreatorId> = None;
    loop {
        let mut query = creator_insights::Entity::find()
            .filter(creator_insights::Column::Scope.eq(InsightScope::Public))
            .filter(creator_insights::Column::Score.is_not_null())
            .order_by_asc(creator_insights::Column::CreatorId)
            .limit(SIZE);
        if let Some(after) = after {
            query = query.filter(creator_insights::Column::CreatorId.gt(after));
        }
        let rows = query.all(app.db()).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.creator_id);
        let latest = latest_scores(app, &rows).await?;
        for row in &rows {
            take(&mut groups, row, latest.get(&row.creator_id));
        }
    }
    write(app, groups).await
}

/// A score and the facts that it was made from.
type Made = (Score, Vec<Facts>);

async fn latest_scores(app: &App, rows: &[creator_insights::Model]) -> Result<BTreeMap<CreatorId, Made>> {
    let days: std::collections::BTreeSet<_> = rows.iter().map(|row| row.day).collect();
    let found = score_snapshot::Entity::find()
        .filter(score_snapshot::Column::CreatorId.is_in(rows.iter().map(|row| row.creator_id)))
        .filter(score_snapshot::Column::Scope.eq(InsightScope::Public))
        .filter(score_snapshot::Column::Day.is_in(days))
        .order_by_asc(score_snapshot::Column::Day)
        .all(app.db())
        .await?;
    let read = |row: score_snapshot::Model| Some((row.creator_id, (row.score.read().ok()?, row.facts.read().ok()?)));
    Ok(found.into_iter().filter_map(read).collect())
}

fn take(groups: &mut BTreeMap<String, Group>, row: &creator_insights::Model, made: Option<&Made>) {
    let Some(value) = row.score else { return };
    for key in rules::groups(&row.network, &row.tier, &row.country) {
        groups.entry(key).or_default().scores.push(value);
    }
    for (network, parts) in made.into_iter().flat_map(|(score, _)| &score.networks) {
        let followers = made.and_then(|(_, facts)| facts.iter().find(|one| one.network == *network)?.followers);
        let Some(tier) = followers.map(|n| rules::tier(Tier::of(n))) else { continue };
        let group = groups.entry(rules::peer_key(rules::network(*network).as_str(), tier, "")).or_default();
        group.reach.push(parts.reach);
        group.bond.extend(parts.bond);
        group.second_hand.push(parts.second_hand);
        group.connections.extend(parts.connections);
        group.cadence.extend(parts.cadence);
    }
    for one in Results::of(row).engagement {
        if let Some((tier, rate)) = one.tier.zip(one.by_followers) {
            groups.entry(rules::peer_key(one.network.as_str(), &tier, "")).or_default().engagement.push(rate);
        }
    }
}

fn thinned(mut scores: Vec<f64>) -> Vec<f64> {
    scores.sort_by(f64::total_cmp);
    if scores.len() <= KEPT {
        return scores;
    }
    let last = scores.len() - 1;
    (0..KEPT).map(|at| scores[at * last / (KEPT - 1)]).collect()
}

async fn write(app: &App, groups: BTreeMap<String, Group>) -> Result<()> {
    let tx = app.begin().await?;
    let keys: Vec<String> = groups.keys().cloned().collect();
    let mut rows = Vec::new();
    for (key, group) in groups {
        let upper = |values: &[f64]| if values.len() < rules::FEWEST_PEERS as usize { None } else { quantile(values, 0.75) };
        let figures = PeerFigures {
            upper: Peers {
                reach: upper(&group.reach),
                bond: upper(&group.bond),
                second_hand: upper(&group.second_hand),
                connections: upper(&group.connections),
                cadence: upper(&group.cadence),
            },
            engagement: median(&group.engagement),
            engagement_of: group.engagement.len(),
            scores: Vec::new(),
        };
        let members = i32::try_from(group.scores.len()).unwrap_or(i32::MAX);
        let figures = PeerFigures { scores: thinned(group.scores), ..figures };
        rows.push(peer_group::ActiveModel {
            id: Set(tx.id()),
            key: Set(key),
            members: Set(members),
            figures: Set(serde_json::to_value(figures)?),
            computed_at: Set(tx.now),
        });
    }
    while !rows.is_empty() {
        let some: Vec<_> = rows.drain(..rows.len().min(200)).collect();
        let anew = [peer_group::Column::Members, peer_group::Column::Figures, peer_group::Column::ComputedAt];
        peer_group::Entity::insert_many(some)
            .on_conflict(OnConflict::column(peer_group::Column::Key).update_columns(anew).to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    peer_group::Entity::delete_many().filter(peer_group::Column::Key.is_not_in(keys)).exec(tx.db()).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scores_are_thinned_evenly() {
        assert_eq!(thinned(vec![3.0, 1.0, 2.0]), [1.0, 2.0, 3.0]);
        let kept = thinned((0..2_001).map(f64::from).collect());
        assert_eq!((kept.len(), kept[0], kept[100], kept[200]), (201, 0.0, 1_000.0, 2_000.0));
    }
}
