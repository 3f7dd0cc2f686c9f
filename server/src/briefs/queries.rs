//! Reads of briefs: a member reads all versions of the organisation's, a creator those that were published to them.

use entity::{
    brief, brief_ack, campaign,
    enums::{BriefState, ParticipationState},
    ids::{BriefId, CampaignId},
    participation, thread,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::LockType,
};

use crate::{
    auth::actors::{Creator, Member},
    base::paging::{Cursor, Page, Slice},
    error::{Error, Result},
    participations::rules::{JOINED, joined},
    tx::Tx,
};

/// One version, for a member.
pub async fn one(db: &impl ConnectionTrait, by: &Member, id: BriefId) -> Result<brief::Model> {
    own(by).filter(brief::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's versions.
pub(super) fn own(by: &Member) -> Select<brief::Entity> {
    brief::Entity::find().filter(brief::Column::OrgId.eq(by.org()))
}

/// One version by its number, for a member.
pub async fn version(db: &impl ConnectionTrait, by: &Member, campaign: CampaignId, version: i32) -> Result<brief::Model> {
    brief::Entity::find()
        .filter(brief::Column::OrgId.eq(by.org()))
        .filter(brief::Column::CampaignId.eq(campaign))
        .filter(brief::Column::Version.eq(version))
        .one(db)
        .await?
        .ok_or(Error::NotFound)
}

/// One published version, for a creator who is or was asked or is in.
pub async fn one_of_creator(db: &impl ConnectionTrait, by: &Creator, id: BriefId) -> Result<brief::Model> {
    open_to(by).filter(brief::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The published versions of campaigns that the creator is or was in, and those that hold now of campaigns that they are asked to.
pub(super) fn open_to(by: &Creator) -> Select<brief::Entity> {
    let placed = |states: Vec<ParticipationState>| {
        let places = participation::Entity::find().select_only().column(participation::Column::CampaignId);
        let own = places.filter(participation::Column::CreatorId.eq(by.id())).filter(participation::Column::State.is_in(states));
        brief::Column::CampaignId.in_subquery(own.into_query())
    };
    let inside = placed(ParticipationState::ALL.iter().copied().filter(|state| joined(*state)).collect());
    let asked = Condition::all().add(brief::Column::State.eq(BriefState::Published)).add(placed(vec![ParticipationState::Invited]));
    brief::Entity::find().filter(brief::Column::State.ne(BriefState::Draft)).filter(Condition::any().add(inside).add(asked))
}

/// A campaign's versions, the newest first, the draft among them.
pub async fn of_campaign(db: &impl ConnectionTrait, by: &Member, campaign: CampaignId, slice: Slice) -> Result<Page<brief::Model>> {
    let mut query = brief::Entity::find().filter(brief::Column::OrgId.eq(by.org())).filter(brief::Column::CampaignId.eq(campaign));
    let down = slice.descends(true);
    if let Some(from) = slice.key::<i32>()? {
        let version = brief::Column::Version;
        query = query.filter(if down { version.lt(from) } else { version.gt(from) });
    }
    let way = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let rows = query.order_by(brief::Column::Version, way).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.version)))
}

/// The open draft of a campaign. The caller has found the campaign through an actor.
pub async fn draft(db: &impl ConnectionTrait, campaign: CampaignId) -> Result<Option<brief::Model>> {
    let query = brief::Entity::find().filter(brief::Column::CampaignId.eq(campaign)).filter(brief::Column::State.eq(BriefState::Draft));
    Ok(query.one(db).await?)
}

/// As [`draft`], locked.
pub(super) async fn draft_for_update(tx: &Tx, campaign: CampaignId) -> Result<Option<brief::Model>> {
    let query = brief::Entity::find().filter(brief::Column::CampaignId.eq(campaign)).filter(brief::Column::State.eq(BriefState::Draft));
    Ok(query.lock(LockType::Update).one(tx.db()).await?)
}

/// Every version that was published, the oldest first. The caller has found the campaign through an actor.
pub async fn published(db: &impl ConnectionTrait, campaign: CampaignId) -> Result<Vec<brief::Model>> {
    Ok(brief::Entity::find()
        .filter(brief::Column::CampaignId.eq(campaign))
        .filter(brief::Column::State.ne(BriefState::Draft))
        .order_by_asc(brief::Column::Version)
        .all(db)
        .await?)
}

/// The last version that was acknowledged in a place. The caller has found the participation through an actor.
pub async fn last_ack(db: &impl ConnectionTrait, place: &participation::Model) -> Result<Option<brief_ack::Model>> {
    Ok(brief_ack::Entity::find()
        .filter(brief_ack::Column::ParticipationId.eq(place.id))
        .order_by_desc(brief_ack::Column::Version)
        .one(db)
        .await?)
}

/// How many creators are in a campaign, and how many of them have acknowledged a version.
pub async fn acknowledged(db: &impl ConnectionTrait, by: &Member, campaign: CampaignId, version: i32) -> Result<(u64, u64)> {
    use sea_orm::PaginatorTrait;
    let inside = || {
        participation::Entity::find()
            .filter(participation::Column::OrgId.eq(by.org()))
            .filter(participation::Column::CampaignId.eq(campaign))
            .filter(participation::Column::State.is_in(JOINED.iter().copied()))
    };
    let all = inside().count(db).await?;
    let acks = brief_ack::Entity::find()
        .filter(brief_ack::Column::Version.eq(version))
        .filter(brief_ack::Column::ParticipationId.in_subquery(inside().select_only().column(participation::Column::Id).into_query()))
        .count(db)
        .await?;
    Ok((all, acks))
}

/// What a creator's page about a job shows.
#[derive(Clone, Debug)]
pub struct Job {
    /// The creator's place.
    pub place: participation::Model,
    /// The campaign, of which only name and dates are the creator's to see.
    pub campaign: campaign::Model,
    /// Every published version, the oldest first; only the teaser unless the creator is in.
    pub versions: Vec<brief::Model>,
    /// What was acknowledged last.
    pub last: Option<brief_ack::Model>,
    /// The conversation, once the creator has joined.
    pub thread: Option<thread::Model>,
}

/// A creator's job. To somebody who is only on a shortlist it does not exist.
pub async fn job(db: &impl ConnectionTrait, by: &Creator, id: entity::ids::ParticipationId) -> Result<Job> {
    let place = crate::participations::queries::of_creator(db, by, id).await?;
    if place.state == ParticipationState::Shortlisted {
        return Err(Error::NotFound);
    }
    let campaign = campaign::Entity::find_by_id(place.campaign_id).one(db).await?.ok_or(Error::NotFound)?;
    let versions = published(db, campaign.id).await?;
    let last = last_ack(db, &place).await?;
    let thread = thread::Entity::find()
        .filter(thread::Column::OrgId.eq(place.org_id))
        .filter(thread::Column::CreatorId.eq(place.creator_id))
        .filter(thread::Column::CampaignId.eq(place.campaign_id))
        .one(db)
        .await?;
    Ok(Job { place, campaign, versions, last, thread })
}
