//! Reads of participations, each through its actor.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    campaign, creator,
    enums::ParticipationState,
    ids::{CampaignId, CreatorId, ParticipationId},
    invitation, organization, participation,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, LockType},
};

use crate::{
    auth::actors::{Creator, Member},
    base::{
        joined::Also,
        paging::{Cursor, Page, Slice},
        text::{self, contains},
    },
    error::{Error, Result},
    tx::Tx,
};

/// One of the creator's own. That somebody has put them on a shortlist they do not learn.
pub async fn of_creator(db: &impl ConnectionTrait, by: &Creator, id: ParticipationId) -> Result<participation::Model> {
    known_to(by).filter(participation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// Those of the creator's that they know of.
pub(super) fn known_to(by: &Creator) -> Select<participation::Entity> {
    participation::Entity::find()
        .filter(participation::Column::CreatorId.eq(by.id()))
        .filter(participation::Column::State.ne(ParticipationState::Shortlisted))
}

/// One of the organisation's.
pub async fn of_member(db: &impl ConnectionTrait, by: &Member, id: ParticipationId) -> Result<participation::Model> {
    own(by).filter(participation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's.
pub(super) fn own(by: &Member) -> Select<participation::Entity> {
    participation::Entity::find().filter(participation::Column::OrgId.eq(by.org()))
}

/// Which of these have ever had an invitation.
pub(super) async fn asked(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = ParticipationId>) -> Result<Vec<ParticipationId>> {
    let rows = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::ParticipationId)
        .filter(invitation::Column::ParticipationId.is_in(ids))
        .distinct();
    Ok(rows.into_tuple().all(db).await?)
}

/// Whether this one has.
pub(super) async fn was_asked(db: &impl ConnectionTrait, id: ParticipationId) -> Result<bool> {
    Ok(!asked(db, [id]).await?.is_empty())
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

/// Which creators of a campaign; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// In these states; none = in any.
    pub states: Vec<ParticipationState>,
    /// Part of the creator's name, however it is written; empty = any.
    pub name: String,
}

/// The creators of a campaign of the organisation, the newest first.
pub async fn of_campaign(
    db: &impl ConnectionTrait,
    by: &Member,
    campaign: CampaignId,
    which: &Which,
    slice: Slice,
) -> Result<Page<participation::Model>> {
    page(db, in_campaign(by, campaign, which), slice).await
}

/// As [`of_campaign`], with the creators' profiles; one statement.
pub async fn of_campaign_with_creators(
    db: &impl ConnectionTrait,
    by: &Member,
    campaign: CampaignId,
    which: &Which,
    slice: Slice,
) -> Result<Page<(participation::Model, Option<creator::Model>)>> {
    let creators = participation::Entity::belongs_to(creator::Entity).from(participation::Column::CreatorId).to(creator::Column::Id);
    let query =
        walked(in_campaign(by, campaign, which), &slice)?.join(JoinType::LeftJoin, creators.into()).also::<creator::Entity>("creator_");
    let mut rows = Vec::new();
    for row in db.query_all(&query.into_query()).await? {
        let place = participation::Model::from_query_result(&row, "")?;
        rows.push((place, Option::<creator::Model>::from_query_result(&row, "creator_")?));
    }
    Ok(slice.into_page(rows, |(row, _)| Cursor::of(&row.id)))
}

fn in_campaign(by: &Member, campaign: CampaignId, which: &Which) -> Select<participation::Entity> {
    let mut query = participation::Entity::find()
        .filter(participation::Column::OrgId.eq(by.org()))
        .filter(participation::Column::CampaignId.eq(campaign));
    if !which.states.is_empty() {
        query = query.filter(participation::Column::State.is_in(which.states.iter().copied()));
    }
    let name = text::search_key(&which.name);
    if !name.is_empty() {
        let named = creator::Entity::find().select_only().column(creator::Column::Id);
        let named = named.filter(Expr::col(creator::Column::NameKey).like(contains(&name)));
        query = query.filter(participation::Column::CreatorId.in_subquery(named.into_query()));
    }
    query
}

async fn page(db: &impl ConnectionTrait, query: Select<participation::Entity>, slice: Slice) -> Result<Page<participation::Model>> {
    let rows = walked(query, &slice)?.all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.id)))
}

/// The newest first, from where the page begins.
fn walked(mut query: Select<participation::Entity>, slice: &Slice) -> Result<Select<participation::Entity>> {
    let down = slice.descends(true);
    if let Some(from) = slice.key::<ParticipationId>()? {
        let id = participation::Column::Id;
        query = query.filter(if down { id.lt(from) } else { id.gt(from) });
    }
    let order = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    Ok(query.order_by(participation::Column::Id, order).limit(slice.limit()))
}

/// The campaigns of these ids with the organisations that run them, for cards and tables; two statements for any number.
pub async fn around(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = CampaignId>,
) -> Result<HashMap<CampaignId, (campaign::Model, organization::Model)>> {
    let campaigns = campaign::Entity::find().filter(campaign::Column::Id.is_in(ids)).all(db).await?;
    let owners = campaigns.iter().map(|c| c.org_id);
    let orgs = organization::Entity::find().filter(organization::Column::Id.is_in(owners)).all(db).await?;
    let orgs: HashMap<_, _> = orgs.into_iter().map(|org| (org.id, org)).collect();
    Ok(campaigns.into_iter().filter_map(|c| Some((c.id, (orgs.get(&c.org_id)?.clone(), c)))).map(|(id, (org, c))| (id, (c, org))).collect())
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

/// What an organisation has had to do with a creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// In how many of its campaigns they were wanted: on the shortlist, invited, or in.
    pub campaigns: i64,
    /// In how many they are or were in.
    pub joined: i64,
    /// When anything last changed between the two.
    pub last: DateTime<Utc>,
}

/// What the organisation has had to do with these creators; one statement for any number.
pub async fn histories(db: &impl ConnectionTrait, by: &Member, creators: &[CreatorId]) -> Result<HashMap<CreatorId, History>> {
    let rows: Vec<(CreatorId, i64, i64, DateTime<Utc>)> = participation::Entity::find()
        .select_only()
        .column(participation::Column::CreatorId)
        .column_as(participation::Column::Id.count(), "campaigns")
        .column_as(participation::Column::JoinedAt.count(), "joined")
        .column_as(participation::Column::UpdatedAt.max(), "last")
        .filter(participation::Column::OrgId.eq(by.org()))
        .filter(participation::Column::CreatorId.is_in(creators.iter().copied()))
        .group_by(participation::Column::CreatorId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(creator, campaigns, joined, last)| (creator, History { campaigns, joined, last })).collect())
}

/// The creator's own place in a campaign, if there is one that they know of.
pub async fn of_pair(db: &impl ConnectionTrait, by: &Creator, campaign: CampaignId) -> Result<Option<participation::Model>> {
    Ok(participation::Entity::find()
        .filter(participation::Column::CreatorId.eq(by.id()))
        .filter(participation::Column::CampaignId.eq(campaign))
        .one(db)
        .await?)
}
