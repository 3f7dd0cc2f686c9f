//! Sessions end: one's own by signing out, another by name, all others at once. And everything else by which somebody could come in.

use entity::{
    api_token,
    ids::{SessionId, UserId},
    link_token, session,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{
    app::App,
    auth::{
        actors::{Person, Via},
        sessions,
    },
    error::{Error, Result},
    events::Event,
    tx::Tx,
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

/// Ends every session, API token and unspent link of a person but what `keep` names; gives how many sessions and tokens. Whoever has
/// learnt the password may have made any of them.
pub(super) async fn end_everything_in(tx: &Tx, user: UserId, keep: Option<Via>) -> Result<(u64, u64)> {
    let (session, token) = match keep {
        Some(Via::Session(id, _)) => (Some(id), None),
        Some(Via::Token(id, _)) => (None, Some(id)),
        None => (None, None),
    };
    let sessions = sessions::end_others(tx.db(), user, session).await?;
    let mut tokens = api_token::Entity::update_many()
        .set(api_token::ActiveModel { revoked_at: Set(Some(tx.now)), ..Default::default() })
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null());
    if let Some(token) = token {
        tokens = tokens.filter(api_token::Column::Id.ne(token));
    }
    let tokens = tokens.exec(tx.db()).await?.rows_affected;
    end_links_in(tx, user).await?;
    Ok((sessions, tokens))
}

/// Ends the unspent links of a person: to a new password, to a new address.
pub(super) async fn end_links_in(tx: &Tx, user: UserId) -> Result<()> {
    link_token::Entity::delete_many()
        .filter(link_token::Column::UserId.eq(user))
        .filter(link_token::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}
