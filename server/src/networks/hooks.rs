//! What networks tell by themselves: taken in at once, once, and done afterwards. A hint only: the network is asked for the state, and what
//! no hint came for is found by the daily reading.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use connectors::{
    Capability, Error, ErrorKind, Event as Told, EventKind, Measure, Metric, MetricSet, RawRequest, RawResponse, Reading, WebhookError,
};
use entity::{
    enums::{LinkState, Network, StoryEnd, SyncKind},
    ids::{JobId, NetworkLinkId},
    inbound_hook, network_account, network_link, post, story_archive, sync_task,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockBehavior, LockType, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::{
    queries, renew,
    rules::{inside, outside},
    sync::{
        self,
        posts::{code, keep_figures},
        rules::priority,
    },
};
use crate::{app::App, error::Result, jobs::queue::Job, tx::Tx};

/// The job that does what came in.
pub(super) const JOB: &str = "networks.hooks";
/// The job that asks a network to tell of an account.
pub(super) const SUBSCRIBE: &str = "networks.subscribe";
/// The job that looks up who named an account.
pub(super) const MENTIONED: &str = "networks.mentioned";
/// How long what came in is kept.
pub(super) const KEPT: Duration = Duration::days(30);
/// How long a mention waits for room to be looked up.
const STALE: Duration = Duration::days(2);
/// At most so many in one turn.
const TURN: u64 = 200;

/// What to answer the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This, to a network that checks whether the address is ours.
    Challenge(RawResponse),
    /// That it was taken in.
    Taken,
    /// Nothing but a status.
    Refused(WebhookError),
}

/// Takes a request in. Nothing of it is looked at before its signature is; what came before is taken once.
pub async fn receive(app: &App, network: Network, request: &RawRequest) -> Result<Answer> {
    let Some(connector) = app.networks.get(outside(network)) else { return Ok(Answer::Refused(WebhookError::NotSetUp)) };
    match connector.webhook_challenge(request) {
        Ok(Some(answer)) => return Ok(Answer::Challenge(answer)),
        Ok(None) => {}
        Err(error) => return Ok(refused(network, error)),
    }
    let events = match connector.webhook_events(request) {
        Ok(events) => events,
        Err(error) => return Ok(refused(network, error)),
    };
    if !events.is_empty() {
        keep(app, events).await?;
    }
    Ok(Answer::Taken)
}

fn refused(network: Network, error: WebhookError) -> Answer {
    tracing::info!(%network, %error, "a webhook was refused");
    Answer::Refused(error)
}

async fn keep(app: &App, events: Vec<Told>) -> Result<()> {
    let tx = app.begin().await?;
    let mut rows: BTreeMap<(Network, String), inbound_hook::ActiveModel> = BTreeMap::new();
    for event in events {
        let network = inside(event.network);
        let row = inbound_hook::ActiveModel {
            id: Set(tx.id()),
            network: Set(network),
            dedupe_key: Set(event.dedupe_key.clone()),
            account: Set(event.account.clone()),
            event: Set(serde_json::to_value(&event)?),
            received_at: Set(tx.now),
            done_at: Set(None),
            outcome: Set(String::new()),
        };
        rows.insert((network, event.dedupe_key), row);
    }
    for row in rows.into_values() {
        inbound_hook::Entity::insert(row)
            .on_conflict(OnConflict::columns([inbound_hook::Column::Network, inbound_hook::Column::DedupeKey]).do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    tx.job(Job::new(JOB, serde_json::json!({})).unique(JOB)).await?;
    tx.commit().await
}

/// Does what came in.
pub(super) async fn work(app: &App) -> Result<()> {
    loop {
        let tx = app.begin().await?;
        let rows = inbound_hook::Entity::find()
            .filter(inbound_hook::Column::DoneAt.is_null())
            .order_by_asc(inbound_hook::Column::Id)
            .limit(TURN)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(tx.db())
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut revoked = Vec::new();
        for row in rows {
            let outcome = match serde_json::from_value::<Told>(row.event.clone()) {
                Ok(event) => done(&tx, row.network, &event, &mut revoked).await?,
                Err(_) => "unreadable",
            };
            let now = tx.now;
            let mut row = row.into_active_model();
            row.done_at = Set(Some(now));
            row.outcome = Set(outcome.to_owned());
            row.update(tx.db()).await?;
        }
        tx.commit().await?;
        for (link, account) in revoked {
            end(app, link, &account).await?;
        }
    }
}

async fn end(app: &App, link: NetworkLinkId, account: &network_account::Model) -> Result<()> {
    let tx = app.begin().await?;
    match queries::any_link_for_update(&tx, link).await? {
        Some(link) if link.state == LinkState::Verified => renew::broken(tx, link, account, &ErrorKind::Revoked).await,
        _ => Ok(()),
    }
}

async fn done(tx: &Tx, network: Network, event: &Told, revoked: &mut Vec<(NetworkLinkId, network_account::Model)>) -> Result<&'static str> {
    let Some(external_id) = &event.account else { return Ok("no_account") };
    let found = network_account::Entity::find()
        .filter(network_account::Column::Network.eq(network))
        .filter(network_account::Column::ExternalId.eq(external_id))
        .one(tx.db())
        .await?;
    let Some(account) = found else { return Ok("unknown_account") };
    let link = queries::link_of(tx.db(), &account).await?.filter(|link| link.state == LinkState::Verified);
    let Some(link) = link else { return Ok("not_linked") };
    Ok(match event.kind {
        EventKind::Comment => {
            due(tx, &account, event, post::Column::CommentsDueAt).await?;
            hurry(tx, &account, &[SyncKind::Comments]).await?;
            "read"
        }
        EventKind::Mention => {
            hurry(tx, &account, &[SyncKind::Mentions]).await?;
            // Lists hold no mention in a caption or a comment: it is asked for by what the event says, or never.
            tx.job(Job::new(MENTIONED, Mentioned { link: link.id, event: event.clone(), since: None })).await?;
            "read"
        }
        EventKind::Publication | EventKind::LiveStarted | EventKind::LiveEnded => {
            due(tx, &account, event, post::Column::FiguresDueAt).await?;
            hurry(tx, &account, &[SyncKind::Posts, SyncKind::PostFigures]).await?;
            "read"
        }
        EventKind::StoryInsights => story(tx, &account, event).await?,
        EventKind::Revoked => {
            revoked.push((link.id, account));
            "revoked"
        }
        EventKind::SubscriptionEnded => {
            subscribe_in(tx, &link).await?;
            "subscribed_again"
        }
        EventKind::Follow | EventKind::Other(_) => "nothing_to_do",
    })
}

/// The publication that it is about is read among the next.
async fn due(tx: &Tx, account: &network_account::Model, event: &Told, column: post::Column) -> Result<()> {
    let media = event.payload.pointer("/media/id").or_else(|| event.payload.get("post_id")).and_then(|id| id.as_str());
    let ids: Vec<&str> = event.object.as_deref().into_iter().chain(media).collect();
    post::Entity::update_many()
        .col_expr(column, Expr::value(tx.now))
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::ExternalId.is_in(ids))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Readings of an account go before the daily ones; what fails waits for its own time.
async fn hurry(tx: &Tx, account: &network_account::Model, kinds: &[SyncKind]) -> Result<()> {
    sync_task::Entity::update_many()
        .col_expr(sync_task::Column::NextRunAt, Expr::value(tx.now))
        .col_expr(sync_task::Column::Priority, Expr::value(priority::HOOK))
        .filter(sync_task::Column::AccountId.eq(account.id))
        .filter(sync_task::Column::Kind.is_in(kinds.iter().copied()))
        .filter(sync_task::Column::NextRunAt.gt(tx.now))
        .filter(sync_task::Column::Failures.eq(0))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The figures that Meta tells of a story that is over; by the same words as the connectors'.
const IN_STORY_NEWS: [Measure; 7] =
    [Measure::Reach, Measure::Impressions, Measure::Views, Measure::Replies, Measure::Shares, Measure::Follows, Measure::ProfileVisits];

/// A story is over, and these were its last figures.
async fn story(tx: &Tx, account: &network_account::Model, event: &Told) -> Result<&'static str> {
    let Some(object) = &event.object else { return Ok("no_object") };
    let found = post::Entity::find()
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::ExternalId.eq(object))
        .filter(post::Column::ExpiresAt.is_not_null())
        .lock(LockType::Update)
        .one(tx.db())
        .await?;
    let Some(row) = found else { return Ok("unknown_story") };
    if !sync::agreed(tx.db(), account.creator_id).await?.to(SyncKind::StoryFigures) {
        return Ok("no_consent");
    }
    let told = |measure: &Measure| {
        let word = code(*measure);
        let n = event.payload.get(&word)?.as_i64().filter(|n| *n >= 0)?;
        Some(Reading::new(*measure, &word, Metric::Value(n)))
    };
    let set = MetricSet {
        external_id: object.clone(),
        window: None,
        readings: IN_STORY_NEWS.iter().filter_map(told).collect(),
        endpoint: "webhook story_insights".to_owned(),
        fetched_at: event.at.unwrap_or(tx.now),
    };
    let id = row.id;
    keep_figures(tx, &[(row, Some(set))]).await?;
    story_archive::Entity::update_many()
        .col_expr(story_archive::Column::Ending, Expr::value(StoryEnd::Final))
        .col_expr(story_archive::Column::LastReadAt, Expr::value(tx.now))
        .filter(story_archive::Column::PostId.eq(id))
        .exec(tx.db())
        .await?;
    Ok("kept")
}

/// Which link the network shall tell of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscribe {
    link: NetworkLinkId,
}

/// Asks the network to tell of an account from now on, where it does such a thing.
pub(super) async fn subscribe_in(tx: &Tx, link: &network_link::Model) -> Result<()> {
    let account = queries::account_of(tx.db(), link).await?;
    let offered = tx.app().networks.get(outside(account.network)).is_some_and(|connector| {
        connector.availability(Capability::Webhooks, &link.scopes.0, account.followers) == connectors::Availability::Offered
    });
    if offered {
        tx.job(Job::new(SUBSCRIBE, Subscribe { link: link.id }).unique(format!("subscribe:{}", link.id))).await?;
    }
    Ok(())
}

pub(super) async fn subscribe(app: &App, job: Subscribe) -> Result<()> {
    let Some(link) = network_link::Entity::find_by_id(job.link).one(app.db()).await? else { return Ok(()) };
    let account = queries::account_of(app.db(), &link).await?;
    let (Some(tokens), Some(external_id)) = (renew::opened(app, &link)?, &account.external_id) else { return Ok(()) };
    let Some(connector) = app.networks.get(outside(account.network)) else { return Ok(()) };
    match connector.subscribe(&connectors::Account::new(&tokens, external_id)).await {
        Err(error) if error.kind.passes() => Err(error.into()),
        // Without hints the daily reading finds everything.
        Err(error) => {
            tracing::info!(%error, link = %link.id, "the network does not tell of an account");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// What is looked up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mentioned {
    link: NetworkLinkId,
    event: Told,
    /// Since when it waits for room, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
}

/// Whether one more may be looked up now, or when. An account that many name at once must not use up what its readings need.
async fn room(app: &App, network: Network, external_id: &str) -> Result<std::result::Result<(), DateTime<Utc>>> {
    let allowance =
        sync::Allowance { name: "named", capacity: app.config.sync.mentions_per_hour.into(), refill: sync::Refill::Steady(3_600) };
    let tx = app.begin().await?;
    let told = sync::limits::Told::read(&tx, [network]).await?;
    if let Some(until) = told.blocked(network, Some((external_id, SyncKind::Mentions)), priority::HOOK, tx.now) {
        return Ok(Err(until));
    }
    let room = sync::limits::spend(&tx, network, &allowance, 1, 0).await?;
    tx.commit().await?;
    Ok(room)
}

async fn again(app: &App, job: Mentioned, at: DateTime<Utc>) -> Result<()> {
    let tx = app.begin().await?;
    // Not all at once when there is room again.
    let at = at + sync::rules::jitter(tx.id::<JobId>().0.as_u128(), 0, Duration::minutes(5));
    if at - job.since.unwrap_or(tx.now) > STALE {
        tracing::info!(link = %job.link, "a mention was not looked up: the network leaves no room");
        return Ok(());
    }
    let since = job.since.or(Some(tx.now));
    tx.job(Job::new(MENTIONED, Mentioned { since, ..job }).at(at)).await?;
    tx.commit().await
}

/// Looks up the mention that an event is about, where the network answers to that.
pub(super) async fn mentioned(app: &App, job: Mentioned) -> Result<()> {
    let Some(link) = network_link::Entity::find_by_id(job.link).one(app.db()).await? else { return Ok(()) };
    let account = queries::account_of(app.db(), &link).await?;
    if !sync::agreed(app.db(), account.creator_id).await?.to(SyncKind::Mentions) {
        return Ok(());
    }
    let (Some(tokens), Some(external_id)) = (renew::opened(app, &link)?, &account.external_id) else { return Ok(()) };
    let Some(connector) = queries::reader(app, &account, &link) else { return Ok(()) };
    if let Err(later) = room(app, account.network, external_id).await? {
        return again(app, job, later).await;
    }
    let (found, asked) = connectors::counted(connector.mentioned(&connectors::Account::new(&tokens, external_id), &job.event)).await;
    let tx = app.begin().await?;
    sync::limits::learn(&tx, account.network, (external_id, SyncKind::Mentions), &asked.limits, found.as_ref().err()).await?;
    tx.commit().await?;
    match found {
        Ok(found) => {
            let tx = app.begin().await?;
            sync::keep_mentions(&tx, &account, &[found]).await?;
            tx.commit().await
        }
        Err(Error { kind: ErrorKind::RateLimited { .. } | ErrorKind::QuotaExhausted, retry_at, .. }) => {
            again(app, job, retry_at.unwrap_or(app.clock.now() + Duration::minutes(15))).await
        }
        Err(error) if error.kind.passes() => Err(error.into()),
        // The author is private, or the network's lists hold all mentions.
        Err(error) => {
            tracing::info!(%error, link = %link.id, "a mention is not shown");
            Ok(())
        }
    }
}

/// Forgets what came in long ago.
pub(super) async fn forget(app: &App) -> Result<()> {
    inbound_hook::Entity::delete_many().filter(inbound_hook::Column::ReceivedAt.lt(app.clock.now() - KEPT)).exec(app.db()).await?;
    Ok(())
}
