//! A new campaign: a name and a brand label are enough for a draft.

use entity::{
    campaign,
    enums::{CampaignState, RecruitMode},
    json::{AudienceTarget, KpiTargets, NetworkFormats},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::rules::{self, Typed};
use crate::{app::App, auth::actors::Manager, error::Result, events::Event, organisations};

/// Opens a draft.
pub async fn create(app: &App, by: &Manager<'_>, mut input: Typed) -> Result<campaign::Model> {
    // Without a name it would be read as "stays as it is".
    input.name.get_or_insert_default();
    let tx = app.begin().await?;
    let brands = organisations::queries::brands(tx.db(), by).await?;
    let blank = campaign::Model {
        id: tx.id(),
        org_id: by.org(),
        brand_id: entity::ids::BrandId::from(uuid::Uuid::nil()),
        name: String::new(),
        name_key: String::new(),
        goal: None,
        kpis: KpiTargets::default(),
        budget_minor: None,
        currency: by.organization().currency.clone(),
        starts_on: None,
        ends_on: None,
        target: AudienceTarget::default(),
        formats: NetworkFormats::default(),
        recruit_mode: RecruitMode::Invite,
        state: CampaignState::Draft,
        paused_from: None,
        created_by: by.user_id(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    let row = rules::with_brand(rules::read(&input, blank), input.brand.as_deref().unwrap_or_default(), &brands)?;
    let row = row.into_active_model().reset_all().insert(tx.db()).await?;
    tx.record(Event::new("campaign.created", row.id).org(row.org_id).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(row)
}
