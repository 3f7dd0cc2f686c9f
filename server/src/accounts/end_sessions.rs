//! Sessions end: one's own by signing out, another by name, all others at once.

use entity::{ids::SessionId, session};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    app::App,
    auth::{actors::Person, sessions},
    error::{Error, Result},
    events::Event,
};

/// Ends the session that asks.
pub async fn sign_out(app: &App, by: &Person) -> Result<()> {
    let Some(id) = by.session() else { return Err(Error::Forbidden("accounts.forbidden.session_only")) };
    end_session(app, by, id).await
}

/// Ends one of the person's sessions.
pub async fn end_session(app: &App, by: &Person, id: SessionId) -> Result<()> {
    let tx = app.begin().await?;
    let found = session::Entity::find_by_id(id).filter(session::Column::UserId.eq(by.id())).one(tx.db()).await?;
    if found.is_none() {
        return Err(Error::NotFound);
    }
    sessions::end(tx.db(), id).await?;
    tx.record(Event::new("session.ended", id).by(by.id())).await?;
    tx.commit().await
}

/// Ends all of the person's sessions but the one that asks; gives how many.
pub async fn end_other_sessions(app: &App, by: &Person) -> Result<u64> {
    let tx = app.begin().await?;
    let ended = sessions::end_others(tx.db(), by.id(), by.session()).await?;
    tx.record(Event::new("session.others_ended", by.id()).by(by.id())).await?;
    tx.commit().await?;
    Ok(ended)
}
