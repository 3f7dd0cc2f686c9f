//! A new draft like an old campaign: with its figures and the newest text of its brief, without its dates and its creators.

use entity::{
    brief, campaign,
    enums::{BriefState, CampaignState},
    ids::CampaignId,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::queries;
use crate::{
    app::App,
    auth::actors::Manager,
    base::{lang::Lang, text},
    error::Result,
    events::Event,
};

/// Opens a draft after a campaign in any state.
pub async fn copy(app: &App, by: &Manager<'_>, id: CampaignId) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let from = queries::one(tx.db(), by, id).await?;
    let name: String = by.person().locale().t("campaigns.copy_of").with("name", &from.name).into();
    let name: String = name.chars().take(80).collect();
    let row = campaign::Model {
        id: tx.id(),
        name_key: text::search_key(&name),
        name,
        starts_on: None,
        ends_on: None,
        state: CampaignState::Draft,
        paused_from: None,
        created_by: by.user_id(),
        created_at: tx.now,
        updated_at: tx.now,
        ..from
    };
    let row = row.into_active_model().reset_all().insert(tx.db()).await?;
    if let Some(text) = queries::newest_brief(tx.db(), id).await? {
        let draft = brief::Model {
            id: tx.id(),
            campaign_id: row.id,
            version: 1,
            state: BriefState::Draft,
            worsens: false,
            starts_on: None,
            ends_on: None,
            published_at: None,
            created_at: tx.now,
            updated_at: tx.now,
            ..text
        };
        draft.into_active_model().reset_all().insert(tx.db()).await?;
    }
    let data = serde_json::json!({ "from": id });
    tx.record(Event::new("campaign.created", row.id).org(row.org_id).by(by.user_id()).with(data)).await?;
    tx.commit().await?;
    Ok(row)
}
