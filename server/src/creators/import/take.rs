//! Writes some hundred rows in one transaction, with a handful of statements however many rows there are.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use chrono::{DateTime, Utc};
use entity::{
    account_snapshot, creator,
    enums::{CreatorSource, MetricSource, Network},
    ids::{AccountId, CreatorId},
    network_account,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, SqlErr, sea_query::LockType,
};

use super::{super::recount_in, row::Row};
use crate::{
    app::App,
    base::text,
    error::{Error, Result},
    events::Event,
    tx::{Tx, insert_all},
};

/// What became of the rows.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) taken: u64,
    pub(super) known: u64,
    pub(super) creators: u64,
    pub(super) accounts: u64,
    /// Which rows were refused, and the key of the text that says why.
    pub(super) refused: Vec<(usize, &'static str)>,
}

/// Takes the rows in. Somebody may link one of the accounts at the same moment: then it is tried again, and found.
pub(super) async fn take(app: &App, list: &str, rows: &[Row]) -> Result<Done> {
    let mut tries = 0;
    loop {
        tries += 1;
        match once(app, list, rows).await {
            Err(Error::Fault(fault)) if tries < 3 && collided(&fault) => {}
            other => return other,
        }
    }
}

fn collided(fault: &anyhow::Error) -> bool {
    fault.downcast_ref::<DbErr>().is_some_and(|e| matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
}

/// An account, and what is to be done with it at the end.
struct Held {
    row: network_account::Model,
    new: bool,
    changed: bool,
}

/// The accounts that the rows speak of.
struct Accounts {
    held: Vec<Held>,
    by_key: HashMap<(Network, String), usize>,
    by_external: HashMap<(Network, String), usize>,
}

impl Accounts {
    fn add(&mut self, row: network_account::Model, new: bool) -> usize {
        let at = self.held.len();
        self.by_key.insert((row.network, row.handle_key.clone()), at);
        if let Some(id) = &row.external_id {
            self.by_external.insert((row.network, id.clone()), at);
        }
        self.held.push(Held { row, new, changed: false });
        at
    }

    async fn load(tx: &Tx, rows: &[Row]) -> Result<Self> {
        let mut all = Self { held: Vec::new(), by_key: HashMap::new(), by_external: HashMap::new() };
        let mut keys: BTreeMap<Network, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
        for row in rows {
            let (handles, ids) = keys.entry(row.network).or_default();
            handles.insert(&row.handle.key);
            ids.extend(row.external_id.as_deref());
        }
        for (network, (handles, ids)) in keys {
            let wanted = sea_orm::Condition::any()
                .add(network_account::Column::HandleKey.is_in(handles))
                .add(network_account::Column::ExternalId.is_in(ids));
            let found = network_account::Entity::find()
                .filter(network_account::Column::Network.eq(network))
                .filter(wanted)
                .lock(LockType::Update)
                .all(tx.db())
                .await?;
            for row in found {
                all.add(row, false);
            }
        }
        Ok(all)
    }

    /// The account of a row; none = a new one. An id and a handle that belong to two accounts are for a person to look at.
    fn find(&self, row: &Row) -> Result<Option<usize>, &'static str> {
        let by_key = self.by_key.get(&(row.network, row.handle.key.clone())).copied();
        let Some(id) = &row.external_id else { return Ok(by_key) };
        let by_external = self.by_external.get(&(row.network, id.clone())).copied();
        let other_id = |at: usize| self.held.get(at).and_then(|h| h.row.external_id.as_ref()).is_some_and(|known| known != id);
        match (by_key, by_external) {
            (Some(a), Some(b)) if a != b => Err("creators.import.problem.two_accounts"),
            (Some(a), None) if other_id(a) => Err("creators.import.problem.two_accounts"),
            (by_key, by_external) => Ok(by_external.or(by_key)),
        }
    }
}

type SnapshotKey = (AccountId, DateTime<Utc>, String);

/// What a snapshot says, for comparing.
type Said = (Option<i64>, Option<i64>, Option<i64>, serde_json::Value);

async fn snapshots(tx: &Tx, accounts: &Accounts, rows: &[Row]) -> Result<HashMap<SnapshotKey, Said>> {
    let dates: BTreeSet<DateTime<Utc>> = rows.iter().map(|r| r.captured_at).collect();
    let found = account_snapshot::Entity::find()
        .filter(account_snapshot::Column::AccountId.is_in(accounts.held.iter().map(|h| h.row.id)))
        .filter(account_snapshot::Column::CapturedAt.is_in(dates))
        .all(tx.db())
        .await?;
    Ok(found.into_iter().map(|s| ((s.account_id, s.captured_at, s.label), (s.followers, s.following, s.posts, s.data))).collect())
}

async fn once(app: &App, list: &str, rows: &[Row]) -> Result<Done> {
    let tx = app.begin().await?;
    let mut done = Done::default();
    let mut accounts = Accounts::load(&tx, rows).await?;
    let mut said = snapshots(&tx, &accounts, rows).await?;
    let mut profiles = profiles(&tx, &accounts).await?;
    let mut fresh_profiles: Vec<CreatorId> = Vec::new();
    let mut touched: BTreeSet<CreatorId> = BTreeSet::new();
    let mut fresh = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let at = match accounts.find(row) {
            Ok(Some(at)) => at,
            Ok(None) => {
                let profile = profile(&tx, row);
                fresh_profiles.push(profile.id);
                let at = accounts.add(account(&tx, row, profile.id), true);
                profiles.insert(profile.id, profile);
                at
            }
            Err(why) => {
                done.refused.push((n, why));
                continue;
            }
        };
        let Some(held) = accounts.held.get_mut(at) else { continue };
        let figures: Said = (row.followers, row.following, row.posts, row.data.clone());
        match said.entry((held.row.id, row.captured_at, row.label.clone())) {
            Entry::Occupied(there) if *there.get() == figures => {
                done.known += 1;
                continue;
            }
            Entry::Occupied(_) => {
                done.refused.push((n, "creators.import.problem.other_figures"));
                continue;
            }
            Entry::Vacant(place) => {
                fresh.push(snapshot(&tx, held.row.id, row));
                place.insert(figures);
            }
        }
        done.taken += 1;
        held.changed |= update(&mut held.row, row);
        if let Some(profile) = profiles.get_mut(&held.row.creator_id)
            && complete(profile, row)
        {
            touched.insert(profile.id);
        }
    }
    done.creators = fresh_profiles.len() as u64;
    done.accounts = done.creators;
    write(&tx, accounts, profiles, &fresh_profiles, &touched, fresh).await?;
    if done.taken > 0 {
        let counts = serde_json::json!({ "creators": done.creators, "snapshots": done.taken });
        tx.record(Event::new("creators.imported", list).with(counts)).await?;
    }
    tx.commit().await?;
    Ok(done)
}

async fn write(
    tx: &Tx,
    accounts: Accounts,
    mut profiles: HashMap<CreatorId, creator::Model>,
    fresh_profiles: &[CreatorId],
    touched: &BTreeSet<CreatorId>,
    fresh: Vec<account_snapshot::ActiveModel>,
) -> Result<()> {
    let new: Vec<_> = fresh_profiles.iter().filter_map(|id| profiles.remove(id)).map(|p| p.into_active_model().reset_all()).collect();
    insert_all::<creator::Entity, _>(tx.db(), new).await?;
    for profile in touched.iter().filter_map(|id| profiles.remove(id)) {
        let (category, country) = (profile.main_category.clone(), profile.country.clone());
        let mut row = profile.into_active_model();
        row.main_category = Set(category);
        row.country = Set(country);
        row.update(tx.db()).await?;
    }
    let mut new = Vec::new();
    let told: BTreeSet<CreatorId> = accounts.held.iter().filter(|held| held.new || held.changed).map(|held| held.row.creator_id).collect();
    for held in accounts.held {
        if held.new {
            new.push(held.row.into_active_model().reset_all());
        } else if held.changed {
            held.row.into_active_model().reset_all().update(tx.db()).await?;
        }
    }
    insert_all::<network_account::Entity, _>(tx.db(), new).await?;
    insert_all::<account_snapshot::Entity, _>(tx.db(), fresh).await?;
    recount_in(tx, told).await
}

/// Profiles of known accounts that nobody has claimed: only those may be filled in by a list.
async fn profiles(tx: &Tx, accounts: &Accounts) -> Result<HashMap<CreatorId, creator::Model>> {
    let found = creator::Entity::find()
        .filter(creator::Column::Id.is_in(accounts.held.iter().map(|h| h.row.creator_id)))
        .filter(creator::Column::UserId.is_null())
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

fn profile(tx: &Tx, row: &Row) -> creator::Model {
    creator::Model::bare(tx.id(), &row.name, text::search_key(&row.name), CreatorSource::Imported, tx.now)
}

/// Fills in what is not there yet; true if anything was.
fn complete(profile: &mut creator::Model, row: &Row) -> bool {
    let before = (profile.main_category.is_empty(), profile.country.is_empty());
    if profile.main_category.is_empty() {
        profile.main_category = row.category.map(|c| c.as_str().to_owned()).unwrap_or_default();
    }
    if profile.country.is_empty() {
        profile.country.clone_from(&row.country);
    }
    before != (profile.main_category.is_empty(), profile.country.is_empty())
}

fn account(tx: &Tx, row: &Row, creator_id: CreatorId) -> network_account::Model {
    network_account::Model {
        handle: row.handle.text.clone(),
        handle_key: row.handle.key.clone(),
        external_id: row.external_id.clone(),
        display_name: row.name.clone(),
        url: row.handle.url.clone(),
        ..network_account::Model::bare(tx.id(), creator_id, row.network, tx.now)
    }
}

/// Shows the row's figures at the account if they are newer than those there; all together, so that source and date stay true of each.
/// What the network itself has said, or the creator, is not replaced by a list.
fn update(account: &mut network_account::Model, row: &Row) -> bool {
    let ours = matches!(account.figures_source, None | Some(MetricSource::Imported));
    let mut changed = false;
    if account.external_id.is_none() && row.external_id.is_some() {
        account.external_id.clone_from(&row.external_id);
        changed = true;
    }
    if ours && account.figures_as_of.is_none_or(|at| at < row.captured_at) {
        account.followers = row.followers;
        account.following = row.following;
        account.posts = row.posts;
        account.figures_source = Some(MetricSource::Imported);
        account.figures_as_of = Some(row.captured_at);
        account.display_name.clone_from(&row.name);
        changed = true;
    }
    changed
}

fn snapshot(tx: &Tx, account_id: AccountId, row: &Row) -> account_snapshot::ActiveModel {
    account_snapshot::ActiveModel {
        id: Set(tx.id()),
        account_id: Set(account_id),
        captured_at: Set(row.captured_at),
        source: Set(MetricSource::Imported),
        label: Set(row.label.clone()),
        followers: Set(row.followers),
        following: Set(row.following),
        posts: Set(row.posts),
        data: Set(row.data.clone()),
    }
}
