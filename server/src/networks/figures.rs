//! The figures of linked accounts are read again each day.

use connectors::{ErrorKind, Profile};
use entity::{enums::LinkState, ids::NetworkLinkId, network_link};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{
    pictures, queries, renew,
    rules::{self, Reaction},
    write,
};
use crate::{app::App, creators, error::Result, events::Event};

/// Reads one account's profile and appends what it says. An access token that has run out is renewed once.
pub(super) async fn read(app: &App, id: NetworkLinkId) -> Result<()> {
    let first = match ask(app, id).await? {
        Some(Err(error)) if error.kind == ErrorKind::TokenExpired => {
            renew::renew(app, id, true).await?;
            ask(app, id).await?
        }
        other => other,
    };
    match first {
        None => Ok(()),
        Some(Ok(profile)) => keep(app, id, profile).await,
        Some(Err(error)) => failed(app, id, error).await,
    }
}

/// None: the link is not one to be read, now or any more.
async fn ask(app: &App, id: NetworkLinkId) -> Result<Option<connectors::Result<Profile>>> {
    let Some(link) = network_link::Entity::find_by_id(id).one(app.db()).await? else { return Ok(None) };
    if link.state != LinkState::Verified {
        return Ok(None);
    }
    let account = queries::account_of(app.db(), &link).await?;
    let (Some(tokens), Some(external_id)) = (renew::opened(app, &link)?, &account.external_id) else { return Ok(None) };
    let Some(connector) = app.networks.get(rules::outside(account.network)) else { return Ok(None) };
    Ok(Some(connector.profile(&tokens, external_id).await))
}

async fn keep(app: &App, id: NetworkLinkId, profile: Profile) -> Result<()> {
    let tx = app.begin().await?;
    let Some(link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    if link.state != LinkState::Verified {
        // Unlinked while we asked: what was read is not kept.
        return Ok(());
    }
    let account = queries::account_of(tx.db(), &link).await?;
    let (owner, picture) = (account.creator_id, account.picture_url.clone());
    let account = write::update(&tx, account, owner, &profile).await?;
    creators::recount_in(&tx, [owner]).await?;
    if account.picture_url != picture {
        pictures::copy_soon(&tx, owner).await?;
    }
    write::snapshot(&tx, &account, &profile).await?;
    if !link.problem.is_empty() && link.problem != renew::EXPIRES_SOON {
        let mut row = link.into_active_model();
        row.problem = Set(String::new());
        row.update(tx.db()).await?;
    }
    tx.record(Event::new("network.figures_read", id).creator(owner)).await?;
    tx.commit().await
}

async fn failed(app: &App, id: NetworkLinkId, error: connectors::Error) -> Result<()> {
    match rules::reaction(&error.kind) {
        // The queue backs off.
        Reaction::Again => return Err(error.into()),
        Reaction::Relink => tracing::info!(%error, link = %id, "a link is broken"),
        Reaction::Keep => tracing::error!(%error, link = %id, "a network refuses us or does not speak as it documents"),
    }
    let tx = app.begin().await?;
    let Some(link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    if link.state != LinkState::Verified {
        return Ok(());
    }
    if rules::reaction(&error.kind) == Reaction::Relink {
        let account = queries::account_of(tx.db(), &link).await?;
        return renew::broken(tx, link, &account, &error.kind).await;
    }
    // The old figures stay, with their date. That the grant will end matters more.
    if link.problem == renew::EXPIRES_SOON {
        return Ok(());
    }
    let mut row = link.into_active_model();
    row.problem = Set(rules::key(&error.kind).to_owned());
    row.update(tx.db()).await?;
    tx.commit().await
}
