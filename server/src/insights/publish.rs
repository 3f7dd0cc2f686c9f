//! A creator shows their score to everybody, or no longer does. Nothing is public before they choose so.

use entity::{network_account, score_page};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result, Wrong},
    events::Event,
    tx::{Tx, taken},
};

/// What the page is to be.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its place in the address; empty = as it was, else made from the largest account's handle.
    pub slug: String,
    /// Whether it also shows who the audience is.
    pub with_audience: bool,
}

async fn own(tx: &Tx, by: &Creator) -> Result<Option<score_page::Model>> {
    Ok(score_page::Entity::find().filter(score_page::Column::CreatorId.eq(by.id())).lock(LockType::Update).one(tx.db()).await?)
}

/// An address that nobody has: of the handle, else of the creator's id.
async fn proposed(tx: &Tx, by: &Creator) -> Result<String> {
    let accounts = network_account::Entity::find().filter(network_account::Column::CreatorId.eq(by.id())).all(tx.db()).await?;
    let largest = accounts.into_iter().max_by_key(|account| account.followers);
    let wish = largest.map(|account| rules::proposed_slug(&account.handle)).unwrap_or_default();
    let free = wish.len() >= 3 && queries::page_by_slug(tx.db(), &wish).await?.is_none();
    Ok(if free { wish } else { format!("c-{}", &by.id().0.simple().to_string()[20..]) })
}

/// Makes the page public, or changes it.
pub async fn publish(app: &App, by: &Creator, page: Page) -> Result<score_page::Model> {
    let tx = app.begin().await?;
    let scored = queries::rows_of(tx.db(), &[by.id()]).await?.iter().any(|row| row.score.is_some());
    if !scored {
        return Err(Problem::whole(Code::WrongState, "insights.problem.no_score").into());
    }
    let before = own(&tx, by).await?;
    let slug = match (page.slug.trim(), &before) {
        ("", Some(before)) => before.slug.clone(),
        ("", None) => proposed(&tx, by).await?,
        (wish, _) => rules::slug(wish)?,
    };
    let held = || Problem::new("slug", Wrong::new(Code::Taken, "insights.problem.slug_taken")).into();
    let after = match before {
        Some(before) => {
            let published_at = before.published_at.unwrap_or(tx.now);
            let mut row = before.into_active_model();
            row.slug = Set(slug);
            row.with_audience = Set(page.with_audience);
            row.published_at = Set(Some(published_at));
            taken(row.update(tx.db()).await, held)?
        }
        None => {
            let row = score_page::Model {
                id: tx.id(),
                creator_id: by.id(),
                slug,
                with_audience: page.with_audience,
                published_at: Some(tx.now),
                created_at: tx.now,
            };
            taken(row.into_active_model().reset_all().insert(tx.db()).await, held)?
        }
    };
    tx.record(Event::new("score.published", after.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(after)
}

/// Takes it back: whoever has the address finds nothing there any more.
pub async fn unpublish(app: &App, by: &Creator) -> Result<score_page::Model> {
    let tx = app.begin().await?;
    let Some(before) = own(&tx, by).await?.filter(|page| page.published_at.is_some()) else {
        return Err(Problem::whole(Code::AlreadyDone, "insights.problem.not_public").into());
    };
    let mut row = before.into_active_model();
    row.published_at = Set(None);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("score.unpublished", after.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await?;
    Ok(after)
}
