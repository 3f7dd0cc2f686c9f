//! What was read becomes rows, in the transaction that also says what happens next.

use chrono::{DateTime, Duration, Utc};
use connectors::{Comment, Crowd, Demographics, Dimension, Mention, MentionKind, Metric, MetricSet, Slices};
use entity::{
    account_metrics, audience_snapshot, comment,
    enums::{self, MetricSource, SyncKind},
    json::RawJson,
    mention, network_account, network_link, post, sync_task,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};

use super::{
    plan::{self, Why},
    posts,
    read::{Heard, Reading, Way},
    rules,
};
use crate::{
    error::Result,
    events::Event,
    networks::{figures, stories, write::micros},
    tx::{Tx, insert_all},
};

/// What is left to say about the row.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// When it is read again; none = it is finished.
    pub(super) next: Option<DateTime<Utc>>,
    pub(super) cursor: Option<String>,
    /// How many things this turn brought.
    pub(super) items: i64,
    pub(super) reached: Option<DateTime<Utc>>,
    pub(super) left_out: i64,
    /// Whether the network has more; none = as before.
    pub(super) more: Option<bool>,
}

/// Writes it.
pub(super) async fn keep(tx: &Tx, way: &Way, link: &network_link::Model, task: &sync_task::Model, reading: Reading) -> Result<Left> {
    let account = &way.account;
    let seed = task.id.0.as_u128();
    let usual = |newest: Option<DateTime<Utc>>| Some(rules::again(task.kind, newest.map(|at| tx.now - at), tx.now, seed));
    let items = reading.items();
    let left = Left { next: usual(None), items, ..Left::default() };
    Ok(match reading {
        Reading::Profile(profile) => {
            let account = figures::keep(tx, link, account, &profile).await?;
            // A threshold may have been passed, or an account have become a business's.
            plan::plan_in(tx, &account, link, Why::Changed).await?;
            left
        }
        Reading::Posts(page) => {
            let kept = posts::keep(tx, account, &page.items).await?;
            if page.left_out == 0 {
                posts::mark_gone(tx, account, &page.items, page.next.is_none()).await?;
            }
            if kept.new > 0 {
                wake(tx, account, &[SyncKind::PostFigures, SyncKind::Comments], tx.now).await?;
            }
            if kept.new == page.items.len() && page.next.is_some() {
                close_gap(tx, account).await?;
            }
            Left { next: usual(kept.newest), left_out: count(page.left_out), ..left }
        }
        Reading::Backfill(page) => {
            let kept = posts::keep(tx, account, &page.items).await?;
            let from = link.linked_at.unwrap_or(task.created_at);
            let back_to = task.back_to.unwrap_or(from - Duration::days(rules::FIRST_DAYS));
            let far_enough = kept.oldest.is_some_and(|at| at <= back_to);
            let on = page.next.clone().filter(|_| !far_enough && !page.items.is_empty());
            let reached = kept.oldest.into_iter().chain(task.reached).min();
            // Whoever was told that it is finished is not told again because a gap is closed.
            if task.back_to.is_none() {
                progress(tx, way, link, task, reached, kept.items, on.is_none()).await?;
            }
            if kept.new > 0 {
                wake(tx, account, &[SyncKind::PostFigures, SyncKind::Comments], tx.now).await?;
            }
            // The next page at once, unless somebody goes before.
            let next = on.is_some().then_some(tx.now);
            Left { next, cursor: on.map(|cursor| cursor.0), reached, left_out: count(page.left_out), ..left }
        }
        Reading::PostFigures(sets) => {
            posts::keep_figures(tx, &sets).await?;
            Left { next: due(tx, account, post::Column::FiguresDueAt).await?.or(usual(None)), ..left }
        }
        Reading::Insights(sets) => {
            let rows = sets.into_iter().map(|(days, mut set)| {
                // Yesterday's figures come days later on some networks: that they are not there yet says nothing.
                if days > 1 {
                    set.readings.iter_mut().for_each(|reading| reading.metric = rules::by_now(reading.metric, link.linked_at, tx.now));
                }
                window(tx, account, days, &set)
            });
            insert_all::<account_metrics::Entity, _>(tx.db(), rows.collect()).await?;
            left
        }
        Reading::Audience(mut told) => {
            for part in &mut told.breakdowns {
                if let Slices::Missing(metric) = &mut part.slices {
                    *metric = rules::by_now(*metric, link.linked_at, tx.now);
                }
            }
            let early = told.breakdowns.iter().any(|part| part.slices == Slices::Missing(Metric::NotReady));
            audience(tx, account, &told).await?;
            Left { next: if early { Some(tx.now + Duration::hours(20)) } else { usual(None) }, ..left }
        }
        Reading::Comments(pages) => {
            for (post, heard) in &pages {
                comments(tx, post, heard).await?;
            }
            Left { next: due(tx, account, post::Column::CommentsDueAt).await?.or(usual(None)), ..left }
        }
        Reading::Mentions(heard) => {
            mentions(tx, account, &heard.items).await?;
            Left { left_out: count(heard.left_out), more: heard.more, ..left }
        }
        Reading::Grant => left,
        Reading::Stories(found) => {
            stories::seen(tx, account, &found).await?;
            wake(tx, account, &[SyncKind::StoryFigures], tx.now).await?;
            left
        }
        Reading::StoryFigures(sets) => {
            posts::keep_figures(tx, &sets).await?;
            let next = stories::read(tx, account, &sets).await?;
            Left { next: next.or(usual(None)), ..left }
        }
    })
}

/// How many rows are written at once: databases take only so many values.
const A_STATEMENT: usize = 200;

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The newest page held nothing that was known, and the list goes on: so does the reading of older publications, down to the newest of
/// those that are known.
async fn close_gap(tx: &Tx, account: &network_account::Model) -> Result<()> {
    let known: Option<Option<DateTime<Utc>>> = post::Entity::find()
        .select_only()
        .column_as(post::Column::PublishedAt.max(), "newest")
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::FirstSeenAt.lt(tx.now))
        .filter(post::Column::ExpiresAt.is_null())
        .into_tuple()
        .one(tx.db())
        .await?;
    let Some(known) = known.flatten() else { return Ok(()) };
    sync_task::Entity::update_many()
        .set(sync_task::ActiveModel { next_run_at: Set(Some(tx.now)), back_to: Set(Some(known)), failures: Set(0), ..Default::default() })
        .filter(sync_task::Column::AccountId.eq(account.id))
        .filter(sync_task::Column::Kind.eq(SyncKind::Backfill))
        // The first reading goes that far by itself.
        .filter(sync_task::Column::NextRunAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Has readings of an account begin no later than then.
pub(in crate::networks) async fn wake(tx: &Tx, account: &network_account::Model, kinds: &[SyncKind], at: DateTime<Utc>) -> Result<()> {
    sync_task::Entity::update_many()
        .col_expr(sync_task::Column::NextRunAt, Expr::value(at))
        .filter(sync_task::Column::AccountId.eq(account.id))
        .filter(sync_task::Column::Kind.is_in(kinds.iter().copied()))
        .filter(sync_task::Column::NextRunAt.gt(at))
        // What fails waits for its own time.
        .filter(sync_task::Column::Failures.eq(0))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// When the next publication of an account is due; no sooner than now.
async fn due(tx: &Tx, account: &network_account::Model, column: post::Column) -> Result<Option<DateTime<Utc>>> {
    let row: Option<DateTime<Utc>> = post::Entity::find()
        .select_only()
        .column(column)
        .filter(post::Column::AccountId.eq(account.id))
        .filter(column.is_not_null())
        .filter(post::Column::GoneAt.is_null())
        .order_by_asc(column)
        .limit(1)
        .into_tuple()
        .one(tx.db())
        .await?;
    Ok(row.map(|at| at.max(tx.now)))
}

/// Whoever waits for the first reading sees how far it has come.
async fn progress(
    tx: &Tx,
    way: &Way,
    link: &network_link::Model,
    task: &sync_task::Model,
    reached: Option<DateTime<Utc>>,
    items: i64,
    finished: bool,
) -> Result<()> {
    let kind = if finished { "network.sync_finished" } else { "network.sync_progressed" };
    let percent = rules::progress(link.linked_at.unwrap_or(task.created_at), reached, finished);
    let data = serde_json::json!({
        "network": way.account.network,
        "account": way.account.id.to_string(),
        "percent": percent,
        "posts": task.done + items,
    });
    tx.record(Event::new(kind, link.id).creator(way.account.creator_id).with(data)).await
}

fn window(tx: &Tx, account: &network_account::Model, days: i32, set: &MetricSet) -> account_metrics::ActiveModel {
    account_metrics::ActiveModel {
        id: Set(tx.id()),
        account_id: Set(account.id),
        captured_at: Set(micros(set.fetched_at)),
        source: Set(MetricSource::Network),
        endpoint: Set(set.endpoint.clone()),
        window_from: Set(set.window.map(|window| micros(window.since))),
        window_to: Set(set.window.map(|window| micros(window.until))),
        window_days: Set(days),
        readings: Set(RawJson::of(&set.readings).unwrap_or_default()),
    }
}

async fn audience(tx: &Tx, account: &network_account::Model, told: &Demographics) -> Result<()> {
    let rows = told.breakdowns.iter().map(|part| audience_snapshot::ActiveModel {
        id: Set(tx.id()),
        account_id: Set(account.id),
        captured_at: Set(micros(told.fetched_at)),
        source: Set(MetricSource::Network),
        endpoint: Set(told.endpoint.clone()),
        crowd: Set(match part.crowd {
            Crowd::Followers => enums::Crowd::Followers,
            Crowd::Engaged => enums::Crowd::Engaged,
            Crowd::Viewers => enums::Crowd::Viewers,
        }),
        dimension: Set(match part.by {
            Dimension::Age => enums::Dimension::Age,
            Dimension::Gender => enums::Dimension::Gender,
            Dimension::AgeGender => enums::Dimension::AgeGender,
            Dimension::City => enums::Dimension::City,
            Dimension::Country => enums::Dimension::Country,
        }),
        slices: Set(serde_json::to_value(&part.slices).unwrap_or_default()),
    });
    insert_all::<audience_snapshot::Entity, _>(tx.db(), rows.collect()).await
}

/// What was seen before is told anew: likes grow, texts are hidden.
async fn comments(tx: &Tx, post: &post::Model, heard: &Heard<Comment>) -> Result<()> {
    let found = &heard.items;
    let age = post.published_at.map(|at| tx.now - at);
    post::Entity::update_many()
        .col_expr(post::Column::CommentsDueAt, Expr::value(age.and_then(rules::comments_again).map(|pause| tx.now + pause)))
        .col_expr(post::Column::MoreComments, Expr::value(heard.more.or(post.more_comments)))
        .filter(post::Column::Id.eq(post.id))
        .exec(tx.db())
        .await?;
    let mut seen = std::collections::HashSet::new();
    let rows: Vec<comment::ActiveModel> = found
        .iter()
        .filter(|one| seen.insert(one.external_id.as_str()))
        .map(|one| comment::ActiveModel {
            id: Set(tx.id()),
            post_id: Set(post.id),
            account_id: Set(post.account_id),
            external_id: Set(one.external_id.clone()),
            parent_external_id: Set(one.parent_id.clone()),
            author_handle: Set(one.author.handle.clone().unwrap_or_default()),
            text: Set(one.text.clone()),
            published_at: Set(one.published_at.map(micros)),
            likes: Set(one.likes.value()),
            hidden: Set(one.hidden),
            first_seen_at: Set(tx.now),
            last_seen_at: Set(tx.now),
        })
        .collect();
    let anew = [comment::Column::Text, comment::Column::Likes, comment::Column::Hidden, comment::Column::LastSeenAt];
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        comment::Entity::insert_many(rows.by_ref().take(A_STATEMENT))
            .on_conflict(OnConflict::columns([comment::Column::AccountId, comment::Column::ExternalId]).update_columns(anew).to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}

fn kind_of(kind: &MentionKind) -> String {
    match kind {
        MentionKind::Caption => "caption".to_owned(),
        MentionKind::Comment => "comment".to_owned(),
        MentionKind::Tag => "tag".to_owned(),
        MentionKind::Reply => "reply".to_owned(),
        MentionKind::Quote => "quote".to_owned(),
        MentionKind::Other(word) => word.clone(),
    }
}

pub(in crate::networks) async fn mentions(tx: &Tx, account: &network_account::Model, found: &[Mention]) -> Result<()> {
    let rows: Vec<mention::ActiveModel> = found
        .iter()
        .map(|one| mention::ActiveModel {
            id: Set(tx.id()),
            account_id: Set(account.id),
            creator_id: Set(account.creator_id),
            external_id: Set(one.external_id.clone()),
            kind: Set(kind_of(&one.kind)),
            author_handle: Set(one.author.handle.clone().unwrap_or_default()),
            text: Set(one.text.clone()),
            url: Set(one.permalink.as_ref().map_or_else(String::new, url::Url::to_string)),
            published_at: Set(one.published_at.map(micros)),
            readings: Set(serde_json::to_value(&one.counters).unwrap_or_default()),
            first_seen_at: Set(tx.now),
        })
        .collect();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        mention::Entity::insert_many(rows.by_ref().take(A_STATEMENT))
            .on_conflict(OnConflict::columns([mention::Column::AccountId, mention::Column::ExternalId]).do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}
