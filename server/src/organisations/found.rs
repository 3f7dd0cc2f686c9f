//! A person founds an organisation and becomes its owner.

use entity::{
    brand,
    enums::{MembershipStatus, OrgKind, Role},
    ids::{BrandId, MembershipId, OrgId},
    json::Words,
    membership, organization,
};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::json;

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Person,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// `brand` or `agency`; stays for ever.
    pub kind: String,
    /// What the organisation says of itself.
    pub profile: rules::ProfileInput,
}

/// Founds it, with a first label of the same name to campaign under.
pub async fn found(app: &App, by: &Person, input: Found) -> Result<organization::Model> {
    let mut check = Check::default();
    let kind: Option<OrgKind> = check.take("kind", rules::kind(&input.kind));
    let profile = rules::profile(check, &input.profile)?;
    let (kind,) = Check::default().all((kind,))?;
    let tx = app.begin().await?;
    if queries::count_of_person(tx.db(), by.id()).await? >= rules::MOST_ORGS {
        let wrong = Wrong::new(Code::LimitReached, "organisations.problem.too_many_orgs").with("most", rules::MOST_ORGS);
        return Err(Problem::new("", wrong).into());
    }
    let org = organization::ActiveModel {
        id: Set(tx.id::<OrgId>()),
        name: Set(profile.name.clone()),
        kind: Set(kind),
        legal_name: Set(profile.legal_name),
        address: Set(profile.address),
        website: Set(profile.website),
        currency: Set(profile.currency.code().to_owned()),
        time_zone: Set(profile.time_zone),
        locale: Set(profile.locale),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    membership::ActiveModel {
        id: Set(tx.id::<MembershipId>()),
        org_id: Set(org.id),
        user_id: Set(by.id()),
        role: Set(Role::Owner),
        status: Set(MembershipStatus::Active),
        invited_by: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    brand::ActiveModel {
        id: Set(tx.id::<BrandId>()),
        org_id: Set(org.id),
        name: Set(profile.name),
        hashtags: Set(Words::default()),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.record(Event::new("organisation.founded", org.id).by(by.id()).org(org.id).with(json!({ "kind": org.kind }))).await?;
    tx.commit().await?;
    Ok(org)
}
