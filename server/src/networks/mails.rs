//! The letters of networks: the grant is about to end, or has ended.

use chrono::{DateTime, Utc};
use connectors::ErrorKind;
use entity::{creator, ids::CreatorId, network_account, user};
use sea_orm::EntityTrait;

use super::rules;
use crate::{
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    tx::Tx,
    web::urls,
};

async fn reader(tx: &Tx, creator: CreatorId) -> Result<Option<user::Model>> {
    let Some(found) = creator::Entity::find_by_id(creator).one(tx.db()).await? else { return Ok(None) };
    match found.user_id {
        Some(id) => Ok(user::Entity::find_by_id(id).one(tx.db()).await?),
        None => Ok(None),
    }
}

/// The network will end the grant on a day that is known.
pub(super) async fn expires_soon(
    tx: &Tx,
    creator: CreatorId,
    account: &network_account::Model,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Option<Letter>> {
    let Some(user) = reader(tx, creator).await? else { return Ok(None) };
    let locale = user.locale;
    let zone = user.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let day = expires_at.map(|at| locale.date(at.with_timezone(&zone).date_naive())).unwrap_or_default();
    let network = locale.name("network", account.network);
    Plain::new(locale, "networks.mail.expires_soon")
        .with("network", &network)
        .line(locale.t("networks.mail.expires_soon.text").with("network", &network).with("handle", &account.handle).with("date", day))
        .button(locale.t("networks.mail.button"), tx.app().link(urls::NETWORKS))
        .letter(tx.app(), &user.email)
        .map(Some)
}

/// The grant has ended, and why.
pub(super) async fn broken(tx: &Tx, creator: CreatorId, account: &network_account::Model, kind: &ErrorKind) -> Result<Option<Letter>> {
    let Some(user) = reader(tx, creator).await? else { return Ok(None) };
    let locale = user.locale;
    let network = locale.name("network", account.network);
    Plain::new(locale, "networks.mail.broken")
        .with("network", &network)
        .line(locale.t("networks.mail.broken.text").with("network", &network).with("handle", &account.handle))
        .line(rules::explained(kind).text(locale))
        .button(locale.t("networks.mail.button"), tx.app().link(urls::NETWORKS))
        .after(locale.t("networks.mail.broken.kept"))
        .letter(tx.app(), &user.email)
        .map(Some)
}
