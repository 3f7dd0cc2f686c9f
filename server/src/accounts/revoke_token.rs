//! An API token stops working.

use entity::{api_token, ids::ApiTokenId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use crate::{
    app::App,
    auth::actors::Person,
    error::{Error, Result},
    events::Event,
};

/// Revokes one of the person's own tokens; twice is once.
pub async fn revoke_token(app: &App, by: &Person, id: ApiTokenId) -> Result<api_token::Model> {
    let tx = app.begin().await?;
    let found = api_token::Entity::find_by_id(id).filter(api_token::Column::UserId.eq(by.id())).one(tx.db()).await?;
    let Some(found) = found else { return Err(Error::NotFound) };
    if found.revoked_at.is_some() {
        return Ok(found);
    }
    let mut row = found.into_active_model();
    row.revoked_at = Set(Some(tx.now));
    let row = row.update(tx.db()).await?;
    tx.record(Event::new("api_token.revoked", id).by(by.id())).await?;
    tx.commit().await?;
    Ok(row)
}
