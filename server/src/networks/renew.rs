//! Tokens live on: renewed under a lease, one at a time, and stored in one transaction before anybody uses them.

use chrono::{DateTime, Duration, Utc};
use connectors::{Capability, Connector, ErrorKind, Secret, TokenSet};
use entity::{
    enums::LinkState,
    ids::NetworkLinkId,
    network_account, network_link,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    mails, queries,
    rules::{self, Due, Move, Reaction},
    write,
};
use crate::{app::App, error::Result, events::Event, tx::Tx};

/// How long after a passing failure it is tried again.
const AGAIN: Duration = Duration::minutes(10);

/// The tokens of a link; none if it has none.
pub(super) fn opened(app: &App, link: &network_link::Model) -> Result<Option<TokenSet>> {
    let Some(sealed) = &link.token_sealed else { return Ok(None) };
    let text = app.vault.open_sealed(sealed, &link.key_id, &link.id.to_string())?;
    let tokens = TokenSet::from_sealable(&Secret::new(text)).ok_or_else(|| anyhow::anyhow!("the link {} holds no tokens", link.id))?;
    Ok(Some(tokens))
}

/// Whether the network gives new tokens for these.
fn renewable(connector: &dyn Connector, tokens: &TokenSet) -> bool {
    connector.capabilities().has(Capability::Refresh) && tokens.refresh.is_some()
}

/// Does what is due for a link. `now_already`: the network has just refused the access token, whatever the clock says.
pub(super) async fn renew(app: &App, id: NetworkLinkId, now_already: bool) -> Result<()> {
    let tx = app.begin().await?;
    let Some(mut link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    let account = queries::account_of(tx.db(), &link).await?;
    // Without settings nothing can be asked; the tokens wait for the operator.
    let Some(connector) = app.networks.get(rules::outside(account.network)) else { return Ok(()) };
    let Some(tokens) = opened(app, &link)? else { return Ok(()) };
    if now_already {
        link.renew_at = Some(tx.now);
    }
    match rules::due(&link, renewable(connector.as_ref(), &tokens), tx.now) {
        Due::Wait => Ok(()),
        Due::Warn if now_already => broken(tx, link, &account, &ErrorKind::TokenExpired).await,
        Due::Warn => warn(tx, link, &account).await,
        Due::End => broken(tx, link, &account, &ErrorKind::TokenExpired).await,
        Due::Renew => {
            let lease = tx.now + Duration::seconds(rules::LEASE_SECONDS);
            let mut row = link.into_active_model();
            row.refresh_lease_until = Set(Some(lease));
            row.update(tx.db()).await?;
            tx.commit().await?;
            let answer = connector.refresh(&tokens).await;
            store(app, id, lease, &account, answer).await
        }
    }
}

/// Writes the rotated pair, if the lease is still ours.
async fn store(
    app: &App,
    id: NetworkLinkId,
    lease: DateTime<Utc>,
    account: &network_account::Model,
    answer: connectors::Result<TokenSet>,
) -> Result<()> {
    let tx = app.begin().await?;
    let Some(link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    if link.refresh_lease_until != Some(lease) || link.state != LinkState::Verified {
        // It was unlinked or linked anew meanwhile; those tokens count.
        return Ok(());
    }
    match answer {
        Ok(tokens) => {
            let creator = link.creator_id;
            write::sealed(&tx, account.network, &link, &tokens)?.into_active_model().reset_all().update(tx.db()).await?;
            tx.record(Event::new("network.renewed", id).creator(creator)).await?;
            tx.commit().await
        }
        Err(error) if rules::reaction(&error.kind) == Reaction::Relink => broken(tx, link, account, &error.kind).await,
        Err(error) => {
            tracing::warn!(%error, link = %id, "tokens could not be renewed");
            // A timeout may have hidden a rotation: the old pair is tried once more before anything is given up.
            let mut row = link.into_active_model();
            row.refresh_lease_until = Set(None);
            row.renew_at = Set(Some(error.retry_at.map_or(tx.now + AGAIN, |at| at.max(tx.now + Duration::minutes(1)))));
            row.problem = Set(rules::key(&error.kind).to_owned());
            row.update(tx.db()).await?;
            tx.commit().await
        }
    }
}

/// Tells the creator in time that the network ends the grant.
async fn warn(tx: Tx, link: network_link::Model, account: &network_account::Model) -> Result<()> {
    let (id, creator, expires_at) = (link.id, link.creator_id, link.expires_at);
    let mut row = link.into_active_model();
    row.problem = Set(EXPIRES_SOON.to_owned());
    row.renew_at = Set(expires_at);
    row.update(tx.db()).await?;
    tx.record(Event::new("network.expires_soon", id).creator(creator)).await?;
    if let Some(letter) = mails::expires_soon(&tx, creator, account, expires_at).await? {
        tx.queue(letter).await?;
    }
    tx.commit().await
}

/// What a row remembers while the grant is about to end.
pub(super) const EXPIRES_SOON: &str = "networks.problem.expires_soon";

/// The grant is dead: work stops, history stays, and the creator is told once.
pub(super) async fn broken(tx: Tx, link: network_link::Model, account: &network_account::Model, kind: &ErrorKind) -> Result<()> {
    let (id, creator, before) = (link.id, link.creator_id, link.state);
    let next = rules::step(before, Move::Break)?;
    let mut row = link.into_active_model();
    row.state = Set(next);
    row.problem = Set(rules::key(kind).to_owned());
    row.renew_at = Set(None);
    row.refresh_lease_until = Set(None);
    // Dead tokens are no use to anybody; living ones are kept for taking the grant back.
    if matches!(kind, ErrorKind::Revoked | ErrorKind::TokenExpired) {
        row.token_sealed = Set(None);
    }
    row.update(tx.db()).await?;
    if before != next {
        tx.record(Event::new("network.broken", id).creator(creator).with(serde_json::json!({ "why": kind.code() }))).await?;
        if let Some(letter) = mails::broken(&tx, creator, account, kind).await? {
            tx.queue(letter).await?;
        }
    }
    tx.commit().await
}
