//! A membership ends: the member goes, or an owner ends it. The row stays, the rights are gone with the next request.

use entity::{
    enums::MembershipStatus,
    ids::{MembershipId, OrgId, UserId},
    membership, user,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{mails, queries, rules};
use crate::{
    app::App,
    auth::actors::{Member, Owner},
    error::{Code, Error, Problem, Result},
    events::Event,
    tx::Tx,
};

/// The member goes. Who acts through an agency is no member here and cannot.
pub async fn leave(app: &App, by: &Member) -> Result<membership::Model> {
    if by.agency().is_some() {
        return Err(Error::Forbidden("organisations.forbidden.through_agency"));
    }
    let tx = app.begin().await?;
    queries::hold(&tx, by.org()).await?;
    let living = queries::of_person(&tx, by.org(), by.user_id()).await?.filter(|m| m.status == MembershipStatus::Active);
    let row = end(&tx, by.org(), by.user_id(), living.ok_or(Error::NotFound)?, "member.left").await?;
    tx.commit().await?;
    Ok(row)
}

/// An owner ends somebody's membership; the person is told by mail.
pub async fn remove_member(app: &App, by: &Owner<'_>, id: MembershipId) -> Result<membership::Model> {
    let tx = app.begin().await?;
    let org = queries::hold(&tx, by.org()).await?;
    let living = queries::living(&tx, by.org(), id).await?;
    let row = end(&tx, by.org(), by.user_id(), living, "member.removed").await?;
    if row.user_id != by.user_id()
        && let Some(gone) = user::Entity::find_by_id(row.user_id).one(tx.db()).await?
    {
        tx.queue(mails::removed(app, &gone, &org)?).await?;
    }
    tx.commit().await?;
    Ok(row)
}

async fn end(tx: &Tx, org: OrgId, by: UserId, living: membership::Model, what: &'static str) -> Result<membership::Model> {
    if !rules::keeps_an_owner(queries::owners(tx.db(), org).await?, living.role, None) {
        return Err(Problem::whole(Code::WrongState, "organisations.problem.last_owner").into());
    }
    let mut row = living.into_active_model();
    row.status = Set(MembershipStatus::Ended);
    let row = row.update(tx.db()).await?;
    tx.record(Event::new(what, row.id).by(by).org(org).with(json!({ "user": row.user_id }))).await?;
    Ok(row)
}
