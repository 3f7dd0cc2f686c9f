//! Whose an account was before: an imported profile merges into the creator who proves its account (settled 3).

use std::collections::HashMap;

use entity::{
    creator,
    enums::{InvitationState, ParticipationState},
    ids::{CampaignId, CreatorId, UserId},
    invitation, invitation_token, manual_insight, mention, network_account, network_link, offering, participation, portfolio_item, post,
    story_archive, sync_task,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, Set,
    sea_query::{Expr, LockType},
};

use super::{rules, write::owner_for_update};
use crate::{
    auth::{actors::Creator, tokens},
    error::Result,
    events::Event,
    tx::Tx,
};

/// The other registered creator who has proven this account and not given it up; nobody else can keep it from whoever proves it now.
pub(super) async fn holder(tx: &Tx, account: &network_account::Model) -> Result<Option<CreatorId>> {
    let owner = owner_for_update(tx, account.creator_id).await?;
    let link =
        network_link::Entity::find().filter(network_link::Column::AccountId.eq(account.id)).lock(LockType::Update).one(tx.db()).await?;
    Ok((owner.user_id.is_some() && link.is_some_and(|link| rules::proven(&link))).then_some(owner.id))
}

/// Whether another holds it. An admin reads of it in the log of events; neither side learns who the other is.
pub(super) async fn contested(tx: &Tx, account: &network_account::Model, by: &Creator) -> Result<bool> {
    if account.creator_id == by.id() {
        return Ok(false);
    }
    let Some(holder) = holder(tx, account).await? else { return Ok(false) };
    let event = Event::new("network.account_contested", account.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": account.network, "holder": holder.to_string() }))).await?;
    Ok(true)
}

/// Takes an account that nobody holds: from an unclaimed profile with all that it has, from a registered creator who only typed it in or
/// has unlinked it the account alone; they are told.
pub(super) async fn take_over(tx: &Tx, account: &network_account::Model, by: &Creator) -> Result<()> {
    if account.creator_id == by.id() {
        return Ok(());
    }
    let from = owner_for_update(tx, account.creator_id).await?;
    if from.user_id.is_none() {
        return merge(tx, from, by.id(), by.user_id()).await;
    }
    let event = Event::new("network.account_moved", account.id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "from": from.id.to_string() }))).await?;
    // Not by whom: neither side learns who the other is.
    let event = Event::new("network.account_taken", account.id).creator(from.id);
    tx.record(event.with(serde_json::json!({ "network": account.network, "handle": account.handle }))).await
}

/// What one creator has becomes another's.
macro_rules! hand_over {
    ($tx:ident, $from:expr, $into:expr; $($table:ident)*) => {$(
        $table::Entity::update_many()
            .set($table::ActiveModel { creator_id: Set($into), ..Default::default() })
            .filter($table::Column::CreatorId.eq($from))
            .exec($tx.db())
            .await?;
    )*};
}

/// The whole unclaimed profile. Snapshots hang on their accounts and come along; the emptied row goes.
pub(super) async fn merge(tx: &Tx, from: creator::Model, into: CreatorId, by: UserId) -> Result<()> {
    let gone = from.id;
    let owner = creator::Entity::find_by_id(into).one(tx.db()).await?;
    if owner.is_some_and(|owner| owner.user_id.is_some()) {
        close_links(tx, gone).await?;
    }
    participations(tx, gone, into).await?;
    hand_over!(tx, gone, into; network_account network_link offering portfolio_item invitation sync_task post mention story_archive manual_insight);
    creator::Entity::delete_by_id(gone).exec(tx.db()).await?;
    let event = Event::new("creator.merged", into).by(by).creator(into);
    tx.record(event.with(serde_json::json!({ "from": gone.to_string(), "name": from.display_name, "source": from.source }))).await
}

/// Invitations that nobody has answered and somebody still may.
const OPEN: [InvitationState; 3] = [InvitationState::Queued, InvitationState::Sent, InvitationState::Bounced];

/// Whoever reads the mailbox that the duplicate was invited at need not be the person into whose profile it goes: the links in those mails
/// end. The person finds the invitations when signed in.
async fn close_links(tx: &Tx, from: CreatorId) -> Result<()> {
    let open = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::Id)
        .filter(invitation::Column::CreatorId.eq(from))
        .filter(invitation::Column::State.is_in(OPEN))
        .into_query();
    let links = invitation_token::Entity::find().filter(invitation_token::Column::InvitationId.in_subquery(open)).all(tx.db()).await?;
    for link in links {
        let dead = tokens::dead(link.id);
        let mut row = link.into_active_model();
        // The unsubscribe half lives on.
        row.token_hash = Set(dead);
        row.update(tx.db()).await?;
    }
    Ok(())
}

/// A campaign has one row a creator. Where both were asked the creator's own row stays, takes the other's invitations, and is invited if
/// either was. Of two invitations to one campaign the creator's own stays, and the other is withdrawn.
async fn participations(tx: &Tx, from: CreatorId, into: CreatorId) -> Result<()> {
    let of = |creator: CreatorId| participation::Entity::find().filter(participation::Column::CreatorId.eq(creator)).lock(LockType::Update);
    let mut own: HashMap<CampaignId, participation::Model> =
        of(into).all(tx.db()).await?.into_iter().map(|row| (row.campaign_id, row)).collect();
    for other in of(from).all(tx.db()).await? {
        let Some(mine) = own.remove(&other.campaign_id) else {
            let mut row = other.into_active_model();
            row.creator_id = Set(into);
            row.updated_at = Set(tx.now);
            row.update(tx.db()).await?;
            continue;
        };
        if mine.state != ParticipationState::Shortlisted {
            invitation::Entity::update_many()
                .col_expr(invitation::Column::State, Expr::value(InvitationState::Revoked))
                .filter(invitation::Column::ParticipationId.eq(other.id))
                .filter(invitation::Column::State.is_in(OPEN))
                .exec(tx.db())
                .await?;
        }
        invitation::Entity::update_many()
            .set(invitation::ActiveModel { participation_id: Set(mine.id), ..Default::default() })
            .filter(invitation::Column::ParticipationId.eq(other.id))
            .exec(tx.db())
            .await?;
        if mine.state == ParticipationState::Shortlisted && other.state == ParticipationState::Invited {
            let mut row = mine.into_active_model();
            row.state = Set(other.state);
            row.updated_at = Set(tx.now);
            row.update(tx.db()).await?;
        }
        participation::Entity::delete_by_id(other.id).exec(tx.db()).await?;
    }
    Ok(())
}
