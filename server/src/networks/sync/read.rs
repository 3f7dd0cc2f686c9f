//! Asking the network, outside any transaction.

use std::{collections::HashSet, sync::Arc};

use chrono::Duration;
use connectors::{
    Account, Comment, Connector, Cursor, Demographics, Error, ErrorKind, Format, Media, MediaRef, Mention, MetricSet, Page, Profile, Story,
    TokenSet, Window,
};
use entity::{
    comment,
    enums::{Network, SyncKind},
    ids::PostId,
    mention, network_account, network_link, post, story_archive, sync_task,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{plan, rules};
use crate::{
    app::App,
    error::Result,
    networks::{
        queries, renew,
        rules::{self as networks_rules, Access},
    },
};

/// A list of what others say, as far as it was read.
#[derive(Debug)]
pub(super) struct Heard<T> {
    pub(super) items: Vec<T>,
    pub(super) left_out: usize,
    /// Whether the network has more than was ever read; none: what was known of that still holds.
    pub(super) more: Option<bool>,
    /// Whether a further page could not be read.
    pub(super) is_broken: bool,
}

impl<T> Default for Heard<T> {
    fn default() -> Self {
        Self { items: Vec::new(), left_out: 0, more: None, is_broken: false }
    }
}

impl<T> Heard<T> {
    /// Takes a page in, and says where to go on, if that is worth a call.
    fn take(&mut self, page: Page<T>, is_new: bool, is_room: bool) -> Option<Cursor> {
        self.items.extend(page.items);
        self.left_out += page.left_out;
        match page.next {
            None => self.more = Some(false),
            Some(_) if !is_new => {}
            Some(_) if !is_room => self.more = Some(true),
            next => return next,
        }
        None
    }

    /// Whether a further page may fail so without taking what came before it along.
    fn goes_without(&mut self, error: &Error) -> bool {
        use ErrorKind::{Bug, Contract, Gone, NotFound, Private};
        let forgiven = matches!(error.kind, Bug | Contract | Gone | NotFound | Private);
        if forgiven {
            self.more = Some(true);
            self.is_broken = error.kind.is_alarm();
        }
        forgiven
    }
}

/// What was read.
pub(super) enum Reading {
    Profile(Box<Profile>),
    Posts(Page<Media>),
    Backfill(Page<Media>),
    PostFigures(Vec<(post::Model, Option<MetricSet>)>),
    Insights(Vec<(i32, MetricSet)>),
    Audience(Demographics),
    Comments(Vec<(post::Model, Heard<Comment>)>),
    Mentions(Heard<Mention>),
    Stories(Vec<Story>),
    StoryFigures(Vec<(post::Model, Option<MetricSet>)>),
    /// The grant lives.
    Grant,
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
            Self::Profile(_) | Self::Audience(_) | Self::Grant => 1,
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
            comments(app, connector, &account, posts).await?.map(Reading::Comments)
        }
        SyncKind::Mentions => mentions(app, connector, &account, task).await?.map(Reading::Mentions),
        SyncKind::Grant => connector.check(&way.tokens).await.map(|()| Reading::Grant),
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

/// Under each publication the newest comments, and further pages as long as there is room and anything new on them.
async fn comments(
    app: &App,
    connector: &dyn Connector,
    account: &Account<'_>,
    posts: Vec<post::Model>,
) -> Result<connectors::Result<Vec<(post::Model, Heard<Comment>)>>> {
    let (mut out, mut room) = (Vec::new(), rules::further_pages(networks_rules::inside(connector.network())));
    for post in posts {
        let (mut heard, mut after) = (Heard::default(), None);
        loop {
            let page = match connector.comments(account, &reference(&post), after.as_ref()).await {
                Ok(page) => page,
                // Deleted, or comments turned off: the others are read all the same.
                Err(error) if after.is_none() && matches!(error.kind, ErrorKind::NotFound | ErrorKind::Gone | ErrorKind::Private) => {
                    Page::whole(Vec::new())
                }
                Err(error) if after.is_some() && heard.goes_without(&error) => break,
                Err(error) => return Ok(Err(error)),
            };
            let ids: HashSet<&str> = page.items.iter().map(|one| one.external_id.as_str()).collect();
            let known = comment::Entity::find()
                .filter(comment::Column::AccountId.eq(post.account_id))
                .filter(comment::Column::ExternalId.is_in(ids.iter().copied()));
            let is_new = known.count(app.db()).await? < ids.len() as u64;
            after = heard.take(page, is_new, room > 0);
            if after.is_none() {
                break;
            }
            room -= 1;
        }
        out.push((post, heard));
    }
    Ok(Ok(out))
}

/// The newest mentions, and further pages likewise.
async fn mentions(
    app: &App,
    connector: &dyn Connector,
    account: &Account<'_>,
    task: &sync_task::Model,
) -> Result<connectors::Result<Heard<Mention>>> {
    let (mut heard, mut after, mut room) = (Heard::default(), None, rules::further_pages(task.network));
    loop {
        let page = match connector.mentions(account, after.as_ref()).await {
            Ok(page) => page,
            Err(error) if after.is_some() && heard.goes_without(&error) => break,
            Err(error) => return Ok(Err(error)),
        };
        let ids: HashSet<&str> = page.items.iter().map(|one| one.external_id.as_str()).collect();
        let known = mention::Entity::find()
            .filter(mention::Column::AccountId.eq(task.account_id))
            .filter(mention::Column::ExternalId.is_in(ids.iter().copied()));
        let is_new = known.count(app.db()).await? < ids.len() as u64;
        after = heard.take(page, is_new, room > 0);
        if after.is_none() {
            break;
        }
        room -= 1;
    }
    Ok(Ok(heard))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &[u8], next: bool) -> Page<u8> {
        Page { items: items.to_vec(), next: next.then(|| Cursor("on".into())), left_out: 1 }
    }

    #[test]
    fn whether_there_is_more_is_known_or_left_as_it_was() {
        let walked = |steps: &[(bool, bool, bool)]| {
            let mut heard = Heard::default();
            for (next, is_new, room) in steps {
                if heard.take(page(&[1], *next), *is_new, *room).is_none() {
                    break;
                }
            }
            (heard.items.len(), heard.left_out, heard.more)
        };
        assert_eq!(walked(&[(false, true, true)]), (1, 1, Some(false)), "the only page");
        assert_eq!(walked(&[(true, true, true), (false, true, true)]), (2, 2, Some(false)), "to its end");
        assert_eq!(walked(&[(true, true, true), (true, true, false), (true, true, true)]), (2, 2, Some(true)), "no further");
        assert_eq!(walked(&[(true, true, true), (true, false, true), (true, true, true)]), (2, 2, None), "down to what is known");
    }
}
