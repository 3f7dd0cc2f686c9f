//! Whose a declared account is, shown by a code (M9): the creator writes it where only the owner can write, and it is read there in public.
//! It proves that they could write there on that day, no more: the badge of a linked account is the network's own word, and profiles merge
//! by that alone.

use std::collections::HashSet;

use connectors::ErrorKind;
use entity::{
    enums::{LinkState, Network},
    ids::NetworkLinkId,
    network_link,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    queries,
    rules::{self, Reaction},
};
use crate::{
    app::App,
    auth::{actors::Creator, limits, tokens::Token},
    error::{Code, Problem, Result, Wrong},
    events::Event,
};

/// How many letters and digits a code has: too many to be met by chance.
const LENGTH: usize = 20;

/// A new code, such as nobody has written anywhere before.
pub(super) fn code() -> String {
    let letters: String = Token::new("").reveal().chars().filter(char::is_ascii_alphanumeric).take(LENGTH).collect();
    format!("hibiki-{letters}")
}

/// Whether a code can be read where this account is.
pub(crate) fn possible(app: &App, network: Network, link: &network_link::Model) -> bool {
    link.state == LinkState::Declared && app.networks.owners().is_some_and(|owners| owners.reads(rules::outside(network)))
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
    let words = match app.networks.owners() {
        Some(owners) => owners.words(&handle).await,
        None => Ok(None),
    };
    let words = match words {
        Ok(words) => words.unwrap_or_default(),
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
    let mut row = now.into_active_model();
    row.proven_at = Set(Some(tx.now));
    let after = row.update(tx.db()).await?;
    let event = Event::new("network.ownership_proven", after.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": account.network, "handle": account.handle }))).await?;
    tx.commit().await?;
    Ok(after)
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
