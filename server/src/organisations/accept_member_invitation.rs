//! A signed-in person answers the letter and becomes a member.

use entity::{
    enums::{MemberInvitationState, MembershipStatus},
    ids::MembershipId,
    membership, user,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{mails, queries, rules};
use crate::{
    app::App,
    auth::actors::Person,
    error::{Error, Result},
    events::Event,
};

/// Spends a link. It must have been written to the person's own mailbox: a forwarded letter gives nobody else the organisation.
pub async fn accept_member_invitation(app: &App, by: &Person, token: &str) -> Result<membership::Model> {
    let tx = app.begin().await?;
    // The organisation first: whoever takes both locks takes them in this order.
    let org = queries::hold(&tx, queries::by_token(tx.db(), token, false).await?.org_id).await?;
    let invitation = queries::by_token(tx.db(), token, true).await?;
    if invitation.email_key != by.user().email_key {
        return Err(Error::Forbidden("organisations.forbidden.other_mailbox"));
    }
    if let Some(problem) = rules::spent(rules::standing(&invitation, tx.now)) {
        return Err(problem.into());
    }
    let membership = match queries::of_person(&tx, org.id, by.id()).await? {
        // A member already, by a second letter: nobody loses rights by accepting.
        Some(living) if living.status == MembershipStatus::Active && living.role >= invitation.role => living,
        Some(known) => {
            let mut row = known.into_active_model();
            row.role = Set(invitation.role);
            row.status = Set(MembershipStatus::Active);
            row.invited_by = Set(Some(invitation.invited_by));
            row.update(tx.db()).await?
        }
        None => {
            membership::ActiveModel {
                id: Set(tx.id::<MembershipId>()),
                org_id: Set(org.id),
                user_id: Set(by.id()),
                role: Set(invitation.role),
                status: Set(MembershipStatus::Active),
                invited_by: Set(Some(invitation.invited_by)),
                created_at: Set(tx.now),
            }
            .insert(tx.db())
            .await?
        }
    };
    let inviter = user::Entity::find_by_id(invitation.invited_by).one(tx.db()).await?;
    let mut row = invitation.into_active_model();
    row.state = Set(MemberInvitationState::Accepted);
    row.update(tx.db()).await?;
    let joined = Event::new("member.joined", membership.id).by(by.id()).org(org.id);
    tx.record(joined.with(json!({ "role": membership.role }))).await?;
    if let Some(inviter) = inviter {
        tx.queue(mails::joined(app, &inviter, &org, by.user(), membership.role)?).await?;
    }
    tx.commit().await?;
    Ok(membership)
}
