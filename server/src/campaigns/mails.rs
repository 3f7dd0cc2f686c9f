//! The letters of campaigns.

use entity::{
    campaign, creator,
    enums::ParticipationState::{Applied, Contracted, Delivered, Joined, Negotiating, Selected, Working},
    participation, user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    auth::actors::Manager,
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    tx::Tx,
    web::urls,
};

/// To every creator who is in it: the campaign is cancelled.
pub async fn cancelled(tx: &Tx, by: &Manager<'_>, row: &campaign::Model) -> Result<Vec<Letter>> {
    let rows: Vec<(entity::ids::ParticipationId, entity::ids::UserId)> = participation::Entity::find()
        .select_only()
        .column(participation::Column::Id)
        .column(creator::Column::UserId)
        .join(
            sea_orm::JoinType::InnerJoin,
            participation::Entity::belongs_to(creator::Entity).from(participation::Column::CreatorId).to(creator::Column::Id).into(),
        )
        .filter(participation::Column::CampaignId.eq(row.id))
        .filter(participation::Column::State.is_in([Applied, Selected, Joined, Negotiating, Contracted, Working, Delivered]))
        .filter(creator::Column::UserId.is_not_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    let mut letters = Vec::new();
    for chunk in rows.chunks(500) {
        let users = user::Entity::find().filter(user::Column::Id.is_in(chunk.iter().map(|(_, user)| *user))).all(tx.db()).await?;
        for (participation, user) in chunk {
            let Some(to) = users.iter().find(|u| u.id == *user) else { continue };
            let org = by.organization();
            let letter = Plain::new(to.locale, "campaigns.mail.cancelled")
                .with("campaign", &row.name)
                .line(to.locale.t("campaigns.mail.cancelled.text").with("brand", &org.name).with("campaign", &row.name))
                .line(to.locale.t("campaigns.mail.cancelled.fees"))
                .button(to.locale.t("campaigns.mail.cancelled.button"), tx.app().link(&urls::job(participation)))
                .letter(tx.app(), &to.email)?;
            letters.push(letter.on_behalf_of(org.id, &org.name));
        }
    }
    Ok(letters)
}
