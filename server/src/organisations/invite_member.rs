//! An owner asks somebody by mail to become a member.

use entity::{
    enums::{MemberInvitationState, MembershipStatus},
    ids::MemberInvitationId,
    member_invitation, membership, user,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};
use serde_json::json;

use super::{mails, queries, rules};
use crate::{
    app::App,
    auth::{actors::Owner, limits, tokens::Token},
    error::{Code, Problem, Result, Wrong},
    events::Event,
};

async fn within_limits(app: &App, by: &Owner<'_>, email_key: &str) -> Result<()> {
    limits::take(app, rules::MEMBER_LETTERS, &by.org().to_string()).await?;
    limits::take(app, limits::LINK_BY_ADDRESS, email_key).await
}

/// Writes to an address. The link in the letter lives fourteen days and is good for this mailbox only.
pub async fn invite_member(app: &App, by: &Owner<'_>, email: &str, role: &str) -> Result<member_invitation::Model> {
    let (email, role) = rules::member(email, role)?;
    within_limits(app, by, &email.key).await?;
    let tx = app.begin().await?;
    let org = queries::hold(&tx, by.org()).await?;
    let beside = |code, key| Problem::new("email", Wrong::new(code, key));
    let known = user::Entity::find().filter(user::Column::EmailKey.eq(&*email.key)).one(tx.db()).await?;
    if let Some(known) = &known
        && queries::of_person(&tx, org.id, known.id).await?.is_some_and(|m| m.status == MembershipStatus::Active)
    {
        return Err(beside(Code::AlreadyDone, "organisations.problem.already_member").into());
    }
    let waiting = member_invitation::Entity::find()
        .filter(member_invitation::Column::OrgId.eq(org.id))
        .filter(member_invitation::Column::State.eq(MemberInvitationState::Sent));
    if waiting.clone().filter(member_invitation::Column::EmailKey.eq(&*email.key)).count(tx.db()).await? > 0 {
        return Err(beside(Code::AlreadyDone, "organisations.problem.already_invited").into());
    }
    let members = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(org.id))
        .filter(membership::Column::Status.eq(MembershipStatus::Active));
    if waiting.count(tx.db()).await? + members.count(tx.db()).await? >= rules::MOST_MEMBERS {
        let wrong = Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", rules::MOST_MEMBERS);
        return Err(Problem::new("", wrong).into());
    }
    let token = Token::new("");
    let row = member_invitation::ActiveModel {
        id: Set(tx.id::<MemberInvitationId>()),
        org_id: Set(org.id),
        email: Set(email.text),
        email_key: Set(email.key),
        role: Set(role),
        token_hash: Set(token.hash()),
        invited_by: Set(by.user_id()),
        state: Set(MemberInvitationState::Sent),
        expires_at: Set(tx.now + rules::invitation_life()),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.record(Event::new("member.invited", row.id).by(by.user_id()).org(org.id).with(json!({ "role": role }))).await?;
    // A known person reads it in their own language, a stranger in the organisation's.
    let locale = known.map_or(org.locale, |user| user.locale);
    tx.queue(mails::asked(app, locale, &org, by.person().user(), &row, &token)?).await?;
    tx.commit().await?;
    Ok(row)
}

/// Writes again, with a new link and new fourteen days; the old link is dead.
pub async fn resend_member_invitation(app: &App, by: &Owner<'_>, id: MemberInvitationId) -> Result<member_invitation::Model> {
    let before = queries::member_invitation(app.db(), by, id).await?;
    within_limits(app, by, &before.email_key).await?;
    let tx = app.begin().await?;
    let before = queries::member_invitation_for_update(&tx, by, id).await?;
    waits(&before)?;
    let known = user::Entity::find().filter(user::Column::EmailKey.eq(&*before.email_key)).one(tx.db()).await?;
    let token = Token::new("");
    let mut row = before.into_active_model();
    row.token_hash = Set(token.hash());
    row.expires_at = Set(tx.now + rules::invitation_life());
    row.invited_by = Set(by.user_id());
    let row = row.update(tx.db()).await?;
    tx.record(Event::new("member.invited_again", row.id).by(by.user_id()).org(by.org())).await?;
    let locale = known.map_or(by.organization().locale, |user| user.locale);
    tx.queue(mails::asked(app, locale, by.organization(), by.person().user(), &row, &token)?).await?;
    tx.commit().await?;
    Ok(row)
}

/// Takes an invitation back: its link stops working and says so.
pub async fn withdraw_member_invitation(app: &App, by: &Owner<'_>, id: MemberInvitationId) -> Result<member_invitation::Model> {
    let tx = app.begin().await?;
    let before = queries::member_invitation_for_update(&tx, by, id).await?;
    waits(&before)?;
    let mut row = before.into_active_model();
    row.state = Set(MemberInvitationState::Revoked);
    let row = row.update(tx.db()).await?;
    tx.record(Event::new("member.invitation_withdrawn", row.id).by(by.user_id()).org(by.org())).await?;
    tx.commit().await?;
    Ok(row)
}

/// What ran out may still be sent again or taken back; what was answered may not.
fn waits(row: &member_invitation::Model) -> Result<()> {
    match row.state {
        MemberInvitationState::Sent => Ok(()),
        MemberInvitationState::Accepted => Err(Problem::whole(Code::AlreadyDone, "organisations.problem.invitation_used").into()),
        MemberInvitationState::Revoked => Err(Problem::whole(Code::AlreadyDone, "organisations.problem.invitation_revoked").into()),
    }
}
