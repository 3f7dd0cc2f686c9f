//! Reads of participations, each through its actor.

use entity::{
    enums::ParticipationState,
    ids::{CampaignId, ParticipationId},
    participation,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use crate::{
    auth::actors::{Creator, Member},
    base::paging::{Cursor, Page, Slice},
    error::{Error, Result},
    tx::Tx,
};

/// One of the creator's own.
pub async fn of_creator(db: &impl ConnectionTrait, by: &Creator, id: ParticipationId) -> Result<participation::Model> {
    let query = participation::Entity::find_by_id(id).filter(participation::Column::CreatorId.eq(by.id()));
    query.one(db).await?.ok_or(Error::NotFound)
}

/// One of the organisation's.
pub async fn of_member(db: &impl ConnectionTrait, by: &Member, id: ParticipationId) -> Result<participation::Model> {
    let query = participation::Entity::find_by_id(id).filter(participation::Column::OrgId.eq(by.org()));
    query.one(db).await?.ok_or(Error::NotFound)
}

/// As [`of_creator`], locked.
pub async fn of_creator_for_update(tx: &Tx, by: &Creator, id: ParticipationId) -> Result<participation::Model> {
    let query = participation::Entity::find_by_id(id).filter(participation::Column::CreatorId.eq(by.id()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// As [`of_member`], locked.
pub async fn of_member_for_update(tx: &Tx, by: &Member, id: ParticipationId) -> Result<participation::Model> {
    let query = participation::Entity::find_by_id(id).filter(participation::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The campaigns that a creator is or was in, the newest first.
pub async fn jobs(db: &impl ConnectionTrait, by: &Creator, slice: Slice) -> Result<Page<participation::Model>> {
    let states = ParticipationState::ALL.iter().filter(|s| !matches!(s, ParticipationState::Shortlisted | ParticipationState::Invited));
    let query = participation::Entity::find()
        .filter(participation::Column::CreatorId.eq(by.id()))
        .filter(participation::Column::State.is_in(states.copied()));
    page(db, query, slice).await
}

/// The creators of a campaign of the organisation, the newest first; none of the states = all.
pub async fn of_campaign(
    db: &impl ConnectionTrait,
    by: &Member,
    campaign: CampaignId,
    states: &[ParticipationState],
    slice: Slice,
) -> Result<Page<participation::Model>> {
    let mut query = participation::Entity::find()
        .filter(participation::Column::OrgId.eq(by.org()))
        .filter(participation::Column::CampaignId.eq(campaign));
    if !states.is_empty() {
        query = query.filter(participation::Column::State.is_in(states.iter().copied()));
    }
    page(db, query, slice).await
}

async fn page(
    db: &impl ConnectionTrait,
    mut query: sea_orm::Select<participation::Entity>,
    slice: Slice,
) -> Result<Page<participation::Model>> {
    let down = slice.descends(true);
    if let Some(from) = slice.key::<ParticipationId>()? {
        let id = participation::Column::Id;
        query = query.filter(if down { id.lt(from) } else { id.gt(from) });
    }
    let order = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let rows = query.order_by(participation::Column::Id, order).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.id)))
}

/// How many creators a campaign has in each state: the funnel.
pub async fn funnel(db: &impl ConnectionTrait, by: &Member, campaign: CampaignId) -> Result<Vec<(ParticipationState, i64)>> {
    Ok(participation::Entity::find()
        .select_only()
        .column(participation::Column::State)
        .column_as(participation::Column::Id.count(), "n")
        .filter(participation::Column::OrgId.eq(by.org()))
        .filter(participation::Column::CampaignId.eq(campaign))
        .group_by(participation::Column::State)
        .into_tuple()
        .all(db)
        .await?)
}
