//! Actors are proofs: only this room makes them, from a session or a token. Their fields are private, so no face can forge one.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::{
    creator, delegation,
    enums::{DelegationState, Locale, MembershipStatus, OrgKind, Role, UserStatus},
    ids::{ApiTokenId, CreatorId, OrgId, SessionId, UserId},
    membership, organization, user,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
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
    user: user::Model,
    via: Via,
    /// Whether the roles that need a second factor are open to them.
    cleared: bool,
}

impl Person {
    pub(super) fn new(config: &Config, user: user::Model, via: Via) -> Option<Self> {
        let cleared = user.second_factor || !config.auth.second_factor_required;
        (user.status == UserStatus::Active).then_some(Self { user, via, cleared })
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
    creator: creator::Model,
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
    org: organization::Model,
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

/// Somebody at the machine's own shell: `hibiki import`, `hibiki admin`. Only `main.rs` makes one.
#[derive(Clone, Copy, Debug)]
pub struct Console(());

impl Console {
    /// Whoever can start the program with its settings owns it anyway.
    pub fn at_the_machine() -> Self {
        Self(())
    }
}

/// The creator that a person is.
pub async fn creator(db: &impl ConnectionTrait, person: Person) -> Result<Creator> {
    let found = creator::Entity::find().filter(creator::Column::UserId.eq(person.id())).one(db).await?;
    match found {
        Some(creator) => Ok(Creator { person, creator }),
        None => Err(Error::Forbidden("auth.forbidden.creator")),
    }
}

/// A person in an organisation: by membership, or through an agency. To others it does not exist.
pub async fn member(db: &impl ConnectionTrait, person: Person, org: OrgId, now: DateTime<Utc>) -> Result<Member> {
    let Some(found) = organization::Entity::find_by_id(org).one(db).await? else { return Err(Error::NotFound) };
    let own = membership::Entity::find()
        .filter(membership::Column::UserId.eq(person.id()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .all(db)
        .await?;
    if let Some(place) = own.iter().find(|m| m.org_id == org) {
        return Ok(Member { person, org: found, role: place.role, agency: None });
    }
    let delegations = delegation::Entity::find()
        .filter(delegation::Column::BrandId.eq(org))
        .filter(delegation::Column::AgencyId.is_in(own.iter().map(|m| m.org_id)))
        .filter(delegation::Column::State.eq(DelegationState::Active))
        .all(db)
        .await?;
    let today = day_of(&found, now);
    // Through an agency nobody may do more than in the agency itself.
    let best = delegations
        .iter()
        .filter(|d| d.until.is_none_or(|until| today <= until))
        .filter_map(|d| own.iter().find(|m| m.org_id == d.agency_id).map(|m| (m.role.min(d.role), d.agency_id)))
        .max_by_key(|(role, _)| *role);
    match best {
        Some((role, agency)) => Ok(Member { person, org: found, role, agency: Some(agency) }),
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
