//! Actors are proofs: only this room makes them, from a session or a token. Their fields are private, so no face can forge one.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::{
    creator, delegation,
    enums::{DelegationState, Hat, Locale, MembershipStatus, OrgKind, Role, UserStatus},
    ids::{ApiTokenId, CreatorId, OrgId, SessionId, UserId},
    membership, organization, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoCondition},
};

use crate::{
    base::joined::Also,
    config::Config,
    error::{Error, Result},
};

/// Why a role is shut to somebody who has no second factor; the portal leads to where it is set up.
pub const NEEDS_SECOND_FACTOR: &str = "auth.forbidden.second_factor";

/// How the caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A signed-in browser; the instant is when the password was last given.
    Session(SessionId, DateTime<Utc>),
    /// A personal API token, and whether it may change things.
    Token(ApiTokenId, bool),
}

/// Anybody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    user: Arc<user::Model>,
    via: Via,
    /// Whether the roles that need a second factor are open to them.
    cleared: bool,
}

impl Person {
    pub(super) fn new(config: &Config, user: user::Model, via: Via) -> Option<Self> {
        let cleared = user.second_factor || !config.auth.second_factor_required;
        (user.status == UserStatus::Active).then(|| Self { user: user.into(), via, cleared })
    }

    /// The person of a row, for what the worker writes to them: it proves nothing, and may do nothing.
    pub fn of_row(config: &Config, user: user::Model) -> Option<Self> {
        let nobody = SessionId::from(uuid::Uuid::nil());
        Self::new(config, user, Via::Session(nobody, DateTime::UNIX_EPOCH))
    }

    /// Whether the roles that need a second factor are open to the person (B22).
    pub fn cleared(&self) -> bool {
        self.cleared
    }

    /// Who.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The row.
    pub fn user(&self) -> &user::Model {
        &self.user
    }

    /// The language that the person reads.
    pub fn locale(&self) -> Locale {
        self.user.locale
    }

    /// The zone that times are shown in.
    pub fn zone(&self) -> Tz {
        self.user.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// How they proved it.
    pub fn via(&self) -> Via {
        self.via
    }

    /// The session, if it is one.
    pub fn session(&self) -> Option<SessionId> {
        match self.via {
            Via::Session(id, _) => Some(id),
            Via::Token(..) => None,
        }
    }

    /// Whether the password was given so lately that heavy acts are allowed (B26). A token never counts as that.
    pub fn proven(&self, now: DateTime<Utc>, minutes: i64) -> bool {
        matches!(self.via, Via::Session(_, at) if now - at <= Duration::minutes(minutes))
    }
}

/// A person as the creator that they are.
#[derive(Clone, Debug)]
pub struct Creator {
    person: Person,
    creator: Arc<creator::Model>,
}

impl Creator {
    /// Which creator.
    pub fn id(&self) -> CreatorId {
        self.creator.id
    }

    /// The profile's row as it was when the request began.
    pub fn profile(&self) -> &creator::Model {
        &self.creator
    }

    /// The person behind it.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The user's id, for events.
    pub fn user_id(&self) -> UserId {
        self.person.id()
    }
}

/// A person as a member of an organisation, or of an agency that acts for it.
#[derive(Clone, Debug)]
pub struct Member {
    person: Person,
    org: Arc<organization::Model>,
    role: Role,
    agency: Option<OrgId>,
}

impl Member {
    /// Whose side.
    pub fn org(&self) -> OrgId {
        self.org.id
    }

    /// The organisation's row as it was when the request began.
    pub fn organization(&self) -> &organization::Model {
        &self.org
    }

    /// What the member may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The agency through which the member acts, if so.
    pub fn agency(&self) -> Option<OrgId> {
        self.agency
    }

    /// The person behind it.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The user's id, for events.
    pub fn user_id(&self) -> UserId {
        self.person.id()
    }

    /// The member as one who may run campaigns.
    pub fn manager(&self) -> Result<Manager<'_>> {
        if self.role >= Role::Manager { Ok(Manager(self)) } else { Err(Error::Forbidden("auth.forbidden.manager")) }
    }

    /// The member as one who may also change members and roles. An agency never owns its client's organisation.
    pub fn owner(&self) -> Result<Owner<'_>> {
        match self.is_owner() {
            false => Err(Error::Forbidden("auth.forbidden.owner")),
            true if !self.person.cleared => Err(Error::Forbidden(NEEDS_SECOND_FACTOR)),
            true => Ok(Owner(self)),
        }
    }

    /// Whether the member is owner, though perhaps still without the second factor that [`Self::owner`] needs.
    pub fn is_owner(&self) -> bool {
        self.role == Role::Owner && self.agency.is_none()
    }
}

macro_rules! narrowed {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a>(&'a Member);
        impl std::ops::Deref for $name<'_> {
            type Target = Member;
            fn deref(&self) -> &Member { self.0 }
        }
    )*};
}

narrowed! {
    /// Proof that the member is manager or owner.
    Manager;
    /// Proof that the member is owner.
    Owner;
}

/// A platform admin.
#[derive(Clone, Debug)]
pub struct Admin(Person);

impl Admin {
    /// The person behind it.
    pub fn person(&self) -> &Person {
        &self.0
    }
}

/// Somebody at the machine's own shell: `hibiki import`, `hibiki admin`. Only `cli.rs` makes one.
#[derive(Clone, Copy, Debug)]
pub struct Console(());

impl Console {
    /// Whoever can start the program with its settings owns it anyway.
    pub fn at_the_machine() -> Self {
        Self(())
    }
}

/// Whoever sends an API token, with what it was made for.
#[derive(Debug)]
pub struct Bearer {
    pub(super) person: Person,
    pub(super) hat: Hat,
    pub(super) org: Option<OrgId>,
    /// The organisation and the person's active place in it, if the token is for one and they have one.
    pub(super) seat: Option<(organization::Model, membership::Model)>,
}

impl Bearer {
    /// The person, as nobody in particular.
    pub fn into_person(self) -> Person {
        self.person
    }

    /// As what the token acts.
    pub fn hat(&self) -> Hat {
        self.hat
    }

    /// The person in the organisation that the token was made for.
    pub async fn into_member(self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Member> {
        match (self.seat, self.org) {
            (Some((org, place)), _) => Ok(Member { person: self.person, org: org.into(), role: place.role, agency: None }),
            (None, Some(org)) => member(db, self.person, org, now).await,
            (None, None) => Err(Error::NotFound),
        }
    }
}

/// The creator that a person is.
pub async fn creator(db: &impl ConnectionTrait, person: Person) -> Result<Creator> {
    let found = creator::Entity::find().filter(creator::Column::UserId.eq(person.id())).one(db).await?;
    match found {
        Some(creator) => Ok(Creator { person, creator: creator.into() }),
        None => Err(Error::Forbidden("auth.forbidden.creator")),
    }
}

/// A person in an organisation: by membership, or through an agency. To others it does not exist.
pub async fn member(db: &impl ConnectionTrait, person: Person, org: OrgId, now: DateTime<Utc>) -> Result<Member> {
    let user = person.id();
    let seat = organization::Entity::belongs_to(membership::Entity).from(organization::Column::Id).to(membership::Column::OrgId);
    let own = seat.on_condition(move |_, place| {
        let active = Expr::col((place.clone(), membership::Column::Status)).eq(MembershipStatus::Active);
        active.and(Expr::col((place, membership::Column::UserId)).eq(user)).into_condition()
    });
    let query = organization::Entity::find_by_id(org).join(JoinType::LeftJoin, own.into()).also::<membership::Entity>("place_");
    let Some(found) = db.query_one(&query.into_query()).await? else { return Err(Error::NotFound) };
    let place = Option::<membership::Model>::from_query_result(&found, "place_")?;
    let found = organization::Model::from_query_result(&found, "")?;
    match place {
        Some(place) => Ok(Member { person, org: found.into(), role: place.role, agency: None }),
        None => through_agency(db, person, found, now).await,
    }
}

/// A person in an organisation through an agency that acts for it, and in which they have a place.
async fn through_agency(db: &impl ConnectionTrait, person: Person, found: organization::Model, now: DateTime<Utc>) -> Result<Member> {
    let own = membership::Entity::find()
        .filter(membership::Column::UserId.eq(person.id()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .all(db)
        .await?;
    let delegations = delegation::Entity::find()
        .filter(delegation::Column::BrandId.eq(found.id))
        .filter(delegation::Column::AgencyId.is_in(own.iter().map(|m| m.org_id)))
        .filter(delegation::Column::State.eq(DelegationState::Active))
        .all(db)
        .await?;
    let today = day_of(&found, now);
    // Through an agency nobody may do more than in the agency itself.
    let best = delegations
        .iter()
        .filter(|d| d.until.is_none_or(|until| today <= until))
        .filter_map(|d| own.iter().find(|m| m.org_id == d.agency_id).map(|m| (Ord::min(m.role, d.role), d.agency_id)))
        .max_by_key(|(role, _)| *role);
    match best {
        Some((role, agency)) => Ok(Member { person, org: found.into(), role, agency: Some(agency) }),
        None => Err(Error::NotFound),
    }
}

/// Which day it is for an organisation: its days and deadlines are in its own zone.
pub fn day_of(org: &organization::Model, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&org.time_zone.parse().unwrap_or(Tz::UTC)).date_naive()
}

/// A person as platform admin.
pub fn admin(person: Person) -> Result<Admin> {
    match person.user.platform_admin {
        false => Err(Error::NotFound),
        true if !person.cleared => Err(Error::Forbidden(NEEDS_SECOND_FACTOR)),
        true => Ok(Admin(person)),
    }
}

/// One of the things that a person can act as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acting {
    /// As the creator that they are.
    Creator(CreatorId, String),
    /// As a member of an organisation.
    Org(OrgId, String, OrgKind),
    /// As platform admin.
    Admin,
}

impl fmt::Display for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Creator(id, _) => id.fmt(f),
            Self::Org(id, ..) => id.fmt(f),
            Self::Admin => f.write_str("admin"),
        }
    }
}

/// All that a person can act as, in a stable order; three statements whoever it is.
pub async fn choices(db: &impl ConnectionTrait, person: &Person, now: DateTime<Utc>) -> Result<Vec<Acting>> {
    let mut out = Vec::new();
    if let Some(found) = creator::Entity::find().filter(creator::Column::UserId.eq(person.id())).one(db).await? {
        out.push(Acting::Creator(found.id, found.display_name));
    }
    let own = membership::Entity::find()
        .filter(membership::Column::UserId.eq(person.id()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .all(db)
        .await?;
    if !own.is_empty() {
        let mut ids: Vec<OrgId> = own.iter().map(|m| m.org_id).collect();
        let acted_for = delegation::Entity::find()
            .filter(delegation::Column::AgencyId.is_in(ids.iter().copied()))
            .filter(delegation::Column::State.eq(DelegationState::Active))
            .all(db)
            .await?;
        ids.extend(acted_for.iter().map(|d| d.brand_id));
        let orgs = organization::Entity::find()
            .filter(organization::Column::Id.is_in(ids))
            .order_by_asc(organization::Column::CreatedAt)
            .order_by_asc(organization::Column::Id)
            .all(db)
            .await?;
        // A delegation's last day is one of the brand's.
        let holds = |org: &organization::Model| {
            let through = |d: &delegation::Model| d.brand_id == org.id && d.until.is_none_or(|until| day_of(org, now) <= until);
            own.iter().any(|m| m.org_id == org.id) || acted_for.iter().any(through)
        };
        out.extend(orgs.into_iter().filter(holds).map(|o| Acting::Org(o.id, o.name, o.kind)));
    }
    if person.user.platform_admin {
        out.push(Acting::Admin);
    }
    Ok(out)
}
