//! Publications as rows: what a page of them brought, with their figures appended and the latest word at hand.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use connectors::{Format, Measure, Media, Metric, MetricSet, Reading};
use entity::{
    enums::MetricSource,
    ids::{PostId, PostMetricsId},
    json::RawJson,
    json::Words,
    network_account, post, post_metrics,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::rules;
use crate::{
    error::Result,
    networks::write::micros,
    tx::{Tx, insert_all},
};

/// The latest word on one measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure, or why there is none.
    pub metric: Metric,
    /// Who said so.
    pub source: MetricSource,
    /// Where it was read.
    pub endpoint: String,
    /// When it was so.
    pub as_of: DateTime<Utc>,
}

/// The latest word on each measure, by the connectors' word for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(pub BTreeMap<String, Figure>);

/// What everybody can see at the network, by the connectors' words; the rest is the creator's to show.
pub const PUBLIC: &[&str] = &["views", "likes", "reactions", "comments", "replies", "shares", "reposts", "quotes", "score"];

/// The word of a measure.
pub fn code(measure: Measure) -> String {
    serde_json::to_value(measure).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Figures {
    /// From a row; what cannot be read is as if nobody had said it.
    pub fn of(row: &post::Model) -> Self {
        row.figures.read().unwrap_or_default()
    }

    /// What a network told of some measures in one answer.
    pub fn told(endpoint: &str, as_of: DateTime<Utc>, values: impl IntoIterator<Item = (Measure, i64)>) -> Self {
        let figure = |n| Figure { metric: Metric::Value(n), source: MetricSource::Network, endpoint: endpoint.to_owned(), as_of };
        Self(values.into_iter().map(|(measure, n)| (code(measure), figure(n))).collect())
    }

    /// Takes a newer word in. A known figure is not displaced by a reason why there is none, nor the network's by one that was typed.
    pub fn learn(&mut self, measure: &str, new: Figure) {
        let displaces = match self.0.get(measure) {
            None => true,
            Some(old) => match (old.metric.value().is_some(), new.metric.value().is_some()) {
                (true, false) => false,
                (false, true) => true,
                (false, false) => new.as_of >= old.as_of,
                (true, true) => match (old.source, new.source) {
                    (MetricSource::Network, MetricSource::SelfReported) => false,
                    (MetricSource::SelfReported, MetricSource::Network) => true,
                    _ => new.as_of >= old.as_of,
                },
            },
        };
        if displaces {
            self.0.insert(measure.to_owned(), new);
        }
    }

    /// What is known of a measure.
    pub fn value(&self, measure: Measure) -> Option<i64> {
        self.0.get(&code(measure)).and_then(|figure| figure.metric.value()).filter(|n| *n >= 0)
    }

    /// What is known of the first of these that is known at all: networks have one of them and mean the same.
    fn either(&self, measures: &[Measure]) -> Option<i64> {
        measures.iter().find_map(|measure| self.value(*measure))
    }

    /// Likes, or whatever feelings a network counts.
    pub fn likes(&self) -> Option<i64> {
        self.either(&[Measure::Likes, Measure::Reactions])
    }

    /// Comments, or replies where they are called so.
    pub fn comments(&self) -> Option<i64> {
        self.either(&[Measure::Comments, Measure::Replies])
    }

    /// Likes and comments together (K8); none unless both are known.
    pub fn engagement(&self) -> Option<i64> {
        self.likes().zip(self.comments()).map(|(likes, comments)| likes.saturating_add(comments))
    }

    /// Into a row, with the columns that lists are sorted by.
    pub fn write(&self, row: &mut post::ActiveModel) {
        row.views = Set(self.value(Measure::Views));
        row.reach = Set(self.value(Measure::Reach));
        row.likes = Set(self.likes());
        row.comments = Set(self.comments());
        row.engagement = Set(self.engagement());
        row.figures = Set(RawJson::of(self).unwrap_or_default());
    }
}

/// What a page brought.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::networks) struct Kept {
    /// How many publications.
    pub(super) items: i64,
    /// How many of them were new.
    pub(super) new: usize,
    /// The youngest.
    pub(super) newest: Option<DateTime<Utc>>,
    /// The oldest.
    pub(super) oldest: Option<DateTime<Utc>>,
}

/// Writes a page of publications.
pub(in crate::networks) async fn keep(tx: &Tx, account: &network_account::Model, media: &[Media]) -> Result<Kept> {
    let mut seen = HashSet::new();
    let media: Vec<&Media> = media.iter().filter(|one| seen.insert(one.external_id.as_str())).collect();
    let known: HashMap<String, post::Model> = post::Entity::find()
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::ExternalId.is_in(seen.iter().copied()))
        .lock(LockType::Update)
        .all(tx.db())
        .await?
        .into_iter()
        .map(|row| (row.external_id.clone(), row))
        .collect();
    let (mut rows, mut metrics, mut kept) = (Vec::new(), Vec::new(), Kept::default());
    for one in media {
        kept.items += 1;
        kept.newest = kept.newest.max(one.published_at);
        kept.oldest = match (kept.oldest, one.published_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let before = known.get(&one.external_id);
        let id = before.map_or_else(|| tx.id(), |row| row.id);
        let mut figures = before.map(Figures::of).unwrap_or_default();
        learn(&mut figures, &one.counters, &one.endpoint, one.fetched_at);
        let mut row = told(tx, account, before, id, one).into_active_model().reset_all();
        figures.write(&mut row);
        if !one.counters.is_empty() {
            metrics.push(snapshot(tx.id(), id, &one.endpoint, one.fetched_at, &one.counters));
        }
        kept.new += usize::from(before.is_none());
        rows.push(row);
    }
    write(tx, rows).await?;
    insert_all::<post_metrics::Entity, _>(tx.db(), metrics).await?;
    Ok(kept)
}

/// Whole rows, new or anew, in a statement a hundred.
async fn write(tx: &Tx, rows: Vec<post::ActiveModel>) -> Result<()> {
    let anew = post::Column::iter().filter(|column| !matches!(column, post::Column::Id));
    let anew = OnConflict::column(post::Column::Id).update_columns(anew).to_owned();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = post::Entity::insert_many(rows.by_ref().take(100)).on_conflict(anew.clone());
        some.exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// The row as the network tells it now.
fn told(tx: &Tx, account: &network_account::Model, before: Option<&post::Model>, id: PostId, one: &Media) -> post::Model {
    let (hashtags, mentions) = rules::tags(&one.caption);
    let age = one.published_at.map(|at| tx.now - at);
    let first = |again: Option<chrono::Duration>| again.map(|_| tx.now);
    let seen = before.map_or(tx.now, |row| row.first_seen_at);
    post::Model {
        format: one.format.code().to_owned(),
        caption: one.caption.clone(),
        hashtags: Words(hashtags),
        mentions: Words(mentions),
        url: one.permalink.as_ref().map_or_else(String::new, url::Url::to_string),
        published_at: one.published_at.map(micros),
        duration_seconds: one.duration_seconds.and_then(|n| i32::try_from(n).ok()),
        paid_partnership: one.paid_partnership,
        figures_due_at: before.map_or_else(|| first(age.and_then(rules::figures_again)), |row| row.figures_due_at),
        more_comments: before.and_then(|row| row.more_comments),
        thumbnail_url: picture(one).map_or_else(|| before.map(|row| row.thumbnail_url.clone()).unwrap_or_default(), url::Url::to_string),
        comments_due_at: before.map_or_else(|| first(age.and_then(rules::comments_again)), |row| row.comments_due_at),
        expires_at: before.and_then(|row| row.expires_at),
        last_seen_at: tx.now,
        ..post::Model::bare(id, (account.id, account.creator_id, account.network), one.external_id.clone(), seen)
    }
}

/// A small picture, or the picture itself where it is one.
fn picture(one: &Media) -> Option<&url::Url> {
    one.thumbnail_url.as_ref().or_else(|| one.media_url.as_ref().filter(|_| one.format == Format::Image))
}

fn learn(figures: &mut Figures, readings: &[Reading], endpoint: &str, at: DateTime<Utc>) {
    for reading in readings.iter().filter(|reading| reading.is_whole()) {
        let figure = Figure { metric: reading.metric, source: MetricSource::Network, endpoint: endpoint.to_owned(), as_of: micros(at) };
        figures.learn(&code(reading.measure), figure);
    }
}

fn snapshot(id: PostMetricsId, post: PostId, endpoint: &str, at: DateTime<Utc>, readings: &[Reading]) -> post_metrics::ActiveModel {
    let mut figures = Figures::default();
    learn(&mut figures, readings, endpoint, at);
    // Some networks tell all of the last ninety days each time: kept with every reading, each day would be there ninety times.
    let kept: Vec<&Reading> = readings.iter().filter(|reading| reading.day.is_none()).collect();
    post_metrics::ActiveModel {
        id: Set(id),
        post_id: Set(post),
        captured_at: Set(micros(at)),
        source: Set(MetricSource::Network),
        endpoint: Set(endpoint.to_owned()),
        views: Set(figures.value(Measure::Views)),
        reach: Set(figures.value(Measure::Reach)),
        likes: Set(figures.likes()),
        comments: Set(figures.comments()),
        readings: Set(RawJson::of(&kept).unwrap_or_default()),
    }
}

/// Appends what was read of single publications.
pub(in crate::networks) async fn keep_figures(tx: &Tx, sets: &[(post::Model, Option<MetricSet>)]) -> Result<()> {
    let ids = sets.iter().map(|(before, _)| before.id);
    let held = post::Entity::find().filter(post::Column::Id.is_in(ids)).order_by_asc(post::Column::Id).lock(LockType::Update);
    let mut held: HashMap<PostId, post::Model> = held.all(tx.db()).await?.into_iter().map(|row| (row.id, row)).collect();
    let (mut rows, mut metrics) = (Vec::new(), Vec::new());
    for (before, set) in sets {
        let Some(row) = held.remove(&before.id) else { continue };
        let mut figures = Figures::of(&row);
        // A story's figures have a clock of their own.
        let age = row.published_at.filter(|_| row.expires_at.is_none()).map(|at| tx.now - at);
        let mut row = row.into_active_model().reset_all();
        row.figures_due_at = Set(age.and_then(rules::figures_again).map(|pause| tx.now + pause));
        if let Some(set) = set {
            learn(&mut figures, &set.readings, &set.endpoint, set.fetched_at);
            figures.write(&mut row);
            metrics.push(snapshot(tx.id(), before.id, &set.endpoint, set.fetched_at, &set.readings));
        }
        rows.push(row);
    }
    write(tx, rows).await?;
    insert_all::<post_metrics::Entity, _>(tx.db(), metrics).await
}

/// What should have been on the newest page and was not is gone from the network. Stories go by themselves.
pub(super) async fn mark_gone(tx: &Tx, account: &network_account::Model, media: &[Media], is_whole: bool) -> Result<()> {
    let shown: HashSet<&str> = media.iter().map(|one| one.external_id.as_str()).collect();
    let oldest = media.iter().filter_map(|one| one.published_at).min();
    let mut missing = post::Entity::find()
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::GoneAt.is_null())
        .filter(post::Column::ExpiresAt.is_null())
        // A broadcast is over when it is not shown any more.
        .filter(post::Column::Format.ne(Format::Live.code()))
        .filter(post::Column::ExternalId.is_not_in(shown));
    if !is_whole {
        // Of what is older than the page nothing is known.
        let Some(oldest) = oldest else { return Ok(()) };
        missing = missing.filter(post::Column::PublishedAt.gt(oldest));
    }
    let ids = missing.select_only().column(post::Column::Id).limit(200).into_tuple::<PostId>().all(tx.db()).await?;
    if !ids.is_empty() {
        let gone = post::Entity::update_many().col_expr(post::Column::GoneAt, Expr::value(tx.now));
        gone.filter(post::Column::Id.is_in(ids)).exec(tx.db()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure(metric: Metric, source: MetricSource, at: i64) -> Figure {
        Figure { metric, source, endpoint: String::new(), as_of: DateTime::from_timestamp(1_793_600_000 + at, 0).unwrap() }
    }

    fn metrics() -> impl Strategy<Value = Metric> {
        prop_oneof![
            (0_i64..1_000).prop_map(Metric::Value),
            (0_i64..1_000).prop_map(Metric::Estimated),
            Just(Metric::NotReady),
            Just(Metric::Failed),
            Just(Metric::Suppressed { min: 5 }),
        ]
    }

    #[test]
    fn measures_have_words() {
        assert_eq!(code(Measure::AverageWatchMillis), "average_watch_millis");
        let mut figures = Figures::default();
        assert_eq!(figures.engagement(), None);
        figures.learn(&code(Measure::Likes), figure(Metric::Value(3), MetricSource::Network, 0));
        assert_eq!(figures.engagement(), None, "comments are not known, and not zero");
        figures.learn(&code(Measure::Comments), figure(Metric::Value(0), MetricSource::Network, 0));
        assert_eq!(figures.engagement(), Some(3));
    }

    proptest! {
        #[test]
        fn what_is_known_stays_known(words in prop::collection::vec((metrics(), any::<bool>(), 0_i64..100), 1..20)) {
            let mut figures = Figures::default();
            let mut known = false;
            let mut by_network = false;
            for (metric, network, at) in words {
                let source = if network { MetricSource::Network } else { MetricSource::SelfReported };
                figures.learn("likes", figure(metric, source, at));
                known |= metric.value().is_some();
                by_network |= network && metric.value().is_some();
                prop_assert_eq!(figures.value(Measure::Likes).is_some(), known);
                if by_network {
                    prop_assert_eq!(figures.0["likes"].source, MetricSource::Network, "what was typed never stands before what was measured");
                }
            }
        }
    }
}
