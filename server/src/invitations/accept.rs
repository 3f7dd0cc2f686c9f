//! A creator says yes; the brand hears of it, and the two can talk.

use entity::{creator, enums::ParticipationState, ids::InvitationId, invitation, participation, user};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set, sea_query::Expr};

use super::{mails, queries, rules, rules::Move};
use crate::{
    app::App,
    auth::actors::Person,
    conversations, creators,
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

/// Joins the campaign. The invitation is spent by its state: every link of it only explains itself from now on. The invited person may
/// have been a brand's member only; by joining they become a creator.
pub async fn accept(app: &App, by: &Person, answer: Answer) -> Result<participation::Model> {
    let tx = app.begin().await?;
    let found = queries::answerable(&tx, &answer, Some(by)).await?;
    let creator = match creators::queries::of_user(tx.db(), by.id()).await? {
        Some(creator) => creator,
        None => creators::register_in(&tx, by.user(), &by.user().name).await?,
    };
    let joined = accept_in(&tx, &creator, by.user(), found).await?;
    tx.commit().await?;
    Ok(joined)
}

/// Joining, for a creator who exists in this transaction.
pub(super) async fn accept_in(
    tx: &Tx,
    creator: &creator::Model,
    user: &user::Model,
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
    answer_the_others(tx, &row, user).await?;

    conversations::open_in(tx, row.org_id, creator.id, row.campaign_id).await?;
    tx.record(Event::new("invitation.accepted", id).org(row.org_id).creator(creator.id).by(user.id)).await?;
    tx.record(Event::new("participation.joined", participation.id).org(row.org_id).creator(creator.id).by(user.id)).await?;
    tx.queue_all(mails::accepted(tx, &row, &campaign, creator).await?).await?;
    Ok(participation)
}

/// The participation becomes the creator's own (settled 3): the invited profile may be one that the brand typed in or imported, and
/// stays as it is.
async fn own_participation(tx: &Tx, found: &invitation::Model, creator: &creator::Model) -> Result<participation::Model> {
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
            if participations::rules::after(invited.state, participations::rules::Move::Uninvite).is_some() {
                participations::move_in(tx, invited, participations::rules::Move::Uninvite).await?;
            }
            match own.state {
                ParticipationState::Shortlisted => participations::move_in(tx, own, participations::rules::Move::Invite).await,
                _ => Ok(own),
            }
        }
    }
}

/// Other invitations of the same person to the same campaign are answered by the same yes.
async fn answer_the_others(tx: &Tx, row: &invitation::Model, user: &user::Model) -> Result<()> {
    let same = sea_orm::Condition::any()
        .add(invitation::Column::CreatorId.eq(row.creator_id))
        .add(invitation::Column::EmailKey.eq(user.email_key.clone()));
    invitation::Entity::update_many()
        .col_expr(invitation::Column::State, Expr::value(row.state))
        .col_expr(invitation::Column::AnsweredAt, Expr::value(tx.now))
        .col_expr(invitation::Column::CreatorId, Expr::value(row.creator_id))
        .col_expr(invitation::Column::ParticipationId, Expr::value(row.participation_id))
        .filter(invitation::Column::CampaignId.eq(row.campaign_id))
        .filter(invitation::Column::State.is_in(rules::WAITING.iter().copied()))
        .filter(same)
        .exec(tx.db())
        .await?;
    Ok(())
}
