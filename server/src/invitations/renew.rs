//! Whoever holds a link that has run out asks for a new one. It goes to the invited address only, and the older links die: the new one
//! proves the mailbox again.

use entity::{
    enums::{InvitationState, ParticipationState},
    invitation, organization, participation,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{
    Answer,
    mails::{self, Occasion},
    queries, rules,
    rules::Move,
};
use crate::{
    app::App,
    auth::{actors::Person, limits, sessions::Device},
    error::{Code, Error, Problem, Result},
    events::Event,
    mail::suppressions,
    participations,
};

/// Queues a new mail, if the campaign still takes creators in. By token, or one's own by id.
pub async fn renew(app: &App, by: Option<&Person>, device: &Device, answer: Answer) -> Result<invitation::Model> {
    limits::take(app, limits::LINK_BY_IP, &device.ip).await?;
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, by).await?;
    let closed = || Error::from(Problem::whole(Code::WrongState, "invitations.problem.campaign_over"));
    if !rules::is_expired(&found, tx.now) {
        // Says why not.
        rules::step(&found, Move::Renew, tx.now)?;
    }
    let (letters, _) = queries::letters(tx.db(), found.id).await?;
    rules::may_resend(letters, None, tx.now)?;
    if suppressions::stand(tx.db(), &found.email, Some(found.org_id)).await? {
        return Err(Problem::whole(Code::Refused, "invitations.problem.unsubscribed").into());
    }
    let campaign = queries::campaign(tx.db(), found.campaign_id).await?;
    rules::recruits(&campaign).map_err(|_| closed())?;
    let brief = queries::published_brief(tx.db(), campaign.id).await?.ok_or_else(closed)?;
    let org = organization::Entity::find_by_id(found.org_id).one(tx.db()).await?.ok_or_else(closed)?;
    let next = rules::after(InvitationState::Expired, Move::Renew).ok_or_else(closed)?;
    let place = participation::Entity::find_by_id(found.participation_id).one(tx.db()).await?.ok_or_else(closed)?;
    // The job that notes what has run out may not have come by yet: then the creator still counts as invited.
    if place.state != ParticipationState::Invited {
        participations::rules::after(place.state, participations::rules::Move::Invite).ok_or_else(closed)?;
        participations::move_in(&tx, place, participations::rules::Move::Invite).await?;
    }
    let id = found.id;
    let mut row = found.into_active_model();
    row.state = Set(next);
    row.expires_at = Set(tx.now + rules::RENEWED);
    let row = row.update(tx.db()).await?;
    queries::kill_links(&tx, id).await?;
    let (link, token) = mails::links(&tx, &row);
    token.insert(tx.db()).await?;
    tx.queue(mails::invitation(app, &Occasion { org: &org, campaign: &campaign, brief: &brief }, &row, &link)?).await?;
    tx.record(Event::new("invitation.renewed", id).org(row.org_id).creator(row.creator_id)).await?;
    tx.commit().await?;
    Ok(row)
}
