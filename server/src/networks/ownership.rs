//! Whose a declared account is, shown by a code (M9): the creator writes it where only the owner can write, and it is read there in public.
//! It proves that they could write there on that day: the badge of a linked account is the network's own word. Where a network answers
//! everybody, the account is read from then on, and what an unclaimed profile has of it comes along.

use std::collections::HashSet;

use connectors::{ErrorKind, Profile};
use entity::{
    enums::{ConsentPurpose, LinkState, Network},
    ids::NetworkLinkId,
    network_account, network_link,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::{
    claim, queries,
    rules::{self, Reaction},
    sync::{self, Why},
    write,
};
use crate::{
    app::App,
    auth::{actors::Creator, limits, tokens::Token},
    consents::{self, Evidence},
    error::{Code, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// How many letters and digits a code has: too many to be met by chance.
const LENGTH: usize = 20;

/// A new code, such as nobody has written anywhere before.
pub(super) fn code() -> String {
    let letters: String = Token::new("").reveal().chars().filter(char::is_ascii_alphanumeric).take(LENGTH).collect();
    format!("hibiki-{letters}")
}

/// Whether codes can be read on a network.
pub(super) fn reads(app: &App, network: Network) -> bool {
    app.networks.owners().is_some_and(|owners| owners.reads(rules::outside(network)))
}

/// Whether a code can be read where this account is.
pub(crate) fn possible(app: &App, network: Network, link: &network_link::Model) -> bool {
    link.state == LinkState::Declared && reads(app, network)
}

/// Whether the words at a place hold a code, as a word of its own.
fn holds(words: &[String], code: &str) -> bool {
    let split = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    words.iter().flat_map(|text| text.split(split)).collect::<HashSet<_>>().contains(code)
}

/// Looks for the code. Without one, as in rows of before, it is made, and the creator has to write it first.
pub async fn prove(app: &App, by: &Creator, id: NetworkLinkId) -> Result<network_link::Model> {
    let link = queries::link(app.db(), by, id).await?;
    let account = queries::account_of(app.db(), &link).await?;
    let refused = |code, key: &'static str| Problem::whole(code, key);
    if !possible(app, account.network, &link) {
        return Err(refused(Code::WrongState, "networks.problem.ownership_not_here").into());
    }
    if link.proof_code.is_empty() {
        let tx = app.begin().await?;
        let mut row = queries::link_for_update(&tx, by, id).await?.into_active_model();
        row.proof_code = Set(code());
        row.update(tx.db()).await?;
        tx.commit().await?;
        return Err(refused(Code::WrongState, "networks.problem.ownership_new_code").into());
    }
    limits::take(app, limits::OWNERSHIP, &by.id().to_string()).await?;
    let handle = rules::handle(account.network, &account.handle).map_err(|wrong| Problem::new("", wrong))?;
    let told = match app.networks.owners() {
        Some(owners) => owners.told(&handle).await,
        None => Ok(None),
    };
    let (words, profile) = match told {
        Ok(told) => told.map(|told| (told.words, told.profile)).unwrap_or_default(),
        Err(error) => {
            tracing::info!(%error, link = %link.id, "the place of a declared account could not be read");
            let passing = rules::reaction(&error.kind) == Reaction::Again && !matches!(error.kind, ErrorKind::NotFound);
            let key = if passing { "networks.problem.ownership_later" } else { "networks.problem.ownership_unread" };
            return Err(Problem::new("", Wrong::new(Code::Refused, key).with("address", &account.url)).into());
        }
    };
    if !holds(&words, &link.proof_code) {
        let wrong = Wrong::new(Code::Refused, "networks.problem.ownership_missing").with("address", &account.url);
        return Err(Problem::new("", wrong).into());
    }
    let tx = app.begin().await?;
    let now = queries::link_for_update(&tx, by, id).await?;
    if now.state != LinkState::Declared || now.proof_code != link.proof_code || now.account_id != link.account_id {
        return Err(refused(Code::WrongState, "networks.problem.at_once").into());
    }
    let known = match &profile {
        Some(profile) => write::matching(&tx, account.network, profile).await?.filter(|known| known.id != account.id),
        None => None,
    };
    if let Some(known) = &known {
        if claim::contested(&tx, known, by).await? {
            tx.commit().await?;
            return Err(Problem::new("", Wrong::new(Code::Taken, "networks.problem.contested").with("handle", handle)).into());
        }
        if queries::link_of(tx.db(), known).await?.is_some_and(|link| rules::proven(&link)) {
            return Err(Problem::new("", Wrong::new(Code::Taken, "networks.problem.handle_known")).into());
        }
    }
    let mut row = now.into_active_model();
    row.proven_at = Set(Some(tx.now));
    row.problem = Set(String::new());
    let mut after = row.update(tx.db()).await?;
    if let Some(profile) = &profile {
        after = read_from_now_on(&tx, by, after, account, known, profile).await?;
    }
    let event = Event::new("network.ownership_proven", after.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": handle.network().id(), "handle": handle.text() }))).await?;
    tx.commit().await?;
    Ok(after)
}

/// What the network tells everybody of the account is the creator's now, and what was `known` of it before; its readings begin.
async fn read_from_now_on(
    tx: &Tx,
    by: &Creator,
    mut link: network_link::Model,
    typed: network_account::Model,
    known: Option<network_account::Model>,
    profile: &Profile,
) -> Result<network_link::Model> {
    let network = typed.network;
    if let Some(known) = &known {
        // The known account stays, tied to its creator; what was typed in has done its work.
        network_link::Entity::delete_many().filter(network_link::Column::AccountId.eq(known.id)).exec(tx.db()).await?;
        let mut row = link.into_active_model();
        row.account_id = Set(known.id);
        link = row.update(tx.db()).await?;
        network_account::Entity::delete_by_id(typed.id).exec(tx.db()).await?;
    }
    let found = known.unwrap_or(typed);
    let account = write::own(tx, by, network, Some(found), profile).await?;
    consents::grant_in(tx, by, ConsentPurpose::ReadFigures, None, Evidence::of(by.person())).await?;
    sync::plan_in(tx, &account, &link, Why::Tied).await?;
    Ok(link)
}

/// An account that was read as everybody reads it is not found any more: reading ends, history stays, and its creator may show it anew.
pub(super) async fn lost(tx: Tx, link: network_link::Model, account: &network_account::Model, kind: &ErrorKind) -> Result<()> {
    let (id, creator) = (link.id, link.creator_id);
    let mut row = link.into_active_model();
    row.proven_at = Set(None);
    row.problem = Set(rules::key(kind).to_owned());
    let after = row.update(tx.db()).await?;
    sync::plan_in(&tx, account, &after, Why::Changed).await?;
    let event = Event::new("network.ownership_lost", id).creator(creator);
    tx.record(event.with(serde_json::json!({ "network": account.network, "handle": account.handle, "why": kind.code() }))).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_word_of_its_own() {
        let code = code();
        assert_eq!(code.len(), "hibiki-".len() + LENGTH);
        assert_ne!(code, self::code());
        let says = |text: String| holds(&[text], &code);
        assert!(says(code.clone()) && says(format!("お茶。{code}\nhttps://x")) && says(format!("Tea ({code}).")));
        assert!(!says(format!("{code}a")) && !says(format!("x{code}")) && !says(code[..code.len() - 1].to_owned()) && !says(String::new()));
    }
}
