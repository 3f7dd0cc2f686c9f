//! A creator names an account on a network that cannot be linked here (K29): it shows on the profile, and proves nothing.

use entity::{
    enums::{LinkMethod, LinkState, Network},
    network_link,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{
    ownership,
    rules::{self, Offer},
    write,
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// How many accounts a profile may name.
const MOST: u64 = 40;

/// Adds the account. A network that can be linked is linked instead: its own word is worth more.
pub async fn declare(app: &App, by: &Creator, network: &str, handle: &str) -> Result<network_link::Model> {
    let mut check = Check::default();
    let network: Result<Network, Wrong> = network.parse().map_err(|()| Wrong::new(Code::Invalid, "base.problem.choice"));
    let handle = network.as_ref().ok().and_then(|n| check.take("handle", rules::handle(*n, handle)));
    let offered = network.as_ref().is_ok_and(|n| {
        Offer::of(*n, &app.networks) == Offer::Available
            && handle.as_ref().is_none_or(|handle| !rules::elsewhere(*n, handle, &app.networks))
    });
    let network = check.take("network", network);
    check.that("network", !offered, || Wrong::new(Code::Refused, "networks.problem.link_instead"));
    let (network, handle) = check.all((network, handle))?;
    let tx = app.begin().await?;
    let count =
        entity::network_account::Entity::find().filter(entity::network_account::Column::CreatorId.eq(by.id())).count(tx.db()).await?;
    if count >= MOST {
        return Err(Problem::new("handle", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", MOST)).into());
    }
    let account = write::declared(&tx, by.id(), &handle, ownership::reads(app, network)).await?;
    let link = write::bare(&tx, &account, LinkMethod::Declared, LinkState::Declared);
    let link = network_link::Model { proof_code: ownership::code(), ..link };
    let link = link.into_active_model().reset_all().insert(tx.db()).await?;
    let event = Event::new("network.declared", link.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": network }))).await?;
    tx.commit().await?;
    Ok(link)
}
