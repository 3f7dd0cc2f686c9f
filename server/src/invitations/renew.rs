//! Whoever holds a link that has run out asks for a new one. It goes to the invited address only.

use entity::{campaign, invitation, organization};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{
    Answer,
    mails::{self, Occasion},
    queries, rules,
    rules::Move,
};
use crate::{
    app::App,
    auth::{limits, sessions::Device},
    error::{Code, Error, Problem, Result},
    events::Event,
    participations,
};

/// Queues a new mail, if the campaign still takes creators in.
pub async fn renew(app: &App, device: &Device, answer: Answer) -> Result<invitation::Model> {
    limits::take(app, limits::LINK_BY_IP, &device.ip).await?;
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, None).await?;
    let closed = || Error::from(Problem::whole(Code::WrongState, "invitations.problem.campaign_over"));
    if !rules::is_expired(&found, tx.now) {
        return Err(Problem::whole(Code::WrongState, "invitations.problem.state").into());
    }
    let (letters, _) = queries::letters(tx.db(), found.id).await?;
    rules::may_resend(letters, None, tx.now)?;
    let campaign: campaign::Model = queries::campaign(tx.db(), found.campaign_id).await?;
    rules::recruits(&campaign).map_err(|_| closed())?;
    let brief = queries::published_brief(tx.db(), campaign.id).await?.ok_or_else(closed)?;
    let org = organization::Entity::find_by_id(found.org_id).one(tx.db()).await?.ok_or_else(closed)?;
    let next = rules::after(entity::enums::InvitationState::Expired, Move::Renew).ok_or_else(closed)?;
    let participation = entity::participation::Entity::find_by_id(found.participation_id).one(tx.db()).await?;
    if let Some(row) = participation
        && participations::rules::after(row.state, participations::rules::Move::Invite).is_some()
    {
        participations::move_in(&tx, row, participations::rules::Move::Invite).await?;
    }
    let id = found.id;
    let mut row = found.into_active_model();
    row.state = Set(next);
    row.expires_at = Set(tx.now + rules::RENEWED);
    let row = row.update(tx.db()).await?;
    let (link, token) = mails::links(&tx, &row);
    token.insert(tx.db()).await?;
    tx.queue(mails::invitation(app, &Occasion { org: &org, campaign: &campaign, brief: &brief }, &row, &link)?).await?;
    tx.record(Event::new("invitation.renewed", id).org(row.org_id).creator(row.creator_id)).await?;
    tx.commit().await?;
    Ok(row)
}
