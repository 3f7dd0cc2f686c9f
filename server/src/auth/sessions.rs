//! Signed-in browsers: a random token in a cookie, its hash in a row, so that a session can be ended at the server (B25).

use actix_web::cookie::{Cookie, SameSite, time::OffsetDateTime};
use chrono::{DateTime, Duration, Utc};
use entity::{
    api_token,
    enums::MembershipStatus,
    ids::{SessionId, UserId},
    membership, organization, session, user,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, JoinType, QueryFilter, QuerySelect,
    QueryTrait, Set,
    sea_query::{Expr, ExprTrait, IntoCondition},
};

use super::{
    actors::{Bearer, Person, Via},
    tokens::{self, Token},
};
use crate::{app::App, base::joined::Also, config::Config, error::Result, tx::Tx};

/// How stale `last_seen_at` may be, so that not every request writes.
const TOUCH: Duration = Duration::minutes(5);

/// What a browser says about itself.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Its User-Agent, cut.
    pub user_agent: String,
    /// Where the request came from.
    pub ip: String,
}

/// Opens a session in the transaction of whatever proved the person.
pub async fn open(tx: &Tx, user: UserId, device: &Device) -> Result<(SessionId, Token)> {
    let token = Token::new("");
    let id = tx.id();
    session::ActiveModel {
        id: Set(id),
        user_id: Set(user),
        token_hash: Set(token.hash()),
        user_agent: Set(device.user_agent.chars().take(200).collect()),
        ip: Set(device.ip.clone()),
        created_at: Set(tx.now),
        last_seen_at: Set(tx.now),
        expires_at: Set(tx.now + Duration::days(tx.app().config.auth.absolute_days)),
        proven_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    Ok((id, token))
}

/// Ends a session; its sockets notice at their next check.
pub async fn end(db: &impl ConnectionTrait, id: SessionId) -> Result<()> {
    session::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Ends all of a person's sessions but one.
pub async fn end_others(db: &impl ConnectionTrait, user: UserId, keep: Option<SessionId>) -> Result<u64> {
    let mut query = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
    if let Some(keep) = keep {
        query = query.filter(session::Column::Id.ne(keep));
    }
    Ok(query.exec(db).await?.rows_affected)
}

fn alive(config: &Config, row: &session::Model, now: DateTime<Utc>) -> bool {
    now < row.expires_at && now - row.last_seen_at < Duration::hours(config.auth.idle_hours)
}

/// Whose session this cookie is.
pub async fn person(app: &App, cookie: &str) -> Result<Option<Person>> {
    let now = app.clock.now();
    let owner = session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id);
    let query = session::Entity::find().join(JoinType::InnerJoin, owner.into()).also::<user::Entity>("user_");
    let query = query.filter(session::Column::TokenHash.eq(tokens::hash(cookie)));
    let Some(found) = app.db().query_one(&query.into_query()).await? else { return Ok(None) };
    let (row, user) = (session::Model::from_query_result(&found, "")?, user::Model::from_query_result(&found, "user_")?);
    if !alive(&app.config, &row, now) {
        return Ok(None);
    }
    let via = Via::Session(row.id, row.proven_at);
    if now - row.last_seen_at > TOUCH {
        let mut touched = row.into_active_model();
        touched.last_seen_at = Set(now);
        // Another request may just have ended it; then there is nothing to touch.
        if touched.update(app.db()).await.is_err() {
            return Ok(None);
        }
    }
    Ok(Person::new(&app.config, user, via))
}

/// Whose API token this is, and what it was made for. Every call of the API begins here: one statement, the place in the organisation too.
pub async fn by_token(app: &App, token: &str) -> Result<Option<Bearer>> {
    let now = app.clock.now();
    let owner = api_token::Entity::belongs_to(user::Entity).from(api_token::Column::UserId).to(user::Column::Id);
    let org = api_token::Entity::belongs_to(organization::Entity).from(api_token::Column::OrgId).to(organization::Column::Id);
    let place = api_token::Entity::belongs_to(membership::Entity).from(api_token::Column::OrgId).to(membership::Column::OrgId);
    let place = place.on_condition(|token, place| {
        let active = Expr::col((place.clone(), membership::Column::Status)).eq(MembershipStatus::Active);
        let own = Expr::col((place, membership::Column::UserId)).equals((token, api_token::Column::UserId));
        active.and(own).into_condition()
    });
    let query = api_token::Entity::find()
        .join(JoinType::InnerJoin, owner.into())
        .join(JoinType::LeftJoin, org.into())
        .join(JoinType::LeftJoin, place.into())
        .also::<user::Entity>("user_")
        .also::<organization::Entity>("org_")
        .also::<membership::Entity>("place_")
        .filter(api_token::Column::TokenHash.eq(tokens::hash(token)));
    let Some(found) = app.db().query_one(&query.into_query()).await? else { return Ok(None) };
    let row = api_token::Model::from_query_result(&found, "")?;
    if row.revoked_at.is_some() || now >= row.expires_at {
        return Ok(None);
    }
    let user = user::Model::from_query_result(&found, "user_")?;
    let seat = Option::<organization::Model>::from_query_result(&found, "org_")?
        .zip(Option::<membership::Model>::from_query_result(&found, "place_")?);
    let (hat, org) = (row.hat, row.org_id);
    let via = Via::Token(row.id, row.scopes.0.iter().any(|s| s == "write"));
    if row.last_used_at.is_none_or(|at| now - at > TOUCH) {
        let mut touched = row.into_active_model();
        touched.last_used_at = Set(Some(now));
        touched.update(app.db()).await?;
    }
    Ok(Person::new(&app.config, user, via).map(|person| Bearer { person, hat, org, seat }))
}

/// The caller as they are now, if what they proved still holds; sockets ask before each operation and from time to time.
pub async fn still(app: &App, person: &Person) -> Result<Option<Person>> {
    let now = app.clock.now();
    let user = user::Entity::find_by_id(person.id()).one(app.db()).await?;
    let holds = match person.via() {
        Via::Session(id, _) => session::Entity::find_by_id(id).one(app.db()).await?.is_some_and(|row| alive(&app.config, &row, now)),
        Via::Token(id, _) => {
            api_token::Entity::find_by_id(id).one(app.db()).await?.is_some_and(|row| row.revoked_at.is_none() && now < row.expires_at)
        }
    };
    Ok(user.filter(|_| holds).and_then(|user| Person::new(&app.config, user, person.via())))
}

/// The cookie's name; browsers let nobody else set one that begins with `__Host-`.
pub fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-hibiki" } else { "hibiki" }
}

/// The cookie that carries a session.
pub fn cookie(config: &Config, token: &Token, until: DateTime<Utc>) -> Cookie<'static> {
    let until = OffsetDateTime::from_unix_timestamp(until.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Cookie::build(cookie_name(config), token.reveal().to_owned())
        .path("/")
        .http_only(true)
        .secure(config.secure())
        .same_site(SameSite::Lax)
        .expires(until)
        .finish()
}

/// The cookie that takes it back.
pub fn no_cookie(config: &Config) -> Cookie<'static> {
    let mut cookie =
        Cookie::build(cookie_name(config), "").path("/").http_only(true).secure(config.secure()).same_site(SameSite::Lax).finish();
    cookie.make_removal();
    cookie
}
