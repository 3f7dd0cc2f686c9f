//! Past collaborations that a creator shows (K33): add, change, delete, bring back within a day.

use chrono::Duration;
use entity::{ids::PortfolioItemId, portfolio_item};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    queries,
    rules::{self, TypedItem},
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// Adds one.
pub async fn add_item(app: &App, by: &Creator, typed: &TypedItem) -> Result<portfolio_item::Model> {
    let tx = app.begin().await?;
    let read = rules::past_work(typed, tx.now.date_naive())?;
    room(&tx, by).await?;
    let item = portfolio_item::ActiveModel {
        id: Set(tx.id()),
        creator_id: Set(by.id()),
        brand_name: Set(read.brand_name),
        title: Set(read.title),
        url: Set(read.url),
        published_on: Set(read.published_on),
        note: Set(read.note),
        deleted_at: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    done(tx, by, "portfolio_item.added", &item).await?;
    Ok(item)
}

/// Changes one.
pub async fn edit_item(app: &App, by: &Creator, id: PortfolioItemId, typed: &TypedItem) -> Result<portfolio_item::Model> {
    let tx = app.begin().await?;
    let item = queries::item_for_update(&tx, by, id).await?;
    live(&item)?;
    let read = rules::past_work(typed, tx.now.date_naive())?;
    let mut row = item.into_active_model();
    row.brand_name = Set(read.brand_name);
    row.title = Set(read.title);
    row.url = Set(read.url);
    row.published_on = Set(read.published_on);
    row.note = Set(read.note);
    let item = row.update(tx.db()).await?;
    done(tx, by, "portfolio_item.edited", &item).await?;
    Ok(item)
}

/// Deletes one; for a day it can be brought back.
pub async fn delete_item(app: &App, by: &Creator, id: PortfolioItemId) -> Result<portfolio_item::Model> {
    let tx = app.begin().await?;
    let item = queries::item_for_update(&tx, by, id).await?;
    live(&item)?;
    let mut row = item.into_active_model();
    row.deleted_at = Set(Some(tx.now));
    let item = row.update(tx.db()).await?;
    done(tx, by, "portfolio_item.deleted", &item).await?;
    Ok(item)
}

/// Brings one back.
pub async fn restore_item(app: &App, by: &Creator, id: PortfolioItemId) -> Result<portfolio_item::Model> {
    let tx = app.begin().await?;
    let item = queries::item_for_update(&tx, by, id).await?;
    match item.deleted_at {
        None => return Err(Problem::whole(Code::AlreadyDone, "creators.problem.not_deleted").into()),
        Some(at) if tx.now - at >= Duration::hours(rules::UNDO_HOURS) => {
            return Err(Problem::whole(Code::Expired, "creators.problem.undo_over").into());
        }
        Some(_) => {}
    }
    room(&tx, by).await?;
    let mut row = item.into_active_model();
    row.deleted_at = Set(None);
    let item = row.update(tx.db()).await?;
    done(tx, by, "portfolio_item.restored", &item).await?;
    Ok(item)
}

fn live(item: &portfolio_item::Model) -> Result<()> {
    match item.deleted_at {
        None => Ok(()),
        Some(_) => Err(Problem::whole(Code::WrongState, "creators.problem.deleted").into()),
    }
}

async fn room(tx: &Tx, by: &Creator) -> Result<()> {
    // The profile's row is the lock: two adds at once count one after the other.
    queries::own_for_update(tx, by).await?;
    if queries::portfolio(tx.db(), by.id()).await?.len() < rules::PORTFOLIO {
        Ok(())
    } else {
        Err(Problem::new("", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", rules::PORTFOLIO)).into())
    }
}

async fn done(tx: Tx, by: &Creator, kind: &'static str, item: &portfolio_item::Model) -> Result<()> {
    tx.record(Event::new(kind, item.id).by(by.user_id()).creator(by.id())).await?;
    tx.commit().await
}
