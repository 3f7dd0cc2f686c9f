//! A factor goes, or the recovery codes are made anew.

use entity::{enums::FactorKind, ids::SecondFactorId, second_factor};
use sea_orm::EntityTrait;

use super::{
    super::{mails, prove},
    clear_in, fresh_codes, own, queries,
};
use crate::{
    app::App,
    auth::actors::Person,
    error::{Code, Problem, Result},
    events::Event,
};

/// Needs the password if it was not given lately (B26). With the last factor the recovery codes go too. Gives the kind that went.
pub async fn remove_second_factor(app: &App, by: &Person, id: SecondFactorId, password: &str) -> Result<FactorKind> {
    prove::needed(app, by, password).await?;
    let tx = app.begin().await?;
    let found = own(&tx, by, id).await?;
    second_factor::Entity::delete_by_id(id).exec(tx.db()).await?;
    if queries::confirmed(tx.db(), by.id(), None).await?.is_empty() {
        clear_in(&tx, by.user()).await?;
    }
    tx.record(Event::new("account.second_factor_removed", by.id()).by(by.id()).with(serde_json::json!({ "kind": found.kind }))).await?;
    tx.queue(mails::second_factor_removed(app, by.user())?).await?;
    tx.commit().await?;
    Ok(found.kind)
}

/// New recovery codes, shown once; the former no longer serve. Needs the password if it was not given lately.
pub async fn renew_recovery_codes(app: &App, by: &Person, password: &str) -> Result<Vec<String>> {
    prove::needed(app, by, password).await?;
    if !by.user().second_factor {
        return Err(Problem::whole(Code::WrongState, "accounts.problem.second_none").into());
    }
    let tx = app.begin().await?;
    let codes = fresh_codes(&tx, by.id()).await?;
    tx.record(Event::new("account.recovery_codes_renewed", by.id()).by(by.id())).await?;
    tx.commit().await?;
    Ok(codes)
}
