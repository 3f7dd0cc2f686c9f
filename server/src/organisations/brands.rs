//! The labels under which an organisation campaigns.

use entity::{brand, ids::BrandId, json::Words};
use sea_orm::{ActiveModelTrait, IntoActiveModel, ModelTrait, Set};

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Manager,
    base::text,
    error::{Check, Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::taken,
};

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct BrandInput {
    /// The name that creators read; one of a kind in its organisation.
    pub name: String,
    /// Its hashtags, separated by blanks or commas; absent = as they are.
    pub hashtags: Option<String>,
}

fn read(input: &BrandInput) -> Result<(String, Option<Vec<String>>)> {
    let mut check = Check::default();
    let name = check.take("name", text::line(&input.name, 80));
    let tags = check.take("hashtags", input.hashtags.as_deref().map(rules::hashtags).transpose());
    check.all((name, tags))
}

fn name_taken() -> Error {
    Problem::new("name", Wrong::new(Code::Taken, "organisations.problem.brand_taken")).into()
}

/// A further label.
pub async fn add_brand(app: &App, by: &Manager<'_>, input: BrandInput) -> Result<brand::Model> {
    let (name, tags) = read(&input)?;
    let tx = app.begin().await?;
    queries::hold(&tx, by.org()).await?;
    if queries::brands(tx.db(), by).await?.len() as u64 >= rules::MOST_BRANDS {
        return Err(Problem::new("", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", rules::MOST_BRANDS)).into());
    }
    let row = brand::ActiveModel {
        id: Set(tx.id::<BrandId>()),
        org_id: Set(by.org()),
        name: Set(name),
        hashtags: Set(Words(tags.unwrap_or_default())),
        created_at: Set(tx.now),
    };
    let row = taken(row.insert(tx.db()).await, name_taken)?;
    tx.record(Event::new("brand.added", row.id).by(by.user_id()).org(by.org())).await?;
    tx.commit().await?;
    Ok(row)
}

/// Another name, other hashtags.
pub async fn rename_brand(app: &App, by: &Manager<'_>, id: BrandId, input: BrandInput) -> Result<brand::Model> {
    let (name, tags) = read(&input)?;
    let tx = app.begin().await?;
    let mut row = queries::brand_for_update(&tx, by, id).await?.into_active_model();
    row.name = Set(name);
    if let Some(tags) = tags {
        row.hashtags = Set(Words(tags));
    }
    let row = taken(row.update(tx.db()).await, name_taken)?;
    tx.record(Event::new("brand.renamed", row.id).by(by.user_id()).org(by.org())).await?;
    tx.commit().await?;
    Ok(row)
}

/// Removes a label that no campaign uses. The last one stays, since a campaign needs one.
pub async fn remove_brand(app: &App, by: &Manager<'_>, id: BrandId) -> Result<()> {
    let tx = app.begin().await?;
    queries::hold(&tx, by.org()).await?;
    let row = queries::brand_for_update(&tx, by, id).await?;
    if queries::campaigns_under(&tx, id).await? > 0 {
        return Err(Problem::whole(Code::WrongState, "organisations.problem.brand_used").into());
    }
    if queries::brands(tx.db(), by).await?.len() < 2 {
        return Err(Problem::whole(Code::WrongState, "organisations.problem.brand_last").into());
    }
    row.delete(tx.db()).await?;
    tx.record(Event::new("brand.removed", id).by(by.user_id()).org(by.org())).await?;
    tx.commit().await
}
