//! Reads of accounts. A person sees their own; only sign-in and sign-up look anybody up by address.

use entity::{api_token, enums::LinkPurpose, ids::UserId, link_token, session, user};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Set, sea_query::LockType,
};

use crate::{
    app::App,
    auth::{actors::Person, tokens},
    error::{Code, Error, Problem, Result},
    tx::Tx,
};

/// The person of a folded address.
pub async fn by_email(db: &impl ConnectionTrait, key: &str) -> Result<Option<user::Model>> {
    Ok(user::Entity::find().filter(user::Column::EmailKey.eq(key)).one(db).await?)
}

/// The person's sessions, the latest first.
pub async fn sessions(db: &impl ConnectionTrait, by: &Person) -> Result<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::UserId.eq(by.id()))
        .order_by_desc(session::Column::LastSeenAt)
        .limit(100)
        .all(db)
        .await?)
}

/// Whether the person is signed in from this place.
pub(super) async fn signed_in_from(db: &impl ConnectionTrait, user: UserId, ip: &str) -> Result<bool> {
    let here = session::Entity::find().filter(session::Column::UserId.eq(user)).filter(session::Column::Ip.eq(ip));
    Ok(here.count(db).await? > 0)
}

/// The person's API tokens, the newest first.
pub async fn tokens(db: &impl ConnectionTrait, by: &Person) -> Result<Vec<api_token::Model>> {
    Ok(own_tokens(by).order_by_desc(api_token::Column::Id).limit(200).all(db).await?)
}

/// All of the person's API tokens.
pub(super) fn own_tokens(by: &Person) -> Select<api_token::Entity> {
    api_token::Entity::find().filter(api_token::Column::UserId.eq(by.id()))
}

/// The link of a token, if it may still be used. A GET asks this and changes nothing (B21).
pub async fn link(app: &App, purpose: LinkPurpose, token: &str) -> Result<link_token::Model> {
    let found = link_token::Entity::find()
        .filter(link_token::Column::TokenHash.eq(tokens::hash(token)))
        .filter(link_token::Column::Purpose.eq(purpose))
        .one(app.db())
        .await?;
    usable(found, app.clock.now())
}

/// Takes a link in; a second time it is refused.
pub(super) async fn spend_link(tx: &Tx, purpose: LinkPurpose, token: &str) -> Result<link_token::Model> {
    let found = link_token::Entity::find()
        .filter(link_token::Column::TokenHash.eq(tokens::hash(token)))
        .filter(link_token::Column::Purpose.eq(purpose))
        .lock(LockType::Update)
        .one(tx.db())
        .await?;
    let link = usable(found, tx.now)?;
    let mut row = link.clone().into_active_model();
    row.used_at = Set(Some(tx.now));
    // The data of a sign-up holds a password hash: gone once it has served.
    row.data = Set(serde_json::json!({}));
    row.update(tx.db()).await?;
    Ok(link)
}

fn usable(found: Option<link_token::Model>, now: chrono::DateTime<chrono::Utc>) -> Result<link_token::Model> {
    match found {
        None => Err(Error::NotFound),
        Some(link) if link.used_at.is_some() => Err(Problem::whole(Code::AlreadyDone, "accounts.problem.link_used").into()),
        Some(link) if link.expires_at <= now => Err(Problem::whole(Code::Expired, "accounts.problem.link_expired").into()),
        Some(link) => Ok(link),
    }
}
