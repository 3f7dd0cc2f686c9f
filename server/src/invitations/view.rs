//! The link of an invitation is opened. Mail programs open links too, so this decides nothing (settled 10).

use entity::invitation;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{Answer, queries};
use crate::{app::App, error::Result};

/// The invitation behind a token, whatever its state; notes the first view.
pub async fn view(app: &App, token: &str) -> Result<invitation::Model> {
    let found = queries::by_answer(app, &Answer::Token(token.to_owned())).await?;
    if found.viewed_at.is_some() {
        return Ok(found);
    }
    let mut row = found.into_active_model();
    row.viewed_at = Set(Some(app.clock.now()));
    Ok(row.update(app.db()).await?)
}
