//! The letters of briefs.

use entity::{brief, campaign, creator, ids, participation, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    auth::actors::Manager,
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    participations::rules::JOINED,
    tx::Tx,
    web::urls,
};

/// To every creator who is in: a version waits to be read. It says whether consent is asked, and never what the brief says.
pub async fn published(tx: &Tx, by: &Manager<'_>, campaign: &campaign::Model, row: &brief::Model) -> Result<Vec<Letter>> {
    let rows: Vec<(ids::ParticipationId, ids::UserId)> = participation::Entity::find()
        .select_only()
        .column(participation::Column::Id)
        .column(creator::Column::UserId)
        .join(
            sea_orm::JoinType::InnerJoin,
            participation::Entity::belongs_to(creator::Entity).from(participation::Column::CreatorId).to(creator::Column::Id).into(),
        )
        .filter(participation::Column::CampaignId.eq(campaign.id))
        .filter(participation::Column::State.is_in(JOINED.iter().copied().filter(|s| *s < entity::enums::ParticipationState::Delivered)))
        .filter(creator::Column::UserId.is_not_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    let text = if row.worsens { "briefs.mail.published.consent" } else { "briefs.mail.published.text" };
    let org = by.organization();
    let mut letters = Vec::new();
    for chunk in rows.chunks(500) {
        let users = user::Entity::find().filter(user::Column::Id.is_in(chunk.iter().map(|(_, user)| *user))).all(tx.db()).await?;
        for (place, user) in chunk {
            let Some(to) = users.iter().find(|u| u.id == *user) else { continue };
            let letter = Plain::new(to.locale, "briefs.mail.published")
                .with("campaign", &campaign.name)
                .line(to.locale.t(text).with("brand", &org.name).with("campaign", &campaign.name).with("version", row.version))
                .button(to.locale.t("briefs.mail.published.button"), tx.app().link(&urls::job(place)))
                .letter(tx.app(), &to.email)?;
            letters.push(letter.on_behalf_of(org.id, &org.name));
        }
    }
    Ok(letters)
}
