//! Every brand and agency, as admins see them: who is in it and how much it does, never what it wrote.

use std::collections::HashMap;

use entity::{
    campaign, delegation,
    enums::{DelegationState, MembershipStatus, OrgKind, Role},
    ids::OrgId,
    membership, organization, participation, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
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

/// Which organisations; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the legal name.
    pub text: String,
    /// Brands or agencies.
    pub kind: Option<OrgKind>,
}

/// Organisations, the newest first.
pub async fn list(db: &impl ConnectionTrait, _: &Admin, filter: &Filter, slice: Slice) -> Result<Page<organization::Model>> {
    let mut all = Condition::all();
    let text = filter.text.trim().to_lowercase();
    if !text.is_empty() {
        let has = |column| Expr::expr(Func::lower(Expr::col(column))).like(contains(&text));
        all = all.add(Condition::any().add(has(organization::Column::Name)).add(has(organization::Column::LegalName)));
    }
    if let Some(kind) = filter.kind {
        all = all.add(organization::Column::Kind.eq(kind));
    }
    slice.newest(db, organization::Entity::find().filter(all), organization::Column::Id, |row| row.id).await
}

/// One.
pub async fn one(db: &impl ConnectionTrait, _: &Admin, id: OrgId) -> Result<organization::Model> {
    organization::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// How much there is of an organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Members who may act.
    pub members: i64,
    /// Campaigns in any state.
    pub campaigns: i64,
    /// Creators who are or were in one of them, each counted once a campaign.
    pub joined: i64,
}

/// Counts for organisations that an admin has found: three statements, however many there are.
pub async fn counts(db: &impl ConnectionTrait, ids: &[OrgId]) -> Result<HashMap<OrgId, Counts>> {
    let of = || ids.iter().copied();
    let members: Vec<(OrgId, i64)> = membership::Entity::find()
        .select_only()
        .column(membership::Column::OrgId)
        .column_as(membership::Column::Id.count(), "n")
        .filter(membership::Column::OrgId.is_in(of()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .group_by(membership::Column::OrgId)
        .into_tuple()
        .all(db)
        .await?;
    let campaigns: Vec<(OrgId, i64)> = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::OrgId)
        .column_as(campaign::Column::Id.count(), "n")
        .filter(campaign::Column::OrgId.is_in(of()))
        .group_by(campaign::Column::OrgId)
        .into_tuple()
        .all(db)
        .await?;
    let joined: Vec<(OrgId, i64)> = participation::Entity::find()
        .select_only()
        .column(participation::Column::OrgId)
        .column_as(participation::Column::JoinedAt.count(), "n")
        .filter(participation::Column::OrgId.is_in(of()))
        .group_by(participation::Column::OrgId)
        .into_tuple()
        .all(db)
        .await?;
    let mut out: HashMap<OrgId, Counts> = ids.iter().map(|id| (*id, Counts::default())).collect();
    let mut put = |rows: Vec<(OrgId, i64)>, set: fn(&mut Counts, i64)| {
        for (id, n) in rows {
            set(out.entry(id).or_default(), n);
        }
    };
    put(members, |counts, n| counts.members = n);
    put(campaigns, |counts, n| counts.campaigns = n);
    put(joined, |counts, n| counts.joined = n);
    Ok(out)
}

/// The members who may act, owners first, then by when they came.
pub async fn members(db: &impl ConnectionTrait, _: &Admin, id: OrgId) -> Result<Vec<(Role, user::Model)>> {
    let mut rows = membership::Entity::find()
        .filter(membership::Column::OrgId.eq(id))
        .filter(membership::Column::Status.eq(MembershipStatus::Active))
        .order_by_asc(membership::Column::Id)
        .all(db)
        .await?;
    rows.sort_by_key(|row| row.role != Role::Owner);
    let users = user::Entity::find().filter(user::Column::Id.is_in(rows.iter().map(|row| row.user_id))).all(db).await?;
    let mut users: HashMap<_, _> = users.into_iter().map(|row| (row.id, row)).collect();
    Ok(rows.into_iter().filter_map(|row| Some((row.role, users.remove(&row.user_id)?))).collect())
}

/// The organisations at the other end of its delegations that hold: those that act for it, then those that it acts for.
pub async fn delegations(db: &impl ConnectionTrait, _: &Admin, id: OrgId) -> Result<(Vec<organization::Model>, Vec<organization::Model>)> {
    let either = Condition::any().add(delegation::Column::BrandId.eq(id)).add(delegation::Column::AgencyId.eq(id));
    let rows = delegation::Entity::find().filter(either).filter(delegation::Column::State.eq(DelegationState::Active)).all(db).await?;
    let others = rows.iter().map(|row| if row.brand_id == id { row.agency_id } else { row.brand_id });
    let others =
        organization::Entity::find().filter(organization::Column::Id.is_in(others)).order_by_asc(organization::Column::Id).all(db).await?;
    let acts = |other: &organization::Model| rows.iter().any(|row| row.brand_id == id && row.agency_id == other.id);
    Ok(others.into_iter().partition(acts))
}

/// How many facts about it the log has.
pub async fn facts(db: &impl ConnectionTrait, _: &Admin, id: OrgId) -> Result<u64> {
    Ok(entity::event::Entity::find().filter(entity::event::Column::OrgId.eq(id)).count(db).await?)
}
