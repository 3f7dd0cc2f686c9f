//! Asking the network, outside any transaction.

use std::sync::Arc;

use chrono::Duration;
use connectors::{
    Account, Comment, Connector, Cursor, Demographics, Format, Media, MediaRef, Mention, MetricSet, Page, Profile, Story, TokenSet, Window,
};
use entity::{
    enums::{Network, SyncKind},
    ids::PostId,
    network_account, network_link, post, story_archive, sync_task,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{plan, rules};
use crate::{
    app::App,
    error::Result,
    networks::{
        queries, renew,
        rules::{self as networks_rules, Access},
    },
};

/// What was read.
pub(super) enum Reading {
    Profile(Box<Profile>),
    Posts(Page<Media>),
    Backfill(Page<Media>),
    PostFigures(Vec<(post::Model, Option<MetricSet>)>),
    Insights(Vec<(i32, MetricSet)>),
    Audience(Demographics),
    Comments(Vec<(post::Model, Page<Comment>)>),
    Mentions(Page<Mention>),
    Stories(Vec<Story>),
    StoryFigures(Vec<(post::Model, Option<MetricSet>)>),
}

impl Reading {
    /// Whether the network was asked at all: where nothing was due, how it fares is not known.
    pub(super) fn was_asked(&self) -> bool {
        match self {
            Self::PostFigures(sets) | Self::StoryFigures(sets) => !sets.is_empty(),
            Self::Comments(pages) => !pages.is_empty(),
            _ => true,
        }
    }

    /// How many things it has, for networks that sell by the piece.
    pub(super) fn items(&self) -> i64 {
        let n = match self {
            Self::Profile(_) | Self::Audience(_) => 1,
            Self::Posts(page) | Self::Backfill(page) => page.items.len(),
            Self::PostFigures(sets) | Self::StoryFigures(sets) => sets.len(),
            Self::Insights(sets) => sets.len(),
            Self::Comments(pages) => pages.iter().map(|(_, page)| page.items.len()).sum(),
            Self::Mentions(page) => page.items.len(),
            Self::Stories(stories) => stories.len(),
        };
        i64::try_from(n).unwrap_or(i64::MAX)
    }
}

/// What is needed to ask.
pub(super) struct Way {
    pub(super) link: network_link::Model,
    pub(super) account: network_account::Model,
    pub(super) connector: Arc<dyn Connector>,
    pub(super) external_id: String,
    tokens: TokenSet,
}

impl Way {
    /// Whether what happens on it is told of the network itself. A server of Mastodon's that somebody named tells of itself alone.
    pub(super) fn is_the_networks(&self) -> bool {
        !(self.account.network == Network::Mastodon && networks_rules::access(&self.account, &self.link) == Some(Access::Public))
    }
}

/// Why nothing is asked.
pub(super) enum Closed {
    /// There is no living link, or no connector any more.
    Ended,
    /// Nobody has said yes, or has taken it back.
    NoConsent,
}

/// The way to an account, if there is one now.
pub(super) async fn way(app: &App, task: &sync_task::Model) -> Result<std::result::Result<Way, Closed>> {
    let found = network_link::Entity::find().filter(network_link::Column::AccountId.eq(task.account_id)).one(app.db()).await?;
    let Some(link) = found else { return Ok(Err(Closed::Ended)) };
    let account = queries::account_of(app.db(), &link).await?;
    let Some(access) = networks_rules::access(&account, &link) else { return Ok(Err(Closed::Ended)) };
    if !plan::agreed(app.db(), account.creator_id).await?.to(task.kind) {
        return Ok(Err(Closed::NoConsent));
    }
    let connector = queries::reader(app, &account, &link);
    let tokens = match access {
        Access::Grant => renew::opened(app, &link)?,
        Access::Public => Some(TokenSet::none()),
    };
    let (Some(tokens), Some(external_id), Some(connector)) = (tokens, account.external_id.clone(), connector) else {
        return Ok(Err(Closed::Ended));
    };
    Ok(Ok(Way { link, account, connector, external_id, tokens }))
}

/// Asks.
pub(super) async fn read(app: &App, way: &Way, task: &sync_task::Model) -> Result<connectors::Result<Reading>> {
    let (connector, now) = (way.connector.as_ref(), app.clock.now());
    let account = Account::new(&way.tokens, &way.external_id).followers(way.account.followers);
    Ok(match task.kind {
        SyncKind::Profile => connector.profile(&way.tokens, &way.external_id).await.map(|profile| Reading::Profile(Box::new(profile))),
        SyncKind::Posts => connector.media(&account, None).await.map(Reading::Posts),
        SyncKind::Backfill => {
            let after = task.cursor.clone().map(Cursor);
            connector.media(&account, after.as_ref()).await.map(Reading::Backfill)
        }
        SyncKind::PostFigures => {
            let posts = due_posts(app, task, post::Column::FiguresDueAt, rules::FIGURES_A_TURN).await?;
            sets_of(connector, &account, posts).await.map(Reading::PostFigures)
        }
        SyncKind::Insights => insights(connector, &account, now).await.map(Reading::Insights),
        SyncKind::Audience => connector.demographics(&account).await.map(Reading::Audience),
        SyncKind::Comments => {
            let posts = due_posts(app, task, post::Column::CommentsDueAt, rules::COMMENTS_A_TURN).await?;
            comments(connector, &account, posts).await.map(Reading::Comments)
        }
        SyncKind::Mentions => connector.mentions(&account, None).await.map(Reading::Mentions),
        SyncKind::Stories => connector.stories(&account).await.map(Reading::Stories),
        SyncKind::StoryFigures => {
            let due: Vec<PostId> = story_archive::Entity::find()
                .select_only()
                .column(story_archive::Column::PostId)
                .filter(story_archive::Column::AccountId.eq(task.account_id))
                .filter(story_archive::Column::ReadAt.lte(now))
                .filter(story_archive::Column::ExpiresAt.gt(now))
                .limit(rules::FIGURES_A_TURN)
                .into_tuple()
                .all(app.db())
                .await?;
            let posts = post::Entity::find().filter(post::Column::Id.is_in(due)).order_by_asc(post::Column::Id).all(app.db()).await?;
            sets_of(connector, &account, posts).await.map(Reading::StoryFigures)
        }
    })
}

async fn due_posts(app: &App, task: &sync_task::Model, column: post::Column, most: u64) -> Result<Vec<post::Model>> {
    Ok(post::Entity::find()
        .filter(post::Column::AccountId.eq(task.account_id))
        .filter(column.lte(app.clock.now()))
        .filter(post::Column::GoneAt.is_null())
        .order_by_asc(column)
        .order_by_asc(post::Column::Id)
        .limit(most)
        .all(app.db())
        .await?)
}

fn reference(post: &post::Model) -> MediaRef {
    MediaRef { external_id: post.external_id.clone(), format: Format::from_code(&post.format), published_at: post.published_at }
}

async fn sets_of(
    connector: &dyn Connector,
    account: &Account<'_>,
    posts: Vec<post::Model>,
) -> connectors::Result<Vec<(post::Model, Option<MetricSet>)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<MediaRef> = posts.iter().map(reference).collect();
    let sets = connector.media_insights(account, &asked).await?;
    // In the order asked; by their ids all the same, so that a set that is missing shifts none.
    let mut sets: std::collections::HashMap<String, MetricSet> = sets.into_iter().map(|set| (set.external_id.clone(), set)).collect();
    Ok(posts
        .into_iter()
        .map(|post| {
            let set = sets.remove(&post.external_id);
            (post, set)
        })
        .collect())
}

/// The last day, and the last four weeks.
async fn insights(
    connector: &dyn Connector,
    account: &Account<'_>,
    now: chrono::DateTime<chrono::Utc>,
) -> connectors::Result<Vec<(i32, MetricSet)>> {
    let mut out = Vec::new();
    // Whole days: the running one is never finished.
    let until = now - Duration::seconds(now.timestamp().rem_euclid(86_400)) - Duration::nanoseconds(now.timestamp_subsec_nanos().into());
    for days in [1_i32, 28] {
        out.push((days, connector.account_insights(account, Window::days_before(until, days.unsigned_abs())).await?));
    }
    Ok(out)
}

async fn comments(
    connector: &dyn Connector,
    account: &Account<'_>,
    posts: Vec<post::Model>,
) -> connectors::Result<Vec<(post::Model, Page<Comment>)>> {
    let mut out = Vec::new();
    for post in posts {
        match connector.comments(account, &reference(&post), None).await {
            Ok(page) => out.push((post, page)),
            // Deleted, or comments turned off: the others are read all the same.
            Err(error)
                if matches!(error.kind, connectors::ErrorKind::NotFound | connectors::ErrorKind::Gone | connectors::ErrorKind::Private) =>
            {
                out.push((post, Page::whole(Vec::new())));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}
