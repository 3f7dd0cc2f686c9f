//! All rows that go in, for many creators with as many statements as for one.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use connectors::Reading;
use entity::{
    account_snapshot, audience_snapshot, brand, comment, creator,
    enums::MetricSource,
    ids::{AccountId, CreatorId, OrgId, PostId},
    mention, network_account, organization, portfolio_item, post, post_metrics,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use serde::Serialize;

use super::rules;
use crate::{
    creators::queries::{self as creators, grouped},
    error::Result,
    networks::sync::queries as readings,
};

/// What was read of a post at one instant.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Which post.
    pub post: PostId,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub source: MetricSource,
    /// What.
    pub readings: Vec<Reading>,
}

/// What somebody wrote under a post.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// The network's id of it.
    pub external_id: String,
    /// The one that it answers.
    pub answers: Option<String>,
    /// Under which post.
    pub post: PostId,
    /// By whom.
    pub author: String,
    /// Its words.
    pub text: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// A brand that posts may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its names.
    pub names: Vec<String>,
    /// Its site's host, without `www.`; empty without one.
    pub domain: String,
    /// The organisation here; none = from the creator's portfolio.
    pub org: Option<OrgId>,
}

/// One creator's rows.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The profile.
    pub creator: creator::Model,
    /// The accounts, in the order of ids.
    pub accounts: Vec<network_account::Model>,
    /// Their readings, the oldest first.
    pub readings: Vec<account_snapshot::Model>,
    /// Their posts, the oldest first; no stories.
    pub posts: Vec<post::Model>,
    /// What was read of those.
    pub counted: Vec<Counted>,
    /// What was written under them.
    pub comments: Vec<Said>,
    /// Who named the accounts.
    pub mentions: Vec<mention::Model>,
    /// The latest word on who the audience is.
    pub audience: Vec<audience_snapshot::Model>,
    /// Brands of the creator's portfolio.
    pub portfolio: Vec<Known>,
}

/// Posts of these creators that go in.
fn posts_of(creators: &[CreatorId], now: DateTime<Utc>) -> Select<post::Entity> {
    readings::shown()
        .filter(post::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(post::Column::PublishedAt.gte(now - Duration::days(rules::POST_DAYS)))
        .filter(post::Column::PublishedAt.lte(now))
}

/// Reads all of it. The number of statements does not depend on the number of creators.
pub async fn read(db: &impl ConnectionTrait, ids: &[CreatorId], now: DateTime<Utc>) -> Result<Vec<Inputs>> {
    let profiles = creator::Entity::find().filter(creator::Column::Id.is_in(ids.iter().copied())).order_by_asc(creator::Column::Id);
    let profiles = profiles.all(db).await?;
    let mut accounts = creators::accounts_of(db, ids).await?;
    let owners: HashMap<AccountId, CreatorId> = accounts.values().flatten().map(|account| (account.id, account.creator_id)).collect();
    let account_ids: Vec<AccountId> = owners.keys().copied().collect();
    let mut seen = by_owner(&owners, account_readings(db, &account_ids, now).await?, |row| row.account_id);
    let posts = posts_of(ids, now).order_by_asc(post::Column::PublishedAt).order_by_asc(post::Column::Id).all(db).await?;
    let authors: HashMap<PostId, CreatorId> = posts.iter().map(|row| (row.id, row.creator_id)).collect();
    let mut posts = grouped(posts, |row| row.creator_id);
    let mut counted = by_owner(&authors, counted(db, ids, now).await?, |row| row.post);
    let mut comments = by_owner(&authors, comments(db, ids, now).await?, |row| row.post);
    let named = mention::Entity::find()
        .filter(mention::Column::CreatorId.is_in(ids.iter().copied()))
        .filter(mention::Column::PublishedAt.gte(now - Duration::days(rules::COUNTER_DAYS)))
        .filter(mention::Column::PublishedAt.lte(now))
        .order_by_asc(mention::Column::PublishedAt)
        .order_by_asc(mention::Column::Id)
        .all(db)
        .await?;
    let mut named = grouped(named, |row| row.creator_id);
    let audience = readings::audience(db, &account_ids).await?.into_values().flatten().collect();
    let mut audience = by_owner(&owners, audience, |row: &audience_snapshot::Model| row.account_id);
    let mut shown = creators::portfolio_of(db, ids).await?;
    Ok(profiles
        .into_iter()
        .map(|creator| {
            let id = creator.id;
            let mut accounts = accounts.remove(&id).unwrap_or_default();
            accounts.sort_by_key(|account| account.id);
            let mut audience = audience.remove(&id).unwrap_or_default();
            audience.sort_by_key(|row| row.id);
            Inputs {
                creator,
                accounts,
                readings: seen.remove(&id).unwrap_or_default(),
                posts: posts.remove(&id).unwrap_or_default(),
                counted: counted.remove(&id).unwrap_or_default(),
                comments: comments.remove(&id).unwrap_or_default(),
                mentions: named.remove(&id).unwrap_or_default(),
                audience,
                portfolio: shown.remove(&id).unwrap_or_default().into_iter().filter_map(of_portfolio).collect(),
            }
        })
        .collect())
}

fn of_portfolio(item: portfolio_item::Model) -> Option<Known> {
    let names = vec![item.brand_name];
    names.iter().any(|name| !name.trim().is_empty()).then_some(Known { names, domain: String::new(), org: None })
}

fn by_owner<K: Copy + Eq + std::hash::Hash, T>(
    owners: &HashMap<K, CreatorId>,
    rows: Vec<T>,
    key: impl Fn(&T) -> K,
) -> HashMap<CreatorId, Vec<T>> {
    let mut out: HashMap<CreatorId, Vec<T>> = HashMap::new();
    for row in rows {
        if let Some(owner) = owners.get(&key(&row)) {
            out.entry(*owner).or_default().push(row);
        }
    }
    out
}

async fn account_readings(db: &impl ConnectionTrait, accounts: &[AccountId], now: DateTime<Utc>) -> Result<Vec<account_snapshot::Model>> {
    Ok(account_snapshot::Entity::find()
        .filter(account_snapshot::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(account_snapshot::Column::CapturedAt.gte(now - Duration::days(rules::ACCOUNT_DAYS)))
        .filter(account_snapshot::Column::CapturedAt.lte(now))
        .order_by_asc(account_snapshot::Column::CapturedAt)
        .order_by_asc(account_snapshot::Column::Id)
        .all(db)
        .await?)
}

async fn counted(db: &impl ConnectionTrait, ids: &[CreatorId], now: DateTime<Utc>) -> Result<Vec<Counted>> {
    let posts = posts_of(ids, now).select_only().column(post::Column::Id).into_query();
    let rows = post_metrics::Entity::find()
        .filter(post_metrics::Column::PostId.in_subquery(posts))
        .filter(post_metrics::Column::CapturedAt.gte(now - Duration::days(rules::COUNTER_DAYS)))
        .filter(post_metrics::Column::CapturedAt.lte(now))
        .order_by_asc(post_metrics::Column::CapturedAt)
        .order_by_asc(post_metrics::Column::Id)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Counted {
            post: row.post_id,
            at: row.captured_at,
            source: row.source,
            // A reading that cannot be understood tells nothing.
            readings: row.readings.read().unwrap_or_default(),
        })
        .collect())
}

async fn comments(db: &impl ConnectionTrait, ids: &[CreatorId], now: DateTime<Utc>) -> Result<Vec<Said>> {
    let posts = posts_of(ids, now).select_only().column(post::Column::Id).into_query();
    let rows = comment::Entity::find()
        .filter(comment::Column::PostId.in_subquery(posts))
        .filter(comment::Column::FirstSeenAt.lte(now))
        .order_by_asc(comment::Column::ExternalId)
        .order_by_asc(comment::Column::Id)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Said {
            external_id: row.external_id,
            answers: row.parent_external_id,
            post: row.post_id,
            author: row.author_handle,
            text: row.text,
            at: row.published_at,
        })
        .collect())
}

/// The brands of this installation, with their labels: posts that name one are work with it.
pub async fn brands(db: &impl ConnectionTrait) -> Result<Vec<Known>> {
    let mut labels = grouped(brand::Entity::find().order_by_asc(brand::Column::Id).all(db).await?, |row| row.org_id);
    let orgs = organization::Entity::find().order_by_asc(organization::Column::Id).all(db).await?;
    Ok(orgs
        .into_iter()
        .map(|org| {
            let host = url::Url::parse(&org.website).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            let own = labels.remove(&org.id).unwrap_or_default();
            Known {
                names: std::iter::once(org.name).chain(own.into_iter().map(|label| label.name)).collect(),
                domain: host.trim_start_matches("www.").to_owned(),
                org: Some(org.id),
            }
        })
        .collect())
}
