//! What the network brought becomes rows, in one transaction: account, figures, link, sealed tokens; and whose the account was before.

use connectors::{Capability, Profile, TokenSet};
use entity::{
    account_snapshot, creator,
    enums::{ConsentPurpose, LinkMethod, LinkState, MetricSource, Network},
    ids::{CreatorId, OauthAttemptId},
    json::Words,
    mention, network_account, network_link, oauth_attempt, post, story_archive,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{LockType, OnConflict},
};

use super::{
    claim, hooks, pictures, queries,
    rules::{self, Move},
    sync,
};
use crate::{
    app::App,
    auth::actors::Creator,
    consents::{self, Evidence},
    creators,
    error::{Code, Problem, Result, Wrong},
    events::Event,
    tx::{Tx, taken},
};

/// After a walk that led to one account.
pub(super) async fn linked(
    app: &App,
    by: &Creator,
    attempt: OauthAttemptId,
    profile: Profile,
    tokens: &TokenSet,
) -> Result<network_link::Model> {
    let tx = app.begin().await?;
    let attempt = oauth_attempt::Entity::find_by_id(attempt).lock(LockType::Update).one(tx.db()).await?.ok_or_else(queries::lost)?;
    settle(tx, by, attempt, profile, tokens).await
}

/// After a choice among several: it may have been made twice.
pub(super) async fn chosen(
    app: &App,
    by: &Creator,
    attempt: OauthAttemptId,
    profile: Profile,
    tokens: &TokenSet,
) -> Result<network_link::Model> {
    let tx = app.begin().await?;
    let attempt = queries::choice_for_update(&tx, by, attempt).await?;
    settle(tx, by, attempt, profile, tokens).await
}

async fn settle(tx: Tx, by: &Creator, attempt: oauth_attempt::Model, profile: Profile, tokens: &TokenSet) -> Result<network_link::Model> {
    let network = attempt.network;
    let relink = attempt.relink_id.is_some();
    let mut row = attempt.into_active_model();
    row.finished_at = Set(Some(tx.now));
    // The tokens go to the link, or nowhere.
    row.token_sealed = Set(None);
    row.update(tx.db()).await?;

    let found = matching(&tx, network, &profile).await?;
    if let Some(account) = &found
        && claim::contested(&tx, account, by).await?
    {
        tx.commit().await?;
        return Err(Problem::new("", Wrong::new(Code::Taken, "networks.problem.contested").with("handle", profile.handle)).into());
    }
    let account = own(&tx, by, network, found, &profile).await?;
    let link = tie(&tx, &account, tokens).await?;
    // What is read with a grant was agreed to at the network's own page; the creator may take it back here. Whoever only mends a link has
    // agreed to nothing new.
    if !relink {
        consents::grant_in(&tx, by, ConsentPurpose::ReadFigures, None, Evidence::link(by.person(), link.id, &link.scopes.0)).await?;
    }
    sync::plan_in(&tx, &account, &link, sync::Why::Tied).await?;
    hooks::subscribe_in(&tx, &link).await?;
    pictures::copy_soon(&tx, by.id()).await?;
    let event = Event::new("network.linked", link.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": network, "account": account.id.to_string(), "again": relink }))).await?;
    tx.commit().await?;
    Ok(link)
}

/// The account is the creator's now, as the network tells it, with what was known of it before.
pub(super) async fn own(
    tx: &Tx,
    by: &Creator,
    network: Network,
    found: Option<network_account::Model>,
    profile: &Profile,
) -> Result<network_account::Model> {
    let before = found.as_ref().map_or(by.id(), |account| account.creator_id);
    let account = match found {
        Some(account) => {
            claim::take_over(tx, &account, by).await?;
            update(tx, account, by.id(), profile).await?
        }
        None => insert(tx, network, by.id(), profile).await?,
    };
    creators::recount_in(tx, [before, by.id()]).await?;
    snapshot(tx, &account, profile).await?;
    if before != by.id() {
        follow(tx, &account).await?;
    }
    Ok(account)
}

/// What was read of an account goes with it to whoever has proven it.
async fn follow(tx: &Tx, account: &network_account::Model) -> Result<()> {
    macro_rules! follow {
        ($($table:ident)*) => {$(
            $table::Entity::update_many()
                .set($table::ActiveModel { creator_id: Set(account.creator_id), ..Default::default() })
                .filter($table::Column::AccountId.eq(account.id))
                .exec(tx.db())
                .await?;
        )*};
    }
    follow!(post mention story_archive);
    Ok(())
}

/// The row of the account: by the network's own id, else by the handle, which a list or a creator gave without the id.
pub(super) async fn matching(tx: &Tx, network: Network, profile: &Profile) -> Result<Option<network_account::Model>> {
    let of_network = || network_account::Entity::find().filter(network_account::Column::Network.eq(network)).lock(LockType::Update);
    let known = of_network().filter(network_account::Column::ExternalId.eq(&*profile.external_id)).one(tx.db()).await?;
    let (_, key) = names(profile);
    let named = of_network().filter(network_account::Column::HandleKey.eq(&*key)).one(tx.db()).await?;
    match (known, named) {
        (Some(known), Some(named)) if known.id != named.id => {
            release(tx, named).await?;
            Ok(Some(known))
        }
        (Some(known), _) => Ok(Some(known)),
        // The handle was another account's before, and has moved on.
        (None, Some(named)) if named.external_id.is_some() => {
            release(tx, named).await?;
            Ok(None)
        }
        (None, named) => Ok(named),
    }
}

/// Takes an outdated handle from an account, which keeps all else. The new key is no handle's.
async fn release(tx: &Tx, account: network_account::Model) -> Result<()> {
    let key = format!("{} {}", account.handle_key, account.id);
    let mut row = account.into_active_model();
    row.handle_key = Set(key);
    row.update(tx.db()).await?;
    Ok(())
}

/// As it is shown, and folded.
fn names(profile: &Profile) -> (String, String) {
    match profile.normalised() {
        Some(handle) => (handle.text().to_owned(), handle.key().to_owned()),
        None => (profile.handle.clone(), profile.handle.to_lowercase()),
    }
}

/// The row as the network tells it now.
fn told(account: network_account::Model, owner: CreatorId, profile: &Profile) -> network_account::Model {
    let (handle, handle_key) = names(profile);
    network_account::Model {
        creator_id: owner,
        handle,
        handle_key,
        external_id: Some(profile.external_id.clone()),
        account_type: rules::account_type(account.network, profile.account_type),
        display_name: profile.display_name.clone(),
        biography: profile.biography.clone(),
        url: profile.normalised().map_or(account.url, |handle| handle.url().to_string()),
        picture_url: profile.picture_url.as_ref().map_or_else(String::new, url::Url::to_string),
        // One source and one date for all: an older figure beside a newer date would be a lie. History keeps the older ones.
        followers: rules::figure(profile.followers),
        following: rules::figure(profile.following),
        posts: rules::figure(profile.posts),
        figures_source: Some(MetricSource::Network),
        figures_as_of: Some(micros(profile.fetched_at)),
        ..account
    }
}

pub(super) async fn insert(tx: &Tx, network: Network, owner: CreatorId, profile: &Profile) -> Result<network_account::Model> {
    let row = told(network_account::Model::bare(tx.id(), owner, network, tx.now), owner, profile).into_active_model().reset_all();
    // Two creators who prove one account in the same instant: the first has it.
    taken(row.insert(tx.db()).await, || Problem::whole(Code::Taken, "networks.problem.at_once").into())
}

/// A handle that was typed in, without any proof or figures. Where nobody has proven an account of that name and its creator can by a code,
/// it stands beside the known one until they do.
pub(super) async fn declared(tx: &Tx, owner: CreatorId, handle: &connectors::Handle, by_code: bool) -> Result<network_account::Model> {
    let network = rules::inside(handle.network());
    let known = || Problem::new("handle", Wrong::new(Code::Taken, "networks.problem.handle_known")).into();
    let mut row = network_account::Model {
        handle: handle.text().to_owned(),
        handle_key: handle.key().to_owned(),
        url: handle.url().to_string(),
        ..network_account::Model::bare(tx.id(), owner, network, tx.now)
    };
    let same = network_account::Entity::find()
        .filter(network_account::Column::Network.eq(network))
        .filter(network_account::Column::HandleKey.is_in([handle.key(), &beside(handle.key(), owner)]))
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    for other in same {
        let is_own = other.creator_id == owner;
        let tied = queries::link_of(tx.db(), &other).await?.is_some_and(|link| link.state != LinkState::Revoked);
        if !by_code || (is_own && tied) || claim::holder(tx, &other).await?.is_some() {
            return Err(known());
        }
        row.handle_key = beside(handle.key(), owner);
    }
    taken(row.into_active_model().reset_all().insert(tx.db()).await, known)
}

/// The key of a name that somebody has typed in which another account has. It is no handle's.
fn beside(key: &str, owner: CreatorId) -> String {
    format!("{key} {owner}")
}

/// The account as it is told now.
pub(super) async fn update(
    tx: &Tx,
    account: network_account::Model,
    owner: CreatorId,
    profile: &Profile,
) -> Result<network_account::Model> {
    let row = told(account, owner, profile);
    // Names move from one account to another: it belongs to the one that the network tells it of now.
    let before = network_account::Entity::find()
        .filter(network_account::Column::Network.eq(row.network))
        .filter(network_account::Column::HandleKey.eq(&*row.handle_key))
        .filter(network_account::Column::Id.ne(row.id))
        .lock(LockType::Update);
    if let Some(before) = before.one(tx.db()).await? {
        release(tx, before).await?;
    }
    let row = row.into_active_model().reset_all();
    taken(row.update(tx.db()).await, || Problem::whole(Code::Taken, "networks.problem.at_once").into())
}

/// Appends what was told to the history.
pub(super) async fn snapshot(tx: &Tx, account: &network_account::Model, profile: &Profile) -> Result<()> {
    let row = account_snapshot::Model {
        id: tx.id(),
        account_id: account.id,
        captured_at: micros(profile.fetched_at),
        source: MetricSource::Network,
        label: profile.endpoint.clone(),
        followers: rules::figure(profile.followers),
        following: rules::figure(profile.following),
        posts: rules::figure(profile.posts),
        // Why a figure is missing.
        data: serde_json::json!({ "followers": profile.followers, "following": profile.following, "posts": profile.posts }),
    };
    account_snapshot::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([
                account_snapshot::Column::AccountId,
                account_snapshot::Column::CapturedAt,
                account_snapshot::Column::Label,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// The link with its sealed tokens: the account's only one, also when it was unlinked or declared before.
async fn tie(tx: &Tx, account: &network_account::Model, tokens: &TokenSet) -> Result<network_link::Model> {
    let found =
        network_link::Entity::find().filter(network_link::Column::AccountId.eq(account.id)).lock(LockType::Update).one(tx.db()).await?;
    let is_new = found.is_none();
    let before = found.unwrap_or_else(|| bare(tx, account, LinkMethod::Oauth, LinkState::Declared));
    let link = sealed(tx, account.network, &before, tokens)?;
    let link = network_link::Model {
        creator_id: account.creator_id,
        method: LinkMethod::Oauth,
        state: rules::step(before.state, Move::Prove)?,
        // The network's word is worth more, and what was shown before may have been another creator's.
        proof_code: String::new(),
        proven_at: None,
        linked_at: Some(tx.now),
        revoked_at: None,
        ..link
    };
    let row = link.into_active_model().reset_all();
    Ok(if is_new { row.insert(tx.db()).await? } else { row.update(tx.db()).await? })
}

/// A link without tokens.
pub(super) fn bare(tx: &Tx, account: &network_account::Model, method: LinkMethod, state: LinkState) -> network_link::Model {
    network_link::Model::bare(tx.id(), (account.id, account.creator_id), method, state, tx.now)
}

/// The link with new tokens, sealed for its row alone; nothing is wrong with it and nobody is renewing it.
pub(super) fn sealed(tx: &Tx, network: Network, link: &network_link::Model, tokens: &TokenSet) -> Result<network_link::Model> {
    let text = tx.app().vault.seal(tokens.to_sealable().expose(), &link.id.to_string())?;
    let renews = tx.app().networks.get(rules::outside(network)).is_some_and(|c| c.capabilities().has(Capability::Refresh))
        && tokens.refresh.is_some();
    let expires_at = tokens.expires_at.map(micros);
    Ok(network_link::Model {
        scopes: Words(tokens.scopes.clone()),
        missing_scopes: Words(tokens.missing_scopes.clone()),
        token_sealed: Some(text.text),
        key_id: text.key_id,
        subject: tokens.subject.clone().unwrap_or_default(),
        renew_at: rules::renew_at(tx.now, expires_at, renews).map(micros),
        expires_at,
        refresh_lease_until: None,
        problem: String::new(),
        ..link.clone()
    })
}

/// PostgreSQL keeps no more; what was written must equal what is read.
pub(super) fn micros(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// The creator of an account, locked.
pub(super) async fn owner_for_update(tx: &Tx, id: CreatorId) -> Result<creator::Model> {
    let missing = || anyhow::anyhow!("there is no creator {id}");
    Ok(creator::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or_else(missing)?)
}
