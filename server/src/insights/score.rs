//! Scores creators: reads their rows, computes outside of any transaction, and writes what is new. The same inputs of a day write nothing.

use std::{cell::LazyCell, collections::HashMap};

use chrono::{DateTime, Utc};
use entity::{creator, creator_insights, creator_topic, enums::InsightScope, ids::CreatorId, json::RawJson, score_snapshot};
use influence::FORMULA_VERSION;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};

use super::{
    inputs::{self, Inputs, Known},
    measure::{Material, Measured, Texts, subjects},
    rules,
    tables::{self, InForce},
};
use crate::{app::App, error::Result, tx::Tx};

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Creators looked at.
    pub creators: usize,
    /// Rows written; 0 where nothing has changed.
    pub written: usize,
}

/// What was computed of one creator in one scope.
struct Fresh {
    creator: creator::Model,
    scope: InsightScope,
    hash: String,
    day: chrono::NaiveDate,
    measured: Measured,
}

/// What is stored of a creator and scope: the day, formula and hash it is of.
type Held = HashMap<(CreatorId, InsightScope), (chrono::NaiveDate, String, String)>;

/// Scores these creators as of today. As many statements for many as for one.
pub async fn score(app: &App, ids: &[CreatorId]) -> Result<Outcome> {
    let now = app.clock.now();
    let inputs = inputs::read(app.db(), ids, now).await?;
    let brands = inputs::brands(app.db()).await?;
    let held: Held = creator_insights::Entity::find()
        .filter(creator_insights::Column::CreatorId.is_in(ids.iter().copied()))
        .all(app.db())
        .await?
        .into_iter()
        .map(|row| ((row.creator_id, row.scope), (row.day, row.formula, row.inputs_hash)))
        .collect();
    let (creators, tables) = (inputs.len(), tables::in_force(app.db()).await?);
    let versions = serde_json::to_value(&tables.versions)?;
    let fresh =
        tokio::task::spawn_blocking(move || compute(&inputs, &brands, &held, &tables, now)).await.map_err(anyhow::Error::from)??;
    let written = fresh.len();
    if written > 0 {
        let tx = app.begin().await?;
        write(&tx, fresh, versions).await?;
        tx.commit().await?;
    }
    Ok(Outcome { creators, written })
}

fn compute(inputs: &[Inputs], brands: &[Known], held: &Held, tables: &InForce, now: DateTime<Utc>) -> Result<Vec<Fresh>> {
    let mut out = Vec::new();
    for one in inputs {
        let texts = LazyCell::new(|| Texts::of(one, tables, now));
        for scope in InsightScope::ALL {
            let material = Material::new(one, brands, *scope, now);
            let (hash, day) = (material.hash(tables)?, rules::date(material.day()));
            let same = |(on, formula, was): &(chrono::NaiveDate, String, String)| *on == day && formula == FORMULA_VERSION && *was == hash;
            if held.get(&(one.creator.id, *scope)).is_none_or(|row| !same(row)) {
                out.push(Fresh { creator: one.creator.clone(), scope: *scope, hash, day, measured: material.measure(tables, &texts) });
            }
        }
    }
    Ok(out)
}

async fn write(tx: &Tx, fresh: Vec<Fresh>, versions: serde_json::Value) -> Result<()> {
    let mut ids: Vec<CreatorId> = fresh.iter().map(|one| one.creator.id).collect();
    ids.dedup();
    // Of a day computed twice the later run stands, also where it finds no score any more.
    for scope in InsightScope::ALL {
        let anew: Vec<&Fresh> = fresh.iter().filter(|one| one.scope == *scope).collect();
        if let Some(day) = anew.first().map(|one| one.day) {
            score_snapshot::Entity::delete_many()
                .filter(score_snapshot::Column::CreatorId.is_in(anew.iter().map(|one| one.creator.id)))
                .filter(score_snapshot::Column::Scope.eq(*scope))
                .filter(score_snapshot::Column::Day.eq(day))
                .exec(tx.db())
                .await?;
        }
    }
    topics(tx, &fresh).await?;
    let (mut insights, mut snapshots) = (Vec::new(), Vec::new());
    for one in fresh {
        let Fresh { creator, scope, hash, day, measured } = one;
        let score = measured.score.as_ref();
        insights.push(creator_insights::ActiveModel {
            id: Set(tx.id()),
            creator_id: Set(creator.id),
            scope: Set(scope),
            day: Set(day),
            formula: Set(FORMULA_VERSION.to_owned()),
            inputs_hash: Set(hash.clone()),
            network: Set(measured.network),
            tier: Set(measured.tier),
            country: Set(creator.country),
            score: Set(score.map(influence::Score::rounded)),
            true_reach: Set(score.map(|score| score.true_reach)),
            engagement_rate: Set(measured.engagement_rate),
            results: Set(RawJson::of(&measured.results)?),
            computed_at: Set(tx.now),
        });
        if let Some(score) = score {
            snapshots.push(score_snapshot::ActiveModel {
                id: Set(tx.id()),
                creator_id: Set(creator.id),
                scope: Set(scope),
                day: Set(day),
                formula: Set(FORMULA_VERSION.to_owned()),
                inputs_hash: Set(hash),
                value: Set(score.value),
                low: Set(score.low),
                high: Set(score.high),
                true_reach: Set(score.true_reach),
                score: Set(RawJson::of(score)?),
                facts: Set(RawJson::of(&measured.facts)?),
                causes: Set(RawJson::of(&measured.happened)?),
                tables: Set(versions.clone()),
                computed_at: Set(tx.now),
            });
        }
    }
    crate::tx::insert_all::<score_snapshot::Entity, _>(tx.db(), snapshots).await?;
    use creator_insights::Column;
    let anew = [
        Column::Day,
        Column::Formula,
        Column::InputsHash,
        Column::Network,
        Column::Tier,
        Column::Country,
        Column::Score,
        Column::TrueReach,
        Column::EngagementRate,
        Column::Results,
        Column::ComputedAt,
    ];
    creator_insights::Entity::insert_many(insights)
        .on_conflict(OnConflict::columns([Column::CreatorId, Column::Scope]).update_columns(anew).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    keep_in_order(tx, &ids).await
}

/// What lists are narrowed by: what the publications are about, and all topics above. The same in each scope.
async fn topics(tx: &Tx, fresh: &[Fresh]) -> Result<()> {
    let public = || fresh.iter().filter(|one| one.scope == InsightScope::Public);
    creator_topic::Entity::delete_many()
        .filter(creator_topic::Column::CreatorId.is_in(public().map(|one| one.creator.id)))
        .exec(tx.db())
        .await?;
    let rows: Vec<_> = public()
        .flat_map(|one| {
            let row = |topic| creator_topic::ActiveModel { creator_id: Set(one.creator.id), topic: Set(topic) };
            subjects(&one.measured.results.topics).into_iter().map(row)
        })
        .collect();
    crate::tx::insert_all::<creator_topic::Entity, _>(tx.db(), rows).await
}

/// What lists are sorted by, from the public scope.
async fn keep_in_order(tx: &Tx, ids: &[CreatorId]) -> Result<()> {
    let of = |column: &str, times: i64| {
        Expr::cust(format!(
            r#"(SELECT CAST(ROUND(i."{column}" * {times}) AS BIGINT) FROM creator_insights i WHERE i.creator_id = creators.id AND i.scope = 'public')"#
        ))
    };
    creator::Entity::update_many()
        .col_expr(creator::Column::Score, of("score", 10))
        .col_expr(creator::Column::TrueReach, of("true_reach", 1))
        .col_expr(creator::Column::EngagementRate, of("engagement_rate", 100))
        .filter(creator::Column::Id.is_in(ids.iter().copied()))
        .exec(tx.db())
        .await?;
    Ok(())
}
