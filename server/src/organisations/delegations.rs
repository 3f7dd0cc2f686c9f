//! An agency acts for a brand (L17): the brand's owner offers it, the agency's owner accepts or declines, either side ends it.

use chrono::Duration;
use entity::{
    delegation,
    enums::{DelegationState, OrgKind},
    ids::{DelegationId, OrgId},
    organization,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{
    mails, queries,
    rules::{self, End, Step},
};
use crate::{
    app::App,
    auth::actors::{Owner, day_of},
    base::text,
    error::{Check, Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The agency's id or its exact name.
    pub agency: String,
    /// `manager` or `analyst`.
    pub role: String,
    /// The last day; empty = until somebody ends it.
    pub until: String,
}

/// The brand's owner offers an agency to act for the brand. Nothing is allowed before the agency accepts.
pub async fn offer_delegation(app: &App, by: &Owner<'_>, input: Offer) -> Result<delegation::Model> {
    let tx = app.begin().await?;
    let mut check = Check::default();
    let named = check.take("agency", text::line(&input.agency, 120));
    let role = check.take("role", rules::delegated_role(&input.role));
    let until = check.take("until", rules::until(&input.until, day_of(by.organization(), tx.now)));
    let (named, role, until) = check.all((named, role, until))?;
    let org = queries::hold(&tx, by.org()).await?;
    if org.kind != OrgKind::Brand {
        return Err(Problem::whole(Code::WrongState, "organisations.problem.only_brands_offer").into());
    }
    let beside = |code, key| Problem::new("agency", Wrong::new(code, key));
    let agency = match &*queries::agencies(&tx, &named).await? {
        [] => return Err(beside(Code::NotFound, "organisations.problem.no_agency").into()),
        [agency] => agency.clone(),
        _ => return Err(beside(Code::Invalid, "organisations.problem.many_agencies").into()),
    };
    let open = queries::open_delegations(&tx, org.id).await?;
    if open.iter().any(|d| d.agency_id == agency.id) {
        return Err(beside(Code::AlreadyDone, "organisations.problem.already_delegated").into());
    }
    if open.len() as u64 >= rules::MOST_DELEGATIONS {
        let wrong = Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", rules::MOST_DELEGATIONS);
        return Err(Problem::new("", wrong).into());
    }
    // Each is a letter to people who have agreed to nothing.
    if queries::offers_since(&tx, org.id, tx.now - Duration::days(1)).await? >= rules::OFFERS_A_DAY {
        let wrong = Wrong::new(Code::LimitReached, "organisations.problem.offers").with("most", rules::OFFERS_A_DAY);
        return Err(Problem::new("", wrong).into());
    }
    let row = delegation::ActiveModel {
        id: Set(tx.id::<DelegationId>()),
        brand_id: Set(org.id),
        agency_id: Set(agency.id),
        role: Set(role),
        state: Set(DelegationState::Offered),
        until: Set(until),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    let told = told_of(&row, by, "delegation.offered");
    tx.record(told.with(json!({ "agency": agency.id, "role": role }))).await?;
    for owner in queries::owners_of(tx.db(), agency.id).await? {
        tx.queue(mails::delegation_offered(app, &owner, &org, &agency, &row)?).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// The agency's owner agrees: the agency's members may act for the brand from now on.
pub async fn accept_delegation(app: &App, by: &Owner<'_>, id: DelegationId) -> Result<delegation::Model> {
    step(app, by, id, Step::Accept, "delegation.accepted").await
}

/// The agency's owner does not agree.
pub async fn decline_delegation(app: &App, by: &Owner<'_>, id: DelegationId) -> Result<delegation::Model> {
    step(app, by, id, Step::Decline, "delegation.declined").await
}

/// Either side ends it; the brand takes an unanswered offer back by it.
pub async fn end_delegation(app: &App, by: &Owner<'_>, id: DelegationId) -> Result<delegation::Model> {
    step(app, by, id, Step::End, "delegation.ended").await
}

async fn step(app: &App, by: &Owner<'_>, id: DelegationId, step: Step, what: &'static str) -> Result<delegation::Model> {
    let tx = app.begin().await?;
    let before = queries::delegation_for_update(&tx, by, id).await?;
    let (end, other) = if before.brand_id == by.org() { (End::Brand, before.agency_id) } else { (End::Agency, before.brand_id) };
    let state = rules::delegation_state(&before, tx.now.date_naive());
    let Some(next) = rules::after(state, end, step) else {
        return Err(Problem::whole(Code::WrongState, "organisations.problem.delegation_state").into());
    };
    let mut row = before.into_active_model();
    row.state = Set(next);
    let row = row.update(tx.db()).await?;
    tx.record(told_of(&row, by, what)).await?;
    tell(app, &tx, by, &row, other, step).await?;
    tx.commit().await?;
    Ok(row)
}

fn told_of(row: &delegation::Model, by: &Owner<'_>, what: &'static str) -> Event {
    Event::new(what, row.id).by(by.user_id()).org(row.brand_id)
}

async fn tell(app: &App, tx: &Tx, by: &Owner<'_>, row: &delegation::Model, other: OrgId, step: Step) -> Result<()> {
    let Some(reader) = organization::Entity::find_by_id(other).one(tx.db()).await? else { return Err(Error::NotFound) };
    for owner in queries::owners_of(tx.db(), other).await? {
        tx.queue(mails::delegation_moved(app, &owner, by.organization(), &reader, row, step)?).await?;
    }
    Ok(())
}
