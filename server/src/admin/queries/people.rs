//! Everybody who can sign in, as admins see them: never a password, a session's token or a mail's text.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    api_token, creator,
    enums::{MembershipStatus, Role, UserStatus},
    ids::{CreatorId, OrgId, UserId},
    membership, organization, session, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    auth::actors::Admin,
    base::{
        paging::{Page, Slice},
        text::contains,
    },
    error::{Error, Result},
};

/// What a person is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "UserKind")]
pub enum Kind {
    /// A registered creator
    Creator,
    /// A member of a brand or agency
    Member,
    /// A platform admin
    Admin,
    /// None of these yet
    Nothing,
}

impl Kind {
    /// All, in the order of the filter.
    pub const ALL: [Self; 4] = [Self::Creator, Self::Member, Self::Admin, Self::Nothing];

    /// As addresses and message keys write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Nothing => "nothing",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Which people; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the address.
    pub text: String,
    /// Whether they may sign in.
    pub status: Option<UserStatus>,
    /// What they are.
    pub kind: Option<Kind>,
}

fn matching(filter: &Filter) -> Condition {
    let mut all = Condition::all();
    let text = filter.text.trim().to_lowercase();
    if !text.is_empty() {
        all = all.add(
            Condition::any()
                .add(Expr::col(user::Column::EmailKey).like(contains(&text)))
                .add(Expr::expr(Func::lower(Expr::col(user::Column::Name))).like(contains(&text))),
        );
    }
    if let Some(status) = filter.status {
        all = all.add(user::Column::Status.eq(status));
    }
    let creators =
        || creator::Entity::find().select_only().column(creator::Column::UserId).filter(creator::Column::UserId.is_not_null()).into_query();
    let members = || {
        let active = membership::Entity::find().filter(membership::Column::Status.eq(MembershipStatus::Active));
        active.select_only().column(membership::Column::UserId).into_query()
    };
    match filter.kind {
        None => all,
        Some(Kind::Creator) => all.add(user::Column::Id.in_subquery(creators())),
        Some(Kind::Member) => all.add(user::Column::Id.in_subquery(members())),
        Some(Kind::Admin) => all.add(user::Column::PlatformAdmin.eq(true)),
        Some(Kind::Nothing) => all
            .add(user::Column::PlatformAdmin.eq(false))
            .add(user::Column::Id.not_in_subquery(creators()))
            .add(user::Column::Id.not_in_subquery(members())),
    }
}

/// People, the newest first.
pub async fn list(db: &impl ConnectionTrait, _: &Admin, filter: &Filter, slice: Slice) -> Result<Page<user::Model>> {
    slice.newest(db, user::Entity::find().filter(matching(filter)), user::Column::Id, |row| row.id).await
}

/// Somebody.
pub async fn one(db: &impl ConnectionTrait, _: &Admin, id: UserId) -> Result<user::Model> {
    user::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Everybody.
pub fn all(_: &Admin) -> Select<user::Entity> {
    user::Entity::find()
}

/// What hangs on people.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// When a browser of theirs was last seen; those who are signed out everywhere are missing.
    pub seen: HashMap<UserId, DateTime<Utc>>,
    /// The creator that they are.
    pub creators: HashMap<UserId, (CreatorId, String)>,
    /// Where they are members: organisation, its name, their role.
    pub places: HashMap<UserId, Vec<(OrgId, String, Role)>>,
}

/// Reads it for people whom an admin has found: four statements, however many there are.
pub async fn attached(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Attached> {
    let seen: Vec<(UserId, DateTime<Utc>)> = session::Entity::find()
        .select_only()
        .column(session::Column::UserId)
        .column_as(session::Column::LastSeenAt.max(), "seen")
        .filter(session::Column::UserId.is_in(ids.iter().copied()))
        .group_by(session::Column::UserId)
        .into_tuple()
        .all(db)
        .await?;
    let creators = creator::Entity::find().filter(creator::Column::UserId.is_in(ids.iter().copied())).all(db).await?;
    let memberships = membership::Entity::find()
        .filter(membership::Column::UserId.is_in(ids.iter().copied()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .order_by_asc(membership::Column::Id)
        .all(db)
        .await?;
    let orgs = organization::Entity::find().filter(organization::Column::Id.is_in(memberships.iter().map(|m| m.org_id))).all(db).await?;
    let names: HashMap<OrgId, String> = orgs.into_iter().map(|o| (o.id, o.name)).collect();
    let mut places: HashMap<UserId, Vec<_>> = HashMap::new();
    for place in memberships {
        let name = names.get(&place.org_id).cloned().unwrap_or_default();
        places.entry(place.user_id).or_default().push((place.org_id, name, place.role));
    }
    Ok(Attached {
        seen: seen.into_iter().collect(),
        creators: creators.into_iter().filter_map(|c| Some((c.user_id?, (c.id, c.display_name)))).collect(),
        places,
    })
}

/// How many browsers are signed in, and how many API tokens work.
pub async fn keys(db: &impl ConnectionTrait, _: &Admin, id: UserId, now: DateTime<Utc>) -> Result<(u64, u64)> {
    let sessions =
        session::Entity::find().filter(session::Column::UserId.eq(id)).filter(session::Column::ExpiresAt.gt(now)).count(db).await?;
    let tokens = api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(id))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now))
        .count(db)
        .await?;
    Ok((sessions, tokens))
}
