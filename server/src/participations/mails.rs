//! The letters of participations.

use entity::{campaign, creator, participation, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    auth::actors::{Creator, Member},
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    tx::Tx,
    web::urls,
};

/// To the member who opened the campaign: a creator has left.
pub async fn left(tx: &Tx, row: &participation::Model, by: &Creator) -> Result<Option<Letter>> {
    let Some(campaign) = campaign::Entity::find_by_id(row.campaign_id).one(tx.db()).await? else { return Ok(None) };
    let Some(to) = user::Entity::find_by_id(campaign.created_by).one(tx.db()).await? else { return Ok(None) };
    let name = &by.profile().display_name;
    let url = tx.app().link(&urls::campaign(row.org_id, row.campaign_id, "creators"));
    let letter = Plain::new(to.locale, "participations.mail.left")
        .with("creator", name)
        .with("campaign", &campaign.name)
        .line(to.locale.t("participations.mail.left.text").with("creator", name).with("campaign", &campaign.name))
        .button(to.locale.t("participations.mail.left.button"), url)
        .letter(tx.app(), &to.email)?;
    Ok(Some(letter))
}

/// To the creator: the brand has ended it, and why.
pub async fn removed(tx: &Tx, row: &participation::Model, by: &Member) -> Result<Option<Letter>> {
    let Some(campaign) = campaign::Entity::find_by_id(row.campaign_id).one(tx.db()).await? else { return Ok(None) };
    let Some(creator) = creator::Entity::find_by_id(row.creator_id).one(tx.db()).await? else { return Ok(None) };
    let Some(user) = creator.user_id else { return Ok(None) };
    let Some(to) = user::Entity::find().filter(user::Column::Id.eq(user)).one(tx.db()).await? else { return Ok(None) };
    let org = by.organization();
    let letter = Plain::new(to.locale, "participations.mail.removed")
        .with("campaign", &campaign.name)
        .line(to.locale.t("participations.mail.removed.text").with("brand", &org.name).with("campaign", &campaign.name))
        .line(to.locale.t("participations.mail.removed.reason").with("reason", &row.reason))
        .after(to.locale.t("participations.mail.removed.fees"))
        .letter(tx.app(), &to.email)?;
    Ok(Some(letter.on_behalf_of(org.id, &org.name)))
}
