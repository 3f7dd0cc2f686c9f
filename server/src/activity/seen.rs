//! Somebody has looked: what happened so far calls for nothing more.

use entity::activity_mark;
use sea_orm::{EntityTrait, Set, sea_query::OnConflict};

use super::queries::Eyes;
use crate::{
    app::App,
    error::Result,
    events::{self, Place},
};

/// Moves the mark to the newest event that could be read; never back.
pub async fn seen(app: &App, eyes: Eyes) -> Result<()> {
    let tx = app.begin().await?;
    let place = events::newest(tx.db()).await?;
    if super::queries::mark(tx.db(), eyes).await? < place {
        write(&tx, eyes, place).await?;
    }
    tx.commit().await
}

async fn write(tx: &crate::tx::Tx, eyes: Eyes, place: Place) -> Result<()> {
    let (xid, seq) = place.parts();
    let row = activity_mark::ActiveModel {
        user_id: Set(eyes.user()),
        actor: Set(eyes.actor()),
        xid: Set(xid),
        seq: Set(seq),
        seen_at: Set(tx.now),
    };
    let mut conflict = OnConflict::columns([activity_mark::Column::UserId, activity_mark::Column::Actor]);
    conflict.update_columns([activity_mark::Column::Xid, activity_mark::Column::Seq, activity_mark::Column::SeenAt]);
    activity_mark::Entity::insert(row).on_conflict(conflict).exec_without_returning(tx.db()).await?;
    Ok(())
}
