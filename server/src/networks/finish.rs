//! The creator comes back from the consent page with a code, or with a no.

use chrono::Duration;
use connectors::{CallbackQuery, RemoteAccounts, Secret, TokenSet};
use entity::{
    enums::Network,
    ids::OauthAttemptId,
    json::{OfferedAccount, OfferedAccounts, Words},
    network_link, oauth_attempt,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use super::{
    begin::redirect_uri,
    queries,
    rules::{self, Pick},
    write,
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Error, Problem, Result},
    events::Event,
};

/// What came of it.
#[derive(Clone, Debug)]
pub enum Finished {
    /// The account is linked.
    Linked {
        /// The link.
        link: network_link::Model,
        /// Where the creator goes on.
        next: String,
    },
    /// The grant reaches several accounts: [`super::choose_account`] says which.
    Choose(oauth_attempt::Model),
}

/// Ends the walk. The state is spent first, whatever comes of the rest; the calls to the network are outside transactions.
pub async fn finish_link(app: &App, by: &Creator, network: Network, query: CallbackQuery) -> Result<Finished> {
    let connector = queries::connector(app, network)?;
    let attempt = spend(app, by, network, query.state.as_deref().unwrap_or_default()).await?;
    let verifier = app.vault.open_sealed(&attempt.verifier_sealed, &attempt.key_id, &attempt.id.to_string())?;
    let verifier = (!verifier.is_empty()).then(|| Secret::new(verifier));
    let callback = query.answer(rules::outside(network), redirect_uri(app, network)?, verifier).map_err(refused)?;
    let tokens = connector.exchange(callback).await.map_err(refused)?;
    let found = connector.list_accounts(&tokens).await.map_err(refused)?;
    let expected = match attempt.relink_id {
        Some(id) => Some(queries::account(app.db(), by, id).await?),
        None => None,
    };
    let expected = expected.as_ref().and_then(|a| Some((a.external_id.as_deref()?, a.handle.as_str())));
    match rules::pick(&found, expected) {
        Pick::None(wrong) => Err(Problem::new("", wrong).into()),
        Pick::Choose => Ok(Finished::Choose(keep(app, attempt.id, &tokens, &found).await?)),
        Pick::One(id) => {
            let profile = connector.profile(&tokens, &id).await.map_err(refused)?;
            let link = write::linked(app, by, attempt.id, profile, &tokens).await?;
            Ok(Finished::Linked { link, next: attempt.next })
        }
    }
}

/// What the network said, in words for the creator; what an operator should see is logged.
pub(super) fn refused(error: connectors::Error) -> Error {
    if error.kind.is_alarm() {
        tracing::error!(%error, "a network refuses us or does not speak as it documents");
    } else {
        tracing::info!(%error, "a link did not come about");
    }
    Problem::new("", rules::explained(&error.kind)).into()
}

/// A state is good once, also when two requests bring it at the same time.
async fn spend(app: &App, by: &Creator, network: Network, state: &str) -> Result<oauth_attempt::Model> {
    let tx = app.begin().await?;
    let found = queries::attempt_by_state(&tx, by, network, state).await?;
    let mut row = found.into_active_model();
    row.used_at = Set(Some(tx.now));
    let spent = row.update(tx.db()).await?;
    tx.commit().await?;
    Ok(spent)
}

/// Keeps the tokens, sealed, while the creator chooses.
async fn keep(app: &App, id: OauthAttemptId, tokens: &TokenSet, found: &RemoteAccounts) -> Result<oauth_attempt::Model> {
    let sealed = app.vault.seal(tokens.to_sealable().expose(), &id.to_string())?;
    let offered = found
        .accounts
        .iter()
        .map(|account| OfferedAccount {
            external_id: account.external_id.clone(),
            handle: account.handle.clone().unwrap_or_default(),
            name: account.display_name.clone(),
            refused: account.refused.as_ref().map(|kind| rules::key(kind).to_owned()),
        })
        .collect();
    let tx = app.begin().await?;
    let row = oauth_attempt::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or_else(queries::lost)?;
    let (creator, expires_at) = (row.creator_id, tx.now + Duration::minutes(rules::ATTEMPT_MINUTES));
    let mut row = row.into_active_model();
    // The verifier has done its work; the tokens may be sealed by a newer key.
    row.verifier_sealed = Set(String::new());
    row.token_sealed = Set(Some(sealed.text));
    row.key_id = Set(sealed.key_id);
    row.scopes = Set(Words(tokens.scopes.clone()));
    row.token_expires_at = Set(tokens.expires_at);
    row.offered = Set(OfferedAccounts(offered));
    row.expires_at = Set(expires_at);
    let kept = row.update(tx.db()).await?;
    tx.record(Event::new("network.accounts_offered", id).creator(creator)).await?;
    tx.commit().await?;
    Ok(kept)
}
