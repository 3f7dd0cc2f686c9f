//! The letter of conversations: messages wait.

use entity::{campaign, enums::Side, message, thread, user};
use sea_orm::EntityTrait;

use crate::{
    base::lang::Lang,
    error::{Error, Result},
    mail::{letter::Letter, plain::Plain},
    tx::Tx,
    web::urls,
};

/// To whoever asked for it: something in this conversation waits to be read. It does not say what.
pub async fn waiting(tx: &Tx, to: &user::Model, row: &message::Model, side: Side) -> Result<Letter> {
    let thread = thread::Entity::find_by_id(row.thread_id).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let campaign = campaign::Entity::find_by_id(thread.campaign_id).one(tx.db()).await?.map(|campaign| campaign.name).unwrap_or_default();
    let url = match side {
        Side::Creator => urls::creator(format!("inbox/{}", row.thread_id)),
        Side::Brand => urls::org(row.org_id, format!("inbox/{}", row.thread_id)),
    };
    Plain::new(to.locale, "conversations.mail.waiting")
        .with("campaign", &campaign)
        .line(to.locale.t("conversations.mail.waiting.text").with("campaign", &campaign))
        .button(to.locale.t("conversations.mail.waiting.button"), tx.app().link(&url))
        .after(to.locale.t("conversations.mail.waiting.why"))
        .letter(tx.app(), &to.email)
}
