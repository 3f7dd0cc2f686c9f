//! Reads of links and attempts, always through the creator whose they are.

use std::sync::Arc;

use connectors::Connector;
use entity::{
    enums::{LinkState, Network},
    ids::{AccountId, NetworkLinkId, OauthAttemptId},
    network_account, network_link, oauth_attempt,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::LockType};

use super::rules::{self, Access};
use crate::{
    app::App,
    auth::{actors::Creator, tokens},
    error::{Code, Error, Problem, Result, Wrong},
    tx::Tx,
};

/// An account of a creator's and what ties it to them; without a link it came with an imported profile.
pub type Tied = (network_account::Model, Option<network_link::Model>);

/// The creator's accounts in the order of pages, each with its link, unlinked ones too.
pub async fn accounts(db: &impl ConnectionTrait, by: &Creator) -> Result<Vec<Tied>> {
    let mut rows = network_account::Entity::find()
        .filter(network_account::Column::CreatorId.eq(by.id()))
        .order_by_asc(network_account::Column::Id)
        .all(db)
        .await?;
    rows.sort_by_key(|account| rules::networks().position(|network| network == account.network));
    let mut links: Vec<_> = network_link::Entity::find().filter(network_link::Column::CreatorId.eq(by.id())).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|account| {
            let link = links.iter().position(|link| link.account_id == account.id).map(|at| links.swap_remove(at));
            (account, link)
        })
        .collect())
}

/// A link of the creator's.
pub async fn link(db: &impl ConnectionTrait, by: &Creator, id: NetworkLinkId) -> Result<network_link::Model> {
    own_links(by).filter(network_link::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The creator's links.
pub(super) fn own_links(by: &Creator) -> Select<network_link::Entity> {
    network_link::Entity::find().filter(network_link::Column::CreatorId.eq(by.id()))
}

/// An account of the creator's.
pub async fn account(db: &impl ConnectionTrait, by: &Creator, id: AccountId) -> Result<network_account::Model> {
    network_account::Entity::find_by_id(id).filter(network_account::Column::CreatorId.eq(by.id())).one(db).await?.ok_or(Error::NotFound)
}

/// The account of a link.
pub async fn account_of(db: &impl ConnectionTrait, link: &network_link::Model) -> Result<network_account::Model> {
    let missing = || anyhow::anyhow!("the link {} has no account", link.id);
    Ok(network_account::Entity::find_by_id(link.account_id).one(db).await?.ok_or_else(missing)?)
}

/// The link of an account, unlinked or not.
pub async fn link_of(db: &impl ConnectionTrait, account: &network_account::Model) -> Result<Option<network_link::Model>> {
    Ok(network_link::Entity::find().filter(network_link::Column::AccountId.eq(account.id)).one(db).await?)
}

pub(super) async fn link_for_update(tx: &Tx, by: &Creator, id: NetworkLinkId) -> Result<network_link::Model> {
    network_link::Entity::find_by_id(id)
        .filter(network_link::Column::CreatorId.eq(by.id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)
}

/// For work in the background, which acts for nobody.
pub(super) async fn any_link_for_update(tx: &Tx, id: NetworkLinkId) -> Result<Option<network_link::Model>> {
    Ok(network_link::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?)
}

/// Whether further accounts rest on the same grant, whoever's they are: a talent office may have linked several with one login. Where
/// the network does not say whose grant it is, the creator's own other accounts there count.
pub(super) async fn others_alive(tx: &Tx, link: &network_link::Model, network: Network) -> Result<bool> {
    let same = if link.subject.is_empty() {
        network_link::Column::CreatorId.eq(link.creator_id)
    } else {
        network_link::Column::Subject.eq(&*link.subject)
    };
    let rows = network_link::Entity::find()
        .filter(same)
        .filter(network_link::Column::Id.ne(link.id))
        .filter(network_link::Column::State.is_in([LinkState::Verified, LinkState::NeedsReauth]))
        .all(tx.db())
        .await?;
    let ids: Vec<AccountId> = rows.into_iter().map(|row| row.account_id).collect();
    let found = network_account::Entity::find()
        .filter(network_account::Column::Id.is_in(ids))
        .filter(network_account::Column::Network.eq(network))
        .one(tx.db())
        .await?;
    Ok(found.is_some())
}

/// The connector of a network that can be linked here.
pub(super) fn connector(app: &App, network: Network) -> Result<Arc<dyn Connector>> {
    let refused = || Problem::new("network", Wrong::new(Code::Refused, "networks.problem.not_offered")).into();
    app.networks.get(rules::outside(network)).ok_or_else(refused)
}

/// Whoever reads an account that is tied so: with its grant, or what everybody may read; none if it is not read.
pub(crate) fn reader(app: &App, account: &network_account::Model, link: &network_link::Model) -> Option<Arc<dyn Connector>> {
    let network = rules::outside(account.network);
    match rules::access(account, link)? {
        Access::Grant => app.networks.get(network),
        Access::Public => app.networks.owners()?.reader(network),
    }
}

/// Whoever reads what is public on a network.
pub(super) fn public(app: &App, network: Network) -> Result<Arc<dyn Connector>> {
    let refused = || Problem::new("network", Wrong::new(Code::Refused, "networks.problem.no_lookup")).into();
    app.networks.public(rules::outside(network)).ok_or_else(refused)
}

/// Why a walk cannot go on: the same words whether it never was, is another's, or is of another browser.
pub(super) fn lost() -> Error {
    Problem::whole(Code::Expired, "networks.problem.state").into()
}

/// The attempt of a state that this caller began, held until the operation ends.
pub(super) async fn attempt_by_state(tx: &Tx, by: &Creator, network: Network, state: &str) -> Result<oauth_attempt::Model> {
    let found = oauth_attempt::Entity::find()
        .filter(oauth_attempt::Column::StateHash.eq(tokens::hash(state)))
        .filter(oauth_attempt::Column::CreatorId.eq(by.id()))
        .filter(oauth_attempt::Column::Network.eq(network))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .filter(|attempt| rules::bound(attempt, by.person().via()))
        .ok_or_else(lost)?;
    if found.used_at.is_some() {
        return Err(Problem::whole(Code::AlreadyDone, "networks.problem.used").into());
    }
    if found.expires_at <= tx.now {
        return Err(lost());
    }
    Ok(found)
}

/// Where the creator wanted to go on, whatever became of the attempt.
pub async fn way_back(db: &impl ConnectionTrait, by: &Creator, state: &str) -> Result<Option<String>> {
    let found = oauth_attempt::Entity::find()
        .filter(oauth_attempt::Column::StateHash.eq(tokens::hash(state)))
        .filter(oauth_attempt::Column::CreatorId.eq(by.id()))
        .one(db)
        .await?;
    Ok(found.map(|attempt| attempt.next))
}

/// An attempt that waits for the creator's choice.
pub async fn choice(app: &App, by: &Creator, id: OauthAttemptId) -> Result<oauth_attempt::Model> {
    let found = oauth_attempt::Entity::find_by_id(id).filter(oauth_attempt::Column::CreatorId.eq(by.id())).one(app.db()).await?;
    waiting(found.ok_or(Error::NotFound)?, by, app.clock.now())
}

pub(super) async fn choice_for_update(tx: &Tx, by: &Creator, id: OauthAttemptId) -> Result<oauth_attempt::Model> {
    let found = oauth_attempt::Entity::find_by_id(id)
        .filter(oauth_attempt::Column::CreatorId.eq(by.id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?;
    waiting(found.ok_or(Error::NotFound)?, by, tx.now)
}

fn waiting(attempt: oauth_attempt::Model, by: &Creator, now: chrono::DateTime<chrono::Utc>) -> Result<oauth_attempt::Model> {
    if !rules::bound(&attempt, by.person().via()) {
        return Err(Error::NotFound);
    }
    if attempt.finished_at.is_some() {
        return Err(Problem::whole(Code::AlreadyDone, "networks.problem.used").into());
    }
    if attempt.expires_at <= now || attempt.token_sealed.is_none() {
        return Err(lost());
    }
    Ok(attempt)
}
