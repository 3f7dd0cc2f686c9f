//! A creator says yes; the brand hears of it, and the two can talk.

use entity::{
    enums::{InvitationState, ParticipationState},
    ids::InvitationId,
    invitation, participation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::{mails, queries, rules, rules::Move};
use crate::{
    app::App,
    auth::actors::Creator,
    conversations,
    error::{Code, Problem, Result},
    events::Event,
    participations,
    tx::Tx,
};

/// Which invitation is answered: by the link's token, or one's own by id.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The token of a mail's link.
    Token(String),
    /// An invitation to the creator that asks.
    Id(InvitationId),
}

/// Joins the campaign. The invitation is spent by its state: every link of it only explains itself from now on.
pub async fn accept(app: &App, by: &Creator, answer: Answer) -> Result<participation::Model> {
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, Some(by)).await?;
    let joined = accept_in(&tx, by.profile(), by.user_id(), found).await?;
    tx.commit().await?;
    Ok(joined)
}

/// Joining, for a creator who exists in this transaction.
pub(super) async fn accept_in(
    tx: &Tx,
    creator: &entity::creator::Model,
    user: entity::ids::UserId,
    found: invitation::Model,
) -> Result<participation::Model> {
    let next = rules::step(&found, Move::Accept, tx.now)?;
    let campaign = queries::campaign(tx.db(), found.campaign_id).await?;
    rules::recruits(&campaign)?;
    let participation = own_participation(tx, &found, creator).await?;
    let participation = participations::move_in(tx, participation, participations::rules::Move::Join).await?;

    let id = found.id;
    let mut row = found.into_active_model();
    row.state = Set(next);
    row.answered_at = Set(Some(tx.now));
    row.creator_id = Set(creator.id);
    row.participation_id = Set(participation.id);
    let row = row.update(tx.db()).await?;

    conversations::open_in(tx, row.org_id, creator.id, row.campaign_id).await?;
    tx.record(Event::new("invitation.accepted", id).org(row.org_id).creator(creator.id).by(user)).await?;
    tx.record(Event::new("participation.joined", participation.id).org(row.org_id).creator(creator.id).by(user)).await?;
    tx.queue_all(mails::accepted(tx, &row, &campaign, creator).await?).await?;
    Ok(participation)
}

/// The participation becomes the creator's own (settled 3): the invited profile may be one that the brand typed in or imported, and
/// stays as it is.
async fn own_participation(tx: &Tx, found: &invitation::Model, creator: &entity::creator::Model) -> Result<participation::Model> {
    let missing = || anyhow::anyhow!("the invitation {} has no participation", found.id);
    let invited = participation::Entity::find_by_id(found.participation_id).one(tx.db()).await?.ok_or_else(missing)?;
    if invited.creator_id == creator.id {
        return Ok(invited);
    }
    let own = participation::Entity::find()
        .filter(participation::Column::CampaignId.eq(found.campaign_id))
        .filter(participation::Column::CreatorId.eq(creator.id))
        .one(tx.db())
        .await?;
    match own {
        None => {
            let mut row = invited.into_active_model();
            row.creator_id = Set(creator.id);
            Ok(row.update(tx.db()).await?)
        }
        Some(own) if participations::rules::joined(own.state) => {
            Err(Problem::whole(Code::AlreadyDone, "invitations.problem.joined").into())
        }
        Some(own) => {
            // The creator was asked twice, under two profiles: the one answer counts for both.
            participations::move_in(tx, invited, participations::rules::Move::Uninvite).await?;
            match own.state {
                ParticipationState::Shortlisted => participations::move_in(tx, own, participations::rules::Move::Invite).await,
                _ => Ok(own),
            }
        }
    }
}

/// Whether a row still waits for an answer.
pub(super) fn waits(row: &invitation::Model) -> bool {
    matches!(row.state, InvitationState::Queued | InvitationState::Sent)
}
