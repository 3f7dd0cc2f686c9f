//! A creator changes their profile (K30–K32, K37).

use entity::creator;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{app::App, auth::actors::Creator, base::text, error::Result, events::Event};

/// Changes what was typed; the rest stays.
pub async fn edit(app: &App, by: &Creator, typed: Typed) -> Result<creator::Model> {
    let tx = app.begin().await?;
    let before = queries::own_for_update(&tx, by).await?;
    let read = rules::profile(&before, typed)?;
    let mut row = before.into_active_model();
    row.name_key = Set(text::search_key(&read.display_name));
    row.display_name = Set(read.display_name);
    row.kana = Set(read.kana);
    row.intro_en = Set(read.intro_en);
    row.intro_ja = Set(read.intro_ja);
    row.main_category = Set(read.main_category);
    row.skills = Set(read.skills);
    row.kind = Set(read.kind);
    row.country = Set(read.country);
    row.prefecture = Set(read.prefecture);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("creator.edited", after.id).by(by.user_id()).creator(after.id)).await?;
    tx.commit().await?;
    Ok(after)
}
