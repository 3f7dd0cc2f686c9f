//! Stories: their figures are read as those of other publications, a last time before they end. What they show is kept beyond their day
//! (K20), copied once it is seen and shown, while both sides say yes. What was copied is never served as anything but what its own bytes say it is (B45).

use chrono::{DateTime, Duration, Utc};
use connectors::{ErrorKind, MetricSet, Story};
use entity::{
    enums::{ConsentPurpose, StoryEnd},
    ids::{AccountId, CreatorId, OrgId, StoryArchiveId},
    network_account, post, story_archive,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType, OnConflict},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    rules as networks_rules,
    sync::{keep_media, rules},
};
use crate::{
    app::App,
    auth::{
        actors::{Creator, Member},
        tokens::Token,
    },
    base::paging::{Page, Slice},
    consents,
    error::{Error, Result},
    events::Event,
    files,
    jobs::queue::Job,
    tx::Tx,
};

/// The job that copies one.
pub(super) const JOB: &str = "networks.keep_story";
/// Up to so long before its end a reading counts as the last.
const FINAL_WITHIN: Duration = Duration::minutes(40);

/// What that job needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Copy {
    story: StoryArchiveId,
    /// At the network's host; runs out with the story.
    url: Url,
}

/// Stories that are up: what is new is written down, to be copied and read.
pub(super) async fn seen(tx: &Tx, account: &network_account::Model, found: &[Story]) -> Result<()> {
    let media: Vec<_> = found.iter().map(|story| story.media.clone()).collect();
    keep_media(tx, account, &media).await?;
    let ids: Vec<&str> = media.iter().map(|one| one.external_id.as_str()).collect();
    let posts = post::Entity::find()
        .filter(post::Column::AccountId.eq(account.id))
        .filter(post::Column::ExternalId.is_in(ids))
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    let known: Vec<story_archive::Model> =
        story_archive::Entity::find().filter(story_archive::Column::PostId.is_in(posts.iter().map(|row| row.id))).all(tx.db()).await?;
    let kept = !consents::queries::agreed(tx.db(), account.creator_id, ConsentPurpose::StoryArchive).await?.is_empty();
    for story in found {
        let Some(row) = posts.iter().find(|row| row.external_id == story.media.external_id) else { continue };
        let url = story.media.media_url.as_ref().or(story.media.thumbnail_url.as_ref());
        if let Some(before) = known.iter().find(|known| known.post_id == row.id) {
            // Both sides have agreed while it was up.
            if let Some(url) = url.filter(|_| kept && before.file.is_none() && before.problem == NO_CONSENT) {
                let id = before.id;
                let mut before = before.clone().into_active_model();
                before.problem = Set(String::new());
                before.update(tx.db()).await?;
                tx.job(Job::new(JOB, Copy { story: id, url: url.clone() }).unique(format!("story:{id}"))).await?;
            }
            continue;
        }
        let post = row.id;
        let mut row = row.clone().into_active_model();
        row.expires_at = Set(Some(story.expires_at));
        // Its figures have a clock of their own.
        row.figures_due_at = Set(None);
        row.comments_due_at = Set(None);
        row.update(tx.db()).await?;
        let problem = match url {
            None => NO_FILE,
            Some(_) if !kept => NO_CONSENT,
            Some(_) => "",
        };
        let row = story_archive::Model {
            id: tx.id(),
            post_id: post,
            account_id: account.id,
            creator_id: account.creator_id,
            file: None,
            content_type: String::new(),
            bytes: 0,
            sha256: String::new(),
            problem: problem.to_owned(),
            attempts: 0,
            ending: StoryEnd::Open,
            expires_at: story.expires_at,
            read_at: (story.expires_at > tx.now).then_some(tx.now),
            last_read_at: None,
            created_at: tx.now,
        };
        let id = row.id;
        story_archive::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(OnConflict::column(story_archive::Column::PostId).do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
        if let Some(url) = url.filter(|_| kept) {
            tx.job(Job::new(JOB, Copy { story: id, url: url.clone() }).unique(format!("story:{id}"))).await?;
        }
    }
    Ok(())
}

/// The network gave no file.
const NO_FILE: &str = "no_file";
/// What it gave is nothing that is kept.
const NO_MEDIA: &str = "no_media";
/// The creator and a brand had not both agreed to keeping it, or one took that back before it was copied.
const NO_CONSENT: &str = "no_consent";
/// It could not be had.
const UNREACHABLE: &str = "unreachable";

/// Copies one into our own store, if both sides still say yes.
pub(super) async fn copy(app: &App, job: Copy) -> Result<()> {
    let Some(row) = story_archive::Entity::find_by_id(job.story).one(app.db()).await? else { return Ok(()) };
    if row.file.is_some() {
        return Ok(());
    }
    if consents::queries::agreed(app.db(), row.creator_id, ConsentPurpose::StoryArchive).await?.is_empty() {
        return end(app, row.id, NO_CONSENT).await;
    }
    let account = network_account::Entity::find_by_id(row.account_id).one(app.db()).await?;
    let network = account.map_or(connectors::Network::Blog, |account| networks_rules::outside(account.network));
    let body = match app.media.get(network, "story", job.url).await {
        Ok(answer) => answer.body,
        Err(error) if error.kind == ErrorKind::Transient && app.clock.now() < row.expires_at => return Err(error.into()),
        Err(error) => {
            tracing::info!(%error, story = %row.id, "a story could not be copied");
            return end(app, row.id, UNREACHABLE).await;
        }
    };
    let Some(content_type) = files::content_type(&body) else { return end(app, row.id, NO_MEDIA).await };
    let name = format!("stories/{}", Token::new("").reveal());
    let (bytes, sha256) = (i64::try_from(body.len())?, hex::encode(Sha256::digest(&body)));
    app.files.put(&name, body).await?;
    let tx = app.begin().await?;
    let found = story_archive::Entity::find_by_id(job.story).lock(LockType::Update).one(tx.db()).await?;
    let Some(row) = found.filter(|row| row.file.is_none()) else {
        drop(tx);
        return app.files.delete(&name).await;
    };
    if consents::queries::agreed(tx.db(), row.creator_id, ConsentPurpose::StoryArchive).await?.is_empty() {
        drop(tx);
        app.files.delete(&name).await?;
        return end(app, job.story, NO_CONSENT).await;
    }
    let creator = row.creator_id;
    let mut row = row.into_active_model();
    row.file = Set(Some(name));
    row.content_type = Set(content_type.to_owned());
    row.bytes = Set(bytes);
    row.sha256 = Set(sha256);
    row.problem = Set(String::new());
    row.update(tx.db()).await?;
    tx.record(Event::new("network.story_kept", job.story).creator(creator)).await?;
    tx.commit().await
}

async fn end(app: &App, id: StoryArchiveId, problem: &str) -> Result<()> {
    story_archive::Entity::update_many()
        .col_expr(story_archive::Column::Problem, Expr::value(problem))
        .filter(story_archive::Column::Id.eq(id))
        .exec(app.db())
        .await?;
    Ok(())
}

/// Stories whose figures were read: when each is read next, and the soonest of an account's.
pub(super) async fn read(
    tx: &Tx,
    account: &network_account::Model,
    sets: &[(post::Model, Option<MetricSet>)],
) -> Result<Option<DateTime<Utc>>> {
    let posts: Vec<_> = sets.iter().map(|(post, _)| post.id).collect();
    let rows = story_archive::Entity::find().filter(story_archive::Column::PostId.is_in(posts)).lock(LockType::Update).all(tx.db()).await?;
    for row in rows {
        let told = sets.iter().any(|(post, set)| post.id == row.post_id && set.is_some());
        let expires_at = row.expires_at;
        let mut row = row.into_active_model();
        row.read_at = Set(rules::story_again(expires_at, tx.now));
        if told {
            row.last_read_at = Set(Some(tx.now));
            if tx.now >= expires_at - FINAL_WITHIN {
                row.ending = Set(StoryEnd::Final);
            }
        }
        row.update(tx.db()).await?;
    }
    soonest(tx, account.id).await
}

/// Until when the next reading can be put off without losing a story's last figures: none is up, or it is too late for all.
pub(super) async fn last_call(tx: &Tx, account: AccountId) -> Result<Option<DateTime<Utc>>> {
    let ends = story_archive::Entity::find()
        .select_only()
        .column(story_archive::Column::ExpiresAt)
        .filter(story_archive::Column::AccountId.eq(account))
        .filter(story_archive::Column::ReadAt.is_not_null())
        .filter(story_archive::Column::ExpiresAt.gt(tx.now))
        .into_tuple::<DateTime<Utc>>()
        .all(tx.db())
        .await?;
    Ok(ends.into_iter().filter_map(|end| rules::last_calls(end).into_iter().find(|at| *at > tx.now)).min())
}

async fn soonest(tx: &Tx, account: AccountId) -> Result<Option<DateTime<Utc>>> {
    let row: Option<Option<DateTime<Utc>>> = story_archive::Entity::find()
        .select_only()
        .column(story_archive::Column::ReadAt)
        .filter(story_archive::Column::AccountId.eq(account))
        .filter(story_archive::Column::ReadAt.is_not_null())
        .filter(story_archive::Column::ExpiresAt.gt(tx.now))
        .order_by_asc(story_archive::Column::ReadAt)
        .limit(1)
        .into_tuple()
        .one(tx.db())
        .await?;
    Ok(row.flatten().map(|at| at.max(tx.now)))
}

/// Stories that are over are frozen, with how their figures ended.
pub(super) async fn close(app: &App) -> Result<()> {
    let over = |read: bool| {
        let ending = if read { StoryEnd::LastSeen } else { StoryEnd::Missed };
        let was = story_archive::Column::LastReadAt;
        story_archive::Entity::update_many()
            .col_expr(story_archive::Column::Ending, Expr::value(ending))
            .col_expr(story_archive::Column::ReadAt, Expr::value(Option::<DateTime<Utc>>::None))
            .filter(story_archive::Column::Ending.eq(StoryEnd::Open))
            .filter(story_archive::Column::ExpiresAt.lte(app.clock.now()))
            .filter(if read { was.is_not_null() } else { was.is_null() })
    };
    over(true).exec(app.db()).await?;
    over(false).exec(app.db()).await?;
    Ok(())
}

/// Whose eyes see stories that are kept.
#[derive(Clone, Copy, Debug)]
pub enum Eyes {
    /// The creator's: all of theirs.
    Creator(CreatorId),
    /// An organisation's: those of a creator with whom it has agreed.
    Org(OrgId, CreatorId),
}

impl From<&Creator> for Eyes {
    fn from(by: &Creator) -> Self {
        Self::Creator(by.id())
    }
}

impl Eyes {
    /// A member's, of one creator.
    pub fn of_member(by: &Member, creator: CreatorId) -> Self {
        Self::Org(by.org(), creator)
    }

    async fn see(self, db: &impl ConnectionTrait) -> Result<Condition> {
        let (creator, seen) = match self {
            Self::Creator(creator) => (creator, true),
            Self::Org(org, creator) => {
                (creator, consents::queries::agreed(db, creator, ConsentPurpose::StoryArchive).await?.contains(&org))
            }
        };
        if !seen {
            return Err(Error::NotFound);
        }
        let seen = Condition::all().add(story_archive::Column::CreatorId.eq(creator));
        Ok(match self {
            Self::Creator(_) => seen,
            Self::Org(..) => seen.add(story_archive::Column::Problem.ne(NO_CONSENT)),
        })
    }
}

/// Whether it is one of those that a brand sees with whom its creator has agreed.
pub fn is_kept(row: &story_archive::Model) -> bool {
    row.problem != NO_CONSENT
}

/// A story with its publication.
pub type Kept = (story_archive::Model, post::Model);

/// A page of them, the newest first.
pub async fn list(db: &impl ConnectionTrait, eyes: Eyes, slice: Slice) -> Result<Page<Kept>> {
    let query = story_archive::Entity::find().filter(eyes.see(db).await?);
    let page = slice.newest(db, query, story_archive::Column::Id, |row| row.id).await?;
    let posts = post::Entity::find().filter(post::Column::Id.is_in(page.items().map(|row| row.post_id))).all(db).await?;
    let mut posts: std::collections::HashMap<_, _> = posts.into_iter().map(|row| (row.id, row)).collect();
    let rows = page.rows.into_iter().filter_map(|(cursor, row)| posts.remove(&row.post_id).map(|post| (cursor, (row, post)))).collect();
    Ok(Page { rows, has_previous: page.has_previous, has_next: page.has_next })
}

/// One with a copy, and the copy's name.
pub async fn copied(app: &App, eyes: Eyes, id: StoryArchiveId) -> Result<(story_archive::Model, String)> {
    let seen = eyes.see(app.db()).await?;
    let row = story_archive::Entity::find_by_id(id).filter(seen).one(app.db()).await?.ok_or(Error::NotFound)?;
    let name = row.file.clone().ok_or(Error::NotFound)?;
    Ok((row, name))
}
