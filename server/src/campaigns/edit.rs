//! A campaign's figures change. What creators were asked with cannot be taken away again.

use entity::{campaign, ids::CampaignId};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{
    app::App,
    auth::actors::Manager,
    error::{Code, Problem, Result},
    events::Event,
    organisations,
};

/// Changes what was given; what is absent stays.
pub async fn edit(app: &App, by: &Manager<'_>, id: CampaignId, input: Typed) -> Result<campaign::Model> {
    let tx = app.begin().await?;
    let found = queries::one_for_update(&tx, by, id).await?;
    if !rules::may_edit(found.state) {
        return Err(Problem::whole(Code::WrongState, "campaigns.problem.closed").into());
    }
    let mut row = rules::read(&input, found);
    if let Some(brand) = input.brand.as_deref() {
        row = rules::with_brand(row, brand, &organisations::queries::brands(tx.db(), by).await?);
    }
    let row = campaign::Model { updated_at: tx.now, ..row? };
    rules::keeps_what_it_needs(&row)?;
    let row = row.into_active_model().reset_all().update(tx.db()).await?;
    tx.record(Event::new("campaign.edited", id).org(row.org_id).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(row)
}
