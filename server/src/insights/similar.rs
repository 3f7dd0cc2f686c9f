//! Who is like a creator (I3), from what everybody can see: topics, True Reach, engagement, place. Only among those whom the asker may see.

use std::collections::{BTreeMap, HashMap};

use entity::{creator, creator_insights, enums::InsightScope, ids::CreatorId};
use influence::similar::{Candidate, Portrait, alike};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{queries, results::Results};
use crate::{
    base::topics::ONTOLOGY,
    creators::queries::{Eyes, seen_by},
    error::Result,
};

/// So many above and as many below in True Reach are compared: who is further away is less alike, and a constant number bounds the work.
const NEAREST: u64 = 100;

/// A creator that is like another.
#[derive(Clone, Debug)]
pub struct Similar {
    /// Who.
    pub creator: creator::Model,
    /// Likeness over the parts that both have, 0 to 1.
    pub likeness: f64,
    /// Weight of the parts that both have, 0 to 1: how much the likeness rests on.
    pub known: f64,
    /// Each known part, `topics`, `reach`, `engagement` or `language_place`, with its own likeness; what adds most comes first.
    pub reasons: Vec<(&'static str, f64)>,
}

fn portrait(row: &creator_insights::Model) -> Portrait {
    let results = Results::of(row);
    let topics: BTreeMap<usize, f64> =
        results.topics.main.iter().filter_map(|topic| Some((ONTOLOGY.find(&topic.id)?, topic.share))).collect();
    // On the network that carries the score.
    let rate = results.engagement.iter().find(|one| one.network.as_str() == row.network);
    Portrait {
        topics,
        reach: row.true_reach,
        engagement: rate.and_then(|one| Some(one.by_followers? / one.usual?.rate)).filter(|ratio| *ratio > 0.0),
        place: Some(row.country.clone()).filter(|code| !code.is_empty()),
        ..Portrait::default()
    }
}

/// The `most` creators that are most like this one, the most alike first; `None` where nothing of the creator is computed. Four statements.
pub async fn similar(db: &impl ConnectionTrait, by: Eyes, of: CreatorId, most: usize) -> Result<Option<Vec<Similar>>> {
    let Some(row) = queries::row(db, of, InsightScope::Public).await?.filter(|row| row.true_reach.is_some()) else { return Ok(None) };
    // The column of lists holds whole people, with an index.
    let reach = row.true_reach.unwrap_or_default().round() as i64;
    let others = || seen_by(by).filter(creator::Column::Id.ne(of)).limit(NEAREST);
    let above =
        others().filter(creator::Column::TrueReach.gte(reach)).order_by_asc(creator::Column::TrueReach).order_by_asc(creator::Column::Id);
    let below =
        others().filter(creator::Column::TrueReach.lt(reach)).order_by_desc(creator::Column::TrueReach).order_by_asc(creator::Column::Id);
    let mut near: HashMap<CreatorId, creator::Model> = HashMap::new();
    near.extend(above.all(db).await?.into_iter().chain(below.all(db).await?).map(|creator| (creator.id, creator)));
    let mut rows = creator_insights::Entity::find()
        .filter(creator_insights::Column::CreatorId.is_in(near.keys().copied()))
        .filter(creator_insights::Column::Scope.eq(InsightScope::Public))
        .order_by_asc(creator_insights::Column::CreatorId)
        .all(db)
        .await?;
    rows.retain(|row| row.score.is_some());
    let candidates: Vec<Candidate> = (0_u64..).zip(&rows).map(|(id, row)| Candidate { id, portrait: portrait(row) }).collect();
    let found = alike(&portrait(&row), &candidates, most).into_iter().filter_map(|like| {
        let id = rows.get(usize::try_from(like.id).ok()?)?.creator_id;
        Some(Similar { creator: near.remove(&id)?, likeness: like.likeness, known: like.known, reasons: like.reasons })
    });
    Ok(Some(found.collect()))
}
