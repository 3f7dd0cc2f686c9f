//! A creator takes an account back: nobody uses its tokens from now on, and the network hears of it.

use chrono::{DateTime, Utc};
use connectors::Capability;
use entity::{
    enums::{LinkMethod, LinkState},
    ids::NetworkLinkId,
    network_account, network_link,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde::{Deserialize, Serialize};

use super::{
    pictures, queries, renew,
    rules::{self, Move, Reaction},
    sync,
};
use crate::{app::App, auth::actors::Creator, error::Result, events::Event, jobs::queue::Job};

/// What the job that tells the network needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Revoke {
    link: NetworkLinkId,
    /// A later link of the same account is not revoked.
    revoked_at: DateTime<Utc>,
}

/// Ends a link. The tokens are erased at once, or as soon as the network has taken the grant back, at the latest after a day. A handle
/// that was only typed in goes from the profile.
pub async fn unlink(app: &App, by: &Creator, id: NetworkLinkId) -> Result<network_link::Model> {
    let tx = app.begin().await?;
    let link = queries::link_for_update(&tx, by, id).await?;
    let next = rules::step(link.state, Move::Unlink)?;
    let account = queries::account_of(tx.db(), &link).await?;
    let connector = app.networks.get(rules::outside(account.network));
    // One grant may carry several accounts: taking it back would end them all.
    let revocable = link.token_sealed.is_some()
        && connector.is_some_and(|c| c.capabilities().has(Capability::Revoke))
        && !queries::others_alive(&tx, &link, account.network).await?;
    let was_declared = link.method == LinkMethod::Declared;
    let mut row = link.clone().into_active_model();
    row.state = Set(next);
    row.revoked_at = Set(Some(tx.now));
    row.renew_at = Set(None);
    row.refresh_lease_until = Set(None);
    row.problem = Set(String::new());
    row.subject = Set(String::new());
    row.proven_at = Set(None);
    if !revocable {
        row.token_sealed = Set(None);
    }
    let after = row.update(tx.db()).await?;
    sync::plan_in(&tx, &account, &after, sync::Why::Changed).await?;
    if was_declared && account.external_id.is_none() && account.figures_as_of.is_none() {
        network_link::Entity::delete_by_id(after.id).exec(tx.db()).await?;
        network_account::Entity::delete_by_id(account.id).exec(tx.db()).await?;
    }
    pictures::copy_soon(&tx, by.id()).await?;
    if revocable {
        tx.job(Job::new("networks.revoke", Revoke { link: after.id, revoked_at: tx.now }).unique(format!("revoke:{}", after.id))).await?;
    }
    let event = Event::new("network.unlinked", after.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": account.network, "account": account.id.to_string() }))).await?;
    tx.commit().await?;
    Ok(after)
}

/// Tells the network, and then erases the tokens.
pub(super) async fn revoke(app: &App, job: Revoke) -> Result<()> {
    let Some(link) = network_link::Entity::find_by_id(job.link).one(app.db()).await? else { return Ok(()) };
    if link.state != LinkState::Revoked || link.revoked_at != Some(job.revoked_at) {
        return Ok(());
    }
    let account = queries::account_of(app.db(), &link).await?;
    if let Some(tokens) = renew::opened(app, &link)?
        && let Some(connector) = app.networks.get(rules::outside(account.network))
        && let Err(error) = connector.revoke(&tokens).await
    {
        tracing::warn!(%error, link = %link.id, "a grant could not be taken back at the network");
        if rules::reaction(&error.kind) == Reaction::Again {
            return Err(error.into());
        }
    }
    let tx = app.begin().await?;
    let Some(link) = queries::any_link_for_update(&tx, job.link).await? else { return Ok(()) };
    if link.state == LinkState::Revoked && link.revoked_at == Some(job.revoked_at) {
        let (id, creator) = (link.id, link.creator_id);
        let mut row = link.into_active_model();
        row.token_sealed = Set(None);
        row.update(tx.db()).await?;
        tx.record(Event::new("network.revoked", id).creator(creator)).await?;
    }
    tx.commit().await
}
