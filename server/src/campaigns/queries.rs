//! Reads of campaigns, each through a member of the organisation.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    brand, brief, campaign,
    enums::{BriefState, CampaignState, ParticipationState},
    ids::CampaignId,
    participation,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func, IntoCondition, LockType, SimpleExpr},
};

use crate::{
    auth::actors::{Member, day_of},
    base::{
        joined::Also,
        paging::{Cursor, Page, Slice},
        text,
    },
    error::{Error, Result},
    tx::Tx,
};

/// One of the organisation's.
pub async fn one(db: &impl ConnectionTrait, by: &Member, id: CampaignId) -> Result<campaign::Model> {
    own(by).filter(campaign::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's campaigns.
pub(super) fn own(by: &Member) -> Select<campaign::Entity> {
    campaign::Entity::find().filter(campaign::Column::OrgId.eq(by.org()))
}

/// A campaign with what stands above it.
#[derive(Clone, Debug)]
pub struct Headed {
    /// The campaign.
    pub campaign: campaign::Model,
    /// The label that it runs under, if it is still there.
    pub brand: Option<brand::Model>,
    /// The brief that holds now.
    pub brief: Option<brief::Model>,
}

/// As [`one`], with what stands above it; one statement.
pub(super) async fn headed(db: &impl ConnectionTrait, by: &Member, id: CampaignId) -> Result<Headed> {
    let brands = campaign::Entity::belongs_to(brand::Entity).from(campaign::Column::BrandId).to(brand::Column::Id);
    let briefs = campaign::Entity::belongs_to(brief::Entity).from(campaign::Column::Id).to(brief::Column::CampaignId);
    let published = briefs.on_condition(|_, brief| Expr::col((brief, brief::Column::State)).eq(BriefState::Published).into_condition());
    let query = campaign::Entity::find_by_id(id)
        .filter(campaign::Column::OrgId.eq(by.org()))
        .join(JoinType::LeftJoin, brands.into())
        .join(JoinType::LeftJoin, published.into())
        .also::<brand::Entity>("brand_")
        .also::<brief::Entity>("brief_");
    let found = db.query_one(&query.into_query()).await?.ok_or(Error::NotFound)?;
    Ok(Headed {
        campaign: FromQueryResult::from_query_result(&found, "")?,
        brand: FromQueryResult::from_query_result(&found, "brand_")?,
        brief: FromQueryResult::from_query_result(&found, "brief_")?,
    })
}

/// As [`one`], locked.
pub async fn one_for_update(tx: &Tx, by: &Member, id: CampaignId) -> Result<campaign::Model> {
    let query = campaign::Entity::find_by_id(id).filter(campaign::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The brief that holds for a campaign now. The caller has found the campaign through an actor.
pub async fn published_brief(db: &impl ConnectionTrait, id: CampaignId) -> Result<Option<brief::Model>> {
    let query = brief::Entity::find().filter(brief::Column::CampaignId.eq(id)).filter(brief::Column::State.eq(BriefState::Published));
    Ok(query.one(db).await?)
}

/// The newest text of a campaign's brief, draft or not.
pub(super) async fn newest_brief(db: &impl ConnectionTrait, id: CampaignId) -> Result<Option<brief::Model>> {
    let query = brief::Entity::find().filter(brief::Column::CampaignId.eq(id)).order_by_desc(brief::Column::Version);
    Ok(query.one(db).await?)
}

/// The day that it is for the organisation.
pub fn today(by: &Member, now: DateTime<Utc>) -> NaiveDate {
    day_of(by.organization(), now)
}

/// Which campaigns are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states; none = all.
    pub states: Vec<CampaignState>,
    /// A part of the name, in any width, case and kana; empty = all.
    pub search: String,
}

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// When it was opened.
    #[default]
    Created,
    /// When it was last changed.
    Updated,
    /// Its name.
    Name,
    /// Its first day; open ones come last.
    Starts,
}

/// Later than any day that can be typed.
fn never() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default()
}

/// The organisation's campaigns.
pub async fn list(
    db: &impl ConnectionTrait,
    by: &Member,
    filter: &Filter,
    order: Order,
    descending: bool,
    slice: Slice,
) -> Result<Page<campaign::Model>> {
    let down = slice.descends(descending);
    let id = || Expr::col(campaign::Column::Id);
    let key: SimpleExpr = match order {
        Order::Created => id(),
        Order::Updated => Expr::col(campaign::Column::UpdatedAt),
        Order::Name => Expr::col(campaign::Column::NameKey),
        Order::Starts => Func::coalesce([Expr::col(campaign::Column::StartsOn), Expr::val(never())]).into(),
    };
    let mut query = campaign::Entity::find().filter(campaign::Column::OrgId.eq(by.org()));
    if !filter.states.is_empty() {
        query = query.filter(campaign::Column::State.is_in(filter.states.iter().copied()));
    }
    let search = text::search_key(&filter.search);
    if !search.is_empty() {
        query = query.filter(Expr::col(campaign::Column::NameKey).like(text::contains(&search)));
    }
    let from: Option<SimpleExpr> = match order {
        Order::Created => slice.key::<CampaignId>()?.map(Expr::val),
        Order::Updated => slice.key::<(DateTime<Utc>, CampaignId)>()?.map(|(at, id)| Expr::tuple([Expr::val(at), Expr::val(id)])),
        Order::Name => slice.key::<(String, CampaignId)>()?.map(|(name, id)| Expr::tuple([Expr::val(name), Expr::val(id)])),
        Order::Starts => slice.key::<(NaiveDate, CampaignId)>()?.map(|(day, id)| Expr::tuple([Expr::val(day), Expr::val(id)])),
    };
    if let Some(from) = from {
        let here = if order == Order::Created { id() } else { Expr::tuple([key.clone(), id()]) };
        query = query.filter(if down { here.lt(from) } else { here.gt(from) });
    }
    let way = if down { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let rows = query.order_by(key, way.clone()).order_by(id(), way).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| match order {
        Order::Created => Cursor::of(&row.id),
        Order::Updated => Cursor::of(&(row.updated_at, row.id)),
        Order::Name => Cursor::of(&(&row.name_key, row.id)),
        Order::Starts => Cursor::of(&(row.starts_on.unwrap_or_else(never), row.id)),
    }))
}

/// How many creators are in each state, for many campaigns at once. The caller has found the campaigns through an actor.
pub async fn funnels(
    db: &impl ConnectionTrait,
    campaigns: impl IntoIterator<Item = CampaignId>,
) -> Result<HashMap<CampaignId, Vec<(ParticipationState, i64)>>> {
    let rows: Vec<(CampaignId, ParticipationState, i64)> = participation::Entity::find()
        .select_only()
        .column(participation::Column::CampaignId)
        .column(participation::Column::State)
        .column_as(participation::Column::Id.count(), "n")
        .filter(participation::Column::CampaignId.is_in(campaigns))
        .group_by(participation::Column::CampaignId)
        .group_by(participation::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let mut out: HashMap<CampaignId, Vec<(ParticipationState, i64)>> = HashMap::new();
    for (campaign, state, n) in rows {
        out.entry(campaign).or_default().push((state, n));
    }
    for counts in out.values_mut() {
        counts.sort_unstable_by_key(|(state, _)| *state);
    }
    Ok(out)
}
