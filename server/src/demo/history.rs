//! The months before the demo world began: readings as they would have been, had each account been linked that long. They are derived from
//! what the sandbox tells today, the same each time, and labelled as the demo's; the scores on them are computed by the product itself.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use connectors::{Measure, Reading};
use entity::{
    account_snapshot, creator,
    enums::{CreatorSource, LinkState, MetricSource},
    ids::CreatorId,
    json::RawJson,
    network_account, network_link, post, post_metrics,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};

use super::listed;
use crate::{
    app::App,
    base::clock::Clock,
    config::Config,
    error::Result,
    insights,
    networks::sync::{posts::Figures, queries},
    tx::insert_all,
};

/// Said of every row.
pub(super) const LABEL: &str = "demo history";
/// How far back it goes.
pub(super) const DAYS: i64 = 90;
/// Scores are made of every so many days.
const STEP: i64 = 20;
/// So many times before today.
const ROUNDS: i64 = 3;
/// Days after publication on which a post was read.
const READ_ON: [i64; 6] = [1, 2, 4, 8, 16, 32];

/// A whole number that follows from two others, below 1,000.
pub(super) fn dice(a: u64, b: u64) -> u64 {
    let mixed = a.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    (mixed ^ mixed >> 31).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32 & 1_023
}

/// Writes the history of every linked account and of those that the list names, scores their creators every twenty days up to now, and
/// then everybody as of now.
pub(super) async fn write(app: &App, config: &Config) -> Result<()> {
    let links =
        network_link::Entity::find().filter(network_link::Column::State.eq(LinkState::Verified)).order_by_asc(network_link::Column::Id);
    let accounts: Vec<_> = links.all(app.db()).await?.into_iter().map(|link| link.account_id).collect();
    let accounts =
        network_account::Entity::find().filter(network_account::Column::Id.is_in(accounts)).order_by_asc(network_account::Column::Handle);
    let accounts = accounts.all(app.db()).await?;
    let now = Clock::system().now();
    let tx = app.begin().await?;
    for (number, account) in (0_u64..).zip(&accounts) {
        // Up to when its publications were really read.
        let first = account_snapshot::Entity::find()
            .filter(account_snapshot::Column::AccountId.eq(account.id))
            .order_by_asc(account_snapshot::Column::CapturedAt)
            .one(tx.db())
            .await?;
        let until = first.map_or(now, |row| row.captured_at);
        // The sandbox counts as of today, also on the day of the link: that reading would be a jump in what grows up to today.
        account_snapshot::Entity::delete_many()
            .filter(account_snapshot::Column::AccountId.eq(account.id))
            .filter(account_snapshot::Column::CapturedAt.lt(now - Duration::hours(12)))
            .exec(tx.db())
            .await?;
        insert_all::<account_snapshot::Entity, _>(tx.db(), followers(&tx, account, number, now)).await?;
        let posts = queries::shown()
            .filter(post::Column::AccountId.eq(account.id))
            .filter(post::Column::PublishedAt.gte(now - Duration::days(DAYS + 10)))
            .order_by_asc(post::Column::PublishedAt)
            .all(tx.db())
            .await?;
        insert_all::<post_metrics::Entity, _>(tx.db(), posts.iter().flat_map(|row| readings(&tx, row, until)).collect()).await?;
    }
    let owners = creator::Entity::find().filter(creator::Column::Source.eq(CreatorSource::Imported)).order_by_asc(creator::Column::Id);
    let owners: HashMap<_, _> = owners.all(tx.db()).await?.into_iter().map(|owner| (owner.id, owner)).collect();
    let listed = network_account::Entity::find().filter(network_account::Column::CreatorId.is_in(owners.keys().copied()));
    let listed = listed.order_by_asc(network_account::Column::Handle).all(tx.db()).await?;
    let said = listed::said()?;
    for (number, account) in (100_u64..).zip(&listed) {
        let Some(owner) = owners.get(&account.creator_id) else { continue };
        let posts = listed::posts(&tx, &said, account, owner, number, now)?;
        let read = posts.iter().flat_map(|row| readings(&tx, row, now)).collect();
        insert_all::<post::Entity, _>(tx.db(), posts.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await?;
        insert_all::<post_metrics::Entity, _>(tx.db(), read).await?;
    }
    tx.commit().await?;
    let known: Vec<CreatorId> = accounts.iter().chain(&listed).map(|account| account.creator_id).collect();
    let clock = Clock::frozen(now - Duration::days(ROUNDS * STEP));
    let then = App::open(config.clone(), clock.clone()).await?;
    for _ in 0..ROUNDS {
        insights::score(&then, &known).await?;
        clock.advance(Duration::days(STEP));
    }
    let everybody: Vec<CreatorId> = creator::Entity::find()
        .select_only()
        .column(creator::Column::Id)
        .order_by_asc(creator::Column::Id)
        .into_tuple()
        .all(app.db())
        .await?;
    for some in everybody.chunks(50) {
        insights::score(&then, some).await?;
    }
    insights::peers::gather(&then).await
}

/// Followers day by day, up to what they are; one account has a jump that no post explains.
fn followers(
    tx: &crate::tx::Tx,
    account: &network_account::Model,
    number: u64,
    until: DateTime<Utc>,
) -> Vec<account_snapshot::ActiveModel> {
    let Some(today) = account.followers else { return Vec::new() };
    // 3 to 9 per cent in the whole time.
    let growth = (30 + 20 * (number % 4)) as i64;
    (1..=DAYS)
        .rev()
        .map(|back| {
            let missing = today * growth * back / (DAYS * 1_000);
            let noise = today * dice(number, back as u64) as i64 / 2_000_000;
            let jumped = if number == 2 && back > 30 { today * 4 / 100 } else { 0 };
            account_snapshot::ActiveModel {
                id: Set(tx.id()),
                account_id: Set(account.id),
                captured_at: Set(until - Duration::days(back)),
                source: Set(MetricSource::Network),
                label: Set(LABEL.to_owned()),
                followers: Set(Some(today - missing - noise - jumped)),
                following: Set(account.following),
                posts: Set(None),
                data: Set(serde_json::json!({})),
            }
        })
        .collect()
}

/// How a post's counters grew: most of it in the first days.
fn readings(tx: &crate::tx::Tx, row: &post::Model, until: DateTime<Utc>) -> Vec<post_metrics::ActiveModel> {
    let Some(published) = row.published_at else { return Vec::new() };
    let all = Figures::of(row);
    let known: HashMap<String, i64> =
        all.0.iter().filter_map(|(measure, figure)| Some((measure.clone(), figure.metric.value()?))).collect();
    let measure = |word: &str| serde_json::from_value::<Measure>(word.into()).ok();
    READ_ON
        .into_iter()
        .map(|days| (days, published + Duration::days(days)))
        .filter(|(_, at)| *at < until)
        .map(|(days, at)| {
            let share = 1.0 - 0.55_f64.powi(i32::try_from(days).unwrap_or(32)) * 0.8;
            let mut told: Vec<(&String, i64)> = known.iter().map(|(word, n)| (word, (*n as f64 * share) as i64)).collect();
            told.sort();
            let value = |word: &str| told.iter().find(|(name, _)| *name == word).map(|(_, n)| *n);
            let readings: Vec<Reading> =
                told.iter().filter_map(|(word, n)| Some(Reading::new(measure(word)?, word, connectors::Metric::Value(*n)))).collect();
            post_metrics::ActiveModel {
                id: Set(tx.id()),
                post_id: Set(row.id),
                captured_at: Set(at),
                source: Set(MetricSource::Network),
                endpoint: Set(LABEL.to_owned()),
                views: Set(value("views")),
                reach: Set(value("reach")),
                likes: Set(value("likes")),
                comments: Set(value("comments")),
                readings: Set(RawJson::of(&readings).unwrap_or_default()),
            }
        })
        .collect()
}
