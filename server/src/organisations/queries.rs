//! Reads of organisations, each through its actor. What is not the caller's is not found.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    brand, campaign, delegation,
    enums::{
        CampaignState, DelegationState, InvitationState, MemberInvitationState, MembershipStatus, OrgKind, ParticipationState, Role,
        UserStatus,
    },
    ids::{BrandId, DelegationId, MemberInvitationId, MembershipId, OrgId, UserId},
    invitation, member_invitation, membership, organization, participation, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::LockType,
};

use crate::{
    app::App,
    auth::{
        actors::{Creator, Member, Owner, Person},
        tokens,
    },
    base::paging::{Cursor, Page, Slice},
    error::{Error, Result},
    tx::Tx,
};

/// Takes the organisation's row for this transaction, so that of two changes of its members or delegations at once the second sees the
/// first. Every such change begins with it.
pub(super) async fn hold(tx: &Tx, org: OrgId) -> Result<organization::Model> {
    organization::Entity::find_by_id(org).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The organisations that the member may know: their own, and those at the other end of a delegation.
pub(super) fn known_to_member(by: &Member) -> Select<organization::Entity> {
    let end = |theirs: delegation::Column, ours: delegation::Column| {
        let delegations = delegation::Entity::find().select_only().column(theirs).filter(ours.eq(by.org()));
        organization::Column::Id.in_subquery(delegations.into_query())
    };
    let known = Condition::any()
        .add(organization::Column::Id.eq(by.org()))
        .add(end(delegation::Column::AgencyId, delegation::Column::BrandId))
        .add(end(delegation::Column::BrandId, delegation::Column::AgencyId));
    organization::Entity::find().filter(known)
}

/// The organisations that have asked the creator, or in whose campaign they are.
pub(super) fn known_to_creator(by: &Creator) -> Select<organization::Entity> {
    let asked = participation::Entity::find()
        .select_only()
        .column(participation::Column::OrgId)
        .filter(participation::Column::CreatorId.eq(by.id()))
        // A candidate does not know that they are one.
        .filter(participation::Column::State.ne(ParticipationState::Shortlisted));
    organization::Entity::find().filter(organization::Column::Id.in_subquery(asked.into_query()))
}

/// How many organisations a person belongs to.
pub(super) async fn count_of_person(db: &impl ConnectionTrait, person: UserId) -> Result<u64> {
    Ok(membership::Entity::find()
        .filter(membership::Column::UserId.eq(person))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .count(db)
        .await?)
}

/// The members of the organisation, the longest first.
pub async fn members(db: &impl ConnectionTrait, by: &Member, slice: Slice) -> Result<Page<membership::Model>> {
    let mut query = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(by.org()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active));
    let down = slice.descends(false);
    if let Some(from) = slice.key::<MembershipId>()? {
        let id = membership::Column::Id;
        query = query.filter(if down { id.lt(from) } else { id.gt(from) });
    }
    let order = if down { Order::Desc } else { Order::Asc };
    let rows = query.order_by(membership::Column::Id, order).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.id)))
}

/// The members with the people behind them, for a page; at most as many as there can be.
pub async fn people(db: &impl ConnectionTrait, by: &Member) -> Result<Vec<(membership::Model, user::Model)>> {
    let rows = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(by.org()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .order_by_asc(membership::Column::Id)
        .all(db)
        .await?;
    let users = user::Entity::find().filter(user::Column::Id.is_in(rows.iter().map(|m| m.user_id))).all(db).await?;
    let find = |id| users.iter().find(|u: &&user::Model| u.id == id).cloned();
    Ok(rows.into_iter().filter_map(|m| find(m.user_id).map(|u| (m, u))).collect())
}

/// The memberships of the organisation, ended ones too.
pub(super) fn memberships(by: &Member) -> Select<membership::Entity> {
    membership::Entity::find().filter(membership::Column::OrgId.eq(by.org()))
}

/// One living membership of the organisation, for a change.
pub(super) async fn living(tx: &Tx, org: OrgId, id: MembershipId) -> Result<membership::Model> {
    let query = membership::Entity::find_by_id(id)
        .filter(membership::Column::OrgId.eq(org))
        .filter(membership::Column::Status.eq(MembershipStatus::Active));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The row of a person in an organisation, whether living or ended.
pub(super) async fn of_person(tx: &Tx, org: OrgId, person: UserId) -> Result<Option<membership::Model>> {
    let query = membership::Entity::find().filter(membership::Column::OrgId.eq(org)).filter(membership::Column::UserId.eq(person));
    Ok(query.lock(LockType::Update).one(tx.db()).await?)
}

/// How many owners the organisation has. A change holds the organisation before it asks.
pub(super) async fn owners(db: &impl ConnectionTrait, org: OrgId) -> Result<u64> {
    Ok(membership::Entity::find()
        .filter(membership::Column::OrgId.eq(org))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .filter(membership::Column::Role.eq(Role::Owner))
        .count(db)
        .await?)
}

/// The people who own an organisation, for letters to it.
pub async fn owners_of(db: &impl ConnectionTrait, org: OrgId) -> Result<Vec<user::Model>> {
    let ids: Vec<UserId> = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(org))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .filter(membership::Column::Role.eq(Role::Owner))
        .all(db)
        .await?
        .into_iter()
        .map(|m| m.user_id)
        .collect();
    Ok(user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?)
}

/// The organisation's invitations that wait or have run out unanswered, the newest first. Owners only: they hold addresses.
pub async fn member_invitations(db: &impl ConnectionTrait, by: &Owner<'_>) -> Result<Vec<member_invitation::Model>> {
    Ok(member_invitation::Entity::find()
        .filter(member_invitation::Column::OrgId.eq(by.org()))
        .filter(member_invitation::Column::State.eq(MemberInvitationState::Sent))
        .order_by_desc(member_invitation::Column::Id)
        .limit(super::rules::MOST_MEMBERS)
        .all(db)
        .await?)
}

/// The organisation's invitations of members.
pub(super) fn own_invitations(by: &Owner<'_>) -> Select<member_invitation::Entity> {
    member_invitation::Entity::find().filter(member_invitation::Column::OrgId.eq(by.org()))
}

/// One of them.
pub async fn member_invitation(db: &impl ConnectionTrait, by: &Owner<'_>, id: MemberInvitationId) -> Result<member_invitation::Model> {
    own_invitations(by).filter(member_invitation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The same, for a change.
pub(super) async fn member_invitation_for_update(tx: &Tx, by: &Owner<'_>, id: MemberInvitationId) -> Result<member_invitation::Model> {
    let query = member_invitation::Entity::find_by_id(id).filter(member_invitation::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// What whoever holds an invitation's link may know.
#[derive(Clone, Debug)]
pub struct Teaser {
    /// The invitation.
    pub invitation: member_invitation::Model,
    /// The organisation that asks.
    pub org: organization::Model,
    /// The name of the person who asks.
    pub inviter: String,
}

impl Teaser {
    /// Whether it was written to this person's mailbox.
    pub fn is_for(&self, person: &Person) -> bool {
        self.invitation.email_key == person.user().email_key
    }
}

/// The invitation of a link. A GET asks this and changes nothing (B21).
pub async fn teaser(app: &App, token: &str) -> Result<Teaser> {
    let db = app.db();
    let invitation = by_token(db, token, false).await?;
    let org = organization::Entity::find_by_id(invitation.org_id).one(db).await?.ok_or(Error::NotFound)?;
    let inviter = user::Entity::find_by_id(invitation.invited_by).one(db).await?.map(|u| u.name).unwrap_or_default();
    Ok(Teaser { invitation, org, inviter })
}

/// The invitation of a token.
pub(super) async fn by_token(db: &impl ConnectionTrait, token: &str, lock: bool) -> Result<member_invitation::Model> {
    let mut query = member_invitation::Entity::find().filter(member_invitation::Column::TokenHash.eq(tokens::hash(token)));
    if lock {
        query = query.lock(LockType::Update);
    }
    query.one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's labels by name.
pub async fn brands(db: &impl ConnectionTrait, by: &Member) -> Result<Vec<brand::Model>> {
    Ok(brand::Entity::find().filter(brand::Column::OrgId.eq(by.org())).order_by_asc(brand::Column::Name).all(db).await?)
}

/// One of the organisation's labels.
pub async fn brand(db: &impl ConnectionTrait, by: &Member, id: BrandId) -> Result<brand::Model> {
    labels(by).filter(brand::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's labels.
pub(super) fn labels(by: &Member) -> Select<brand::Entity> {
    brand::Entity::find().filter(brand::Column::OrgId.eq(by.org()))
}

/// The same, for a change.
pub(super) async fn brand_for_update(tx: &Tx, by: &Member, id: BrandId) -> Result<brand::Model> {
    let query = brand::Entity::find_by_id(id).filter(brand::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// How many campaigns run under a label.
pub(super) async fn campaigns_under(tx: &Tx, id: BrandId) -> Result<u64> {
    Ok(campaign::Entity::find().filter(campaign::Column::BrandId.eq(id)).count(tx.db()).await?)
}

fn either_end(org: OrgId) -> Condition {
    Condition::any().add(delegation::Column::BrandId.eq(org)).add(delegation::Column::AgencyId.eq(org))
}

/// The organisation's delegations on either end: all, or without those that have ended. The newest first; at most 100.
pub async fn delegations(db: &impl ConnectionTrait, by: &Member, ended_too: bool, today: NaiveDate) -> Result<Vec<delegation::Model>> {
    let mut query = delegation::Entity::find().filter(either_end(by.org()));
    if !ended_too {
        query = query
            .filter(delegation::Column::State.ne(DelegationState::Ended))
            .filter(Condition::any().add(delegation::Column::Until.is_null()).add(delegation::Column::Until.gte(today)));
    }
    Ok(query.order_by_desc(delegation::Column::Id).limit(100).all(db).await?)
}

/// One delegation of the organisation, on either end.
pub async fn delegation(db: &impl ConnectionTrait, by: &Member, id: DelegationId) -> Result<delegation::Model> {
    of_either_end(by).filter(delegation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The delegations that the organisation has given or got.
pub(super) fn of_either_end(by: &Member) -> Select<delegation::Entity> {
    delegation::Entity::find().filter(either_end(by.org()))
}

/// The same, for a change.
pub(super) async fn delegation_for_update(tx: &Tx, by: &Member, id: DelegationId) -> Result<delegation::Model> {
    delegation::Entity::find_by_id(id).filter(either_end(by.org())).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// How many agencies a brand has asked since then.
pub(super) async fn offers_since(tx: &Tx, brand: OrgId, since: DateTime<Utc>) -> Result<u64> {
    let asked = delegation::Entity::find().filter(delegation::Column::BrandId.eq(brand)).filter(delegation::Column::CreatedAt.gt(since));
    Ok(asked.count(tx.db()).await?)
}

/// The delegations of a brand that are offered or in force.
pub(super) async fn open_delegations(tx: &Tx, brand: OrgId) -> Result<Vec<delegation::Model>> {
    let today = tx.now.date_naive();
    Ok(delegation::Entity::find()
        .filter(delegation::Column::BrandId.eq(brand))
        .filter(delegation::Column::State.ne(DelegationState::Ended))
        .filter(Condition::any().add(delegation::Column::Until.is_null()).add(delegation::Column::Until.gte(today)))
        .all(tx.db())
        .await?)
}

/// The agencies of an id or an exact name; at most two, which is enough to know that a name is not enough.
pub(super) async fn agencies(tx: &Tx, named: &str) -> Result<Vec<organization::Model>> {
    let query = organization::Entity::find().filter(organization::Column::Kind.eq(OrgKind::Agency));
    let query = match named.parse::<OrgId>() {
        Ok(id) => query.filter(organization::Column::Id.eq(id)),
        Err(_) => query.filter(organization::Column::Name.eq(named)),
    };
    Ok(query.limit(2).all(tx.db()).await?)
}

/// Organisations by id, for names on a page.
pub async fn named(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = OrgId>) -> Result<Vec<organization::Model>> {
    Ok(organization::Entity::find().filter(organization::Column::Id.is_in(ids)).all(db).await?)
}

/// What an organisation's home counts.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// How many campaigns are in each state, in the states' order; those without any are left out.
    pub campaigns: Vec<(CampaignState, i64)>,
    /// Invitations that wait for their creator's answer.
    pub waiting: u64,
    /// Invitations ever made.
    pub invitations: u64,
    /// Creators who are in one of the campaigns now.
    pub joined: u64,
    /// Members.
    pub members: u64,
}

impl Overview {
    /// All campaigns.
    pub fn total(&self) -> i64 {
        self.campaigns.iter().map(|(_, n)| n).sum()
    }
}

/// Counts it.
pub async fn overview(db: &impl ConnectionTrait, by: &Member) -> Result<Overview> {
    let org = by.org();
    let counted: Vec<(CampaignState, i64)> = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::State)
        .column_as(campaign::Column::Id.count(), "n")
        .filter(campaign::Column::OrgId.eq(org))
        .group_by(campaign::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let campaigns = CampaignState::ALL.iter().filter_map(|state| counted.iter().find(|(s, _)| s == state).copied()).collect();
    let invitations = || invitation::Entity::find().filter(invitation::Column::OrgId.eq(org));
    let waiting = invitations().filter(invitation::Column::State.eq(InvitationState::Sent)).count(db).await?;
    let inside = [
        ParticipationState::Joined,
        ParticipationState::Negotiating,
        ParticipationState::Contracted,
        ParticipationState::Working,
        ParticipationState::Delivered,
    ];
    let joined = participation::Entity::find()
        .filter(participation::Column::OrgId.eq(org))
        .filter(participation::Column::State.is_in(inside))
        .count(db)
        .await?;
    let members = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(org))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .count(db)
        .await?;
    Ok(Overview { campaigns, waiting, invitations: invitations().count(db).await?, joined, members })
}
