//! An account's profile as it was read again: figures, picture, and that nothing is wrong any more.

use connectors::{ErrorKind, Profile};
use entity::{network_account, network_link};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{pictures, renew, rules, write};
use crate::{creators, error::Result, events::Event, tx::Tx};

/// Writes what a profile says, and appends it to the history.
pub(super) async fn keep(
    tx: &Tx,
    link: &network_link::Model,
    account: &network_account::Model,
    profile: &Profile,
) -> Result<network_account::Model> {
    let (owner, picture) = (account.creator_id, account.picture_url.clone());
    let account = write::update(tx, account.clone(), owner, profile).await?;
    creators::recount_in(tx, [owner]).await?;
    if account.picture_url != picture {
        pictures::copy_soon(tx, owner).await?;
    }
    write::snapshot(tx, &account, profile).await?;
    if !link.problem.is_empty() && link.problem != renew::EXPIRES_SOON {
        let mut row = link.clone().into_active_model();
        row.problem = Set(String::new());
        row.update(tx.db()).await?;
    }
    tx.record(Event::new("network.figures_read", link.id).creator(owner)).await?;
    Ok(account)
}

/// The old figures stay, with their date, and the creator sees what is wrong. That the grant will end matters more.
pub(super) async fn note(tx: &Tx, link: network_link::Model, kind: &ErrorKind) -> Result<()> {
    // What passes by itself is nobody's business until it stays.
    if link.problem == renew::EXPIRES_SOON || kind.passes() {
        return Ok(());
    }
    let mut row = link.into_active_model();
    row.problem = Set(rules::key(kind).to_owned());
    row.update(tx.db()).await?;
    Ok(())
}
