//! A creator says yes to a purpose, or an organisation says yes about a creator.

use entity::{
    consent,
    enums::{ConsentPurpose, Side},
    ids::{CreatorId, OrgId, UserId},
    organization,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::{Creator, Manager, Person, Via},
    creators,
    error::{Code, Error, Problem, Result},
    events::Event,
    jobs::queue::Job,
    tx::Tx,
};

/// How a yes was given; what is remembered beside it.
#[derive(Clone, Debug)]
pub struct Evidence(serde_json::Value);

impl Evidence {
    /// By somebody who read the words and pressed the button, or whose program did.
    pub fn of(person: &Person) -> Self {
        let by = match person.via() {
            Via::Session(..) => "portal",
            Via::Token(..) => "api",
        };
        Self(serde_json::json!({ "via": by, "language": person.locale().as_str() }))
    }

    /// By linking an account at its network.
    pub fn link(person: &Person, link: impl std::fmt::Display, scopes: &[String]) -> Self {
        Self(serde_json::json!({ "via": "link", "language": person.locale().as_str(), "link": link.to_string(), "scopes": scopes }))
    }
}

/// The creator's yes. One that holds already stays as it is.
pub async fn grant(app: &App, by: &Creator, purpose: ConsentPurpose, org: Option<OrgId>) -> Result<consent::Model> {
    rules::addressed(purpose, org.is_some())?;
    let tx = app.begin().await?;
    if let Some(org) = org {
        // A brand that the creator has nothing to do with does not exist for them, unless it asks.
        let known = queries::organisations(tx.db(), by).await?;
        if !known.iter().any(|row: &organization::Model| row.id == org) {
            return Err(Error::NotFound);
        }
    }
    let row = grant_in(&tx, by, purpose, org, Evidence::of(by.person())).await?;
    tx.commit().await?;
    Ok(row)
}

/// The same inside another operation.
pub async fn grant_in(tx: &Tx, by: &Creator, purpose: ConsentPurpose, org: Option<OrgId>, evidence: Evidence) -> Result<consent::Model> {
    give(tx, (by.id(), org), Side::Creator, purpose, by.user_id(), evidence).await
}

/// An organisation's yes about a creator who works for it, where the purpose takes both.
pub async fn agree(app: &App, by: &Manager<'_>, purpose: ConsentPurpose, creator: CreatorId) -> Result<consent::Model> {
    if !rules::takes_both(purpose) {
        return Err(Problem::whole(Code::Refused, "consents.problem.creators_alone").into());
    }
    let tx = app.begin().await?;
    let row = creators::queries::one(tx.db(), (&**by).into(), creator).await?;
    if row.user_id.is_none() || !queries::works_for(tx.db(), by.org(), creator).await? {
        return Err(Problem::whole(Code::WrongState, "consents.problem.not_joined").into());
    }
    let given = give(&tx, (creator, Some(by.org())), Side::Brand, purpose, by.user_id(), Evidence::of(by.person())).await?;
    tx.commit().await?;
    Ok(given)
}

async fn give(
    tx: &Tx,
    (creator, org): (CreatorId, Option<OrgId>),
    side: Side,
    purpose: ConsentPurpose,
    by: UserId,
    evidence: Evidence,
) -> Result<consent::Model> {
    // The profile's row is the lock: one yes of a kind holds at a time.
    queries::lock_creator(tx, creator).await?;
    if let Some(known) = queries::holding(tx.db(), creator, purpose, org, side).await? {
        return Ok(known);
    }
    let row = consent::Model {
        id: tx.id(),
        creator_id: creator,
        org_id: org,
        side,
        purpose,
        version: rules::VERSION,
        granted_at: tx.now,
        granted_by: by,
        revoked_at: None,
        revoked_by: None,
        evidence: evidence.0,
    };
    consent::Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
    let event = Event::new("consent.granted", row.id).by(by).creator(creator);
    let event = if let Some(org) = org { event.org(org) } else { event };
    tx.record(event.with(serde_json::json!({ "purpose": purpose, "side": side }))).await?;
    changed(tx, creator).await?;
    Ok(row)
}

/// What rests on consents looks at them again.
pub(super) async fn changed(tx: &Tx, creator: CreatorId) -> Result<()> {
    tx.job(Job::new("networks.replan", serde_json::json!({ "creator": creator })).unique(format!("replan:{creator}"))).await
}
