//! Facts, the newest first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    event,
    ids::{EventId, OrgId, UserId},
    user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    auth::actors::{Admin, Owner},
    base::{
        paging::{Page, Slice},
        text::contains,
    },
    error::Result,
    events,
};

/// Whose eyes see.
#[derive(Clone, Copy, Debug)]
pub enum Eyes {
    /// An admin's: everything.
    Admin,
    /// An owner's: what concerns the organisation.
    Org(OrgId),
}

impl From<&Admin> for Eyes {
    fn from(_: &Admin) -> Self {
        Self::Admin
    }
}

impl From<&Owner<'_>> for Eyes {
    fn from(by: &Owner<'_>) -> Self {
        Self::Org(by.org())
    }
}

/// The first words of kinds: what a fact is about.
pub const AREAS: &[&str] = &[
    "account",
    "admin",
    "api_token",
    "audit",
    "brand",
    "brief",
    "campaign",
    "consent",
    "creator",
    "creators",
    "delegation",
    "invitation",
    "invitations",
    "job",
    "letter",
    "list",
    "mail",
    "member",
    "message",
    "network",
    "offering",
    "organisation",
    "participation",
    "portfolio_item",
    "reference_table",
    "score",
    "session",
    "upload",
    "webhook",
];

/// Which facts; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One of [`AREAS`]; empty = all.
    pub area: String,
    /// Part of the name of who did it.
    pub who: String,
    /// The id of what it happened to.
    pub subject: String,
    /// From this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

fn matching(eyes: Eyes, filter: &Filter) -> Select<event::Entity> {
    let mut all = Condition::all();
    if let Eyes::Org(org) = eyes {
        all = all.add(event::Column::OrgId.eq(org));
    }
    if !filter.area.is_empty() {
        let known = AREAS.contains(&&*filter.area);
        let kind = event::Column::Kind;
        // No kind is one word, so that an unknown one finds nothing.
        all = all.add(if known { kind.starts_with(format!("{}.", filter.area)) } else { kind.eq(&*filter.area) });
    }
    let who = filter.who.trim().to_lowercase();
    if !who.is_empty() {
        let named = user::Entity::find().filter(Expr::expr(Func::lower(Expr::col(user::Column::Name))).like(contains(&who)));
        all = all.add(event::Column::UserId.in_subquery(named.select_only().column(user::Column::Id).into_query()));
    }
    let subject = filter.subject.trim();
    if !subject.is_empty() {
        let mut about = Condition::any().add(event::Column::Subject.eq(subject));
        // An organisation's id finds all that happened in it.
        if let Ok(org) = subject.parse::<OrgId>() {
            about = about.add(event::Column::OrgId.eq(org));
        }
        all = all.add(about);
    }
    if let Some(since) = filter.since {
        all = all.add(event::Column::At.gte(since));
    }
    if let Some(until) = filter.until {
        all = all.add(event::Column::At.lt(until));
    }
    event::Entity::find().filter(all)
}

/// A page of them.
pub async fn list(db: &impl ConnectionTrait, eyes: Eyes, filter: &Filter, slice: Slice) -> Result<Page<event::Model>> {
    events::page(db, matching(eyes, filter), slice).await
}

/// One, if these eyes may see it.
pub async fn one(db: &impl ConnectionTrait, eyes: Eyes, id: EventId) -> Result<Option<event::Model>> {
    Ok(seen_by(eyes).filter(event::Column::Id.eq(id)).one(db).await?)
}

/// All that these eyes may see.
pub(super) fn seen_by(eyes: Eyes) -> Select<event::Entity> {
    matching(eyes, &Filter::default())
}

/// The names of who did these, in one statement.
pub async fn names<'a>(db: &impl ConnectionTrait, rows: impl Iterator<Item = &'a event::Model>) -> Result<HashMap<UserId, String>> {
    let ids: std::collections::BTreeSet<UserId> = rows.filter_map(|row| row.user_id).collect();
    let found: Vec<(UserId, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}
