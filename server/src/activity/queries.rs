//! Reads of activity, every one through the actor.

use std::collections::{BTreeSet, HashMap};

use entity::{
    activity_mark, brief, campaign, creator, event,
    ids::{BriefId, CampaignId, CreatorId, EventId, InvitationId, OrgId, ParticipationId, ThreadId, UserId},
    invitation, membership, organization, participation, thread, user,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

use super::rules;
use crate::{
    auth::actors::{Admin, Creator, Member},
    base::paging::{Page, Slice},
    error::Result,
    events::{self, Place},
};

/// How many unseen things are counted; more are "99+".
pub const MOST_COUNTED: u64 = 100;

/// Whose eyes see, and who looks through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Eyes {
    user: UserId,
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    Creator(CreatorId),
    Org(OrgId),
    Admin,
}

impl From<&Creator> for Eyes {
    fn from(by: &Creator) -> Self {
        Self { user: by.user_id(), of: Of::Creator(by.id()) }
    }
}

impl From<&Member> for Eyes {
    fn from(by: &Member) -> Self {
        Self { user: by.user_id(), of: Of::Org(by.org()) }
    }
}

impl From<&Admin> for Eyes {
    fn from(by: &Admin) -> Self {
        Self { user: by.person().id(), of: Of::Admin }
    }
}

impl Eyes {
    /// Who looks.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// As whom, in the mark's word.
    pub fn actor(&self) -> String {
        match self.of {
            Of::Creator(id) => id.to_string(),
            Of::Org(id) => id.to_string(),
            Of::Admin => "admin".to_owned(),
        }
    }

    fn table(&self) -> &'static [(&'static str, bool)] {
        match self.of {
            Of::Creator(_) => rules::CREATOR,
            Of::Org(_) => rules::ORGANISATION,
            Of::Admin => rules::ADMIN,
        }
    }

    /// The first words of the kinds that these eyes see.
    pub fn areas(&self) -> Vec<&'static str> {
        let areas: BTreeSet<_> = self.table().iter().filter_map(|(kind, _)| kind.split('.').next()).collect();
        areas.into_iter().collect()
    }

    /// Whether an event calls for these eyes' attention.
    pub fn notices(&self, row: &event::Model) -> bool {
        row.user_id != Some(self.user) && self.table().iter().any(|(kind, calls)| *calls && *kind == row.kind)
    }

    fn mine(&self) -> Condition {
        match self.of {
            Of::Creator(id) => Condition::all().add(event::Column::CreatorId.eq(id)),
            Of::Org(id) => Condition::all().add(event::Column::OrgId.eq(id)),
            Of::Admin => Condition::all(),
        }
    }

    /// What is shown.
    pub fn feed(&self) -> Condition {
        self.mine().add(event::Column::Kind.is_in(self.table().iter().map(|(kind, _)| *kind)))
    }

    /// What calls for attention.
    pub fn notifications(&self) -> Condition {
        let calls = self.table().iter().filter(|(_, calls)| *calls).map(|(kind, _)| *kind);
        let others = Condition::any().add(event::Column::UserId.is_null()).add(event::Column::UserId.ne(self.user));
        self.mine().add(event::Column::Kind.is_in(calls)).add(others)
    }
}

/// Which of it; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The first word of the kind; empty = all.
    pub area: String,
    /// Only what calls for attention.
    pub notifications: bool,
}

/// A page of it, the newest first.
pub async fn list(db: &impl ConnectionTrait, eyes: Eyes, filter: &Filter, slice: Slice) -> Result<Page<event::Model>> {
    let mut matching = if filter.notifications { eyes.notifications() } else { eyes.feed() };
    if !filter.area.is_empty() {
        let kinds = eyes.table().iter().map(|(kind, _)| *kind).filter(|kind| kind.split('.').next() == Some(&filter.area));
        matching = matching.add(event::Column::Kind.is_in(kinds));
    }
    events::page(db, event::Entity::find().filter(matching), slice).await
}

/// One, if these eyes may see it.
pub async fn one(db: &impl ConnectionTrait, eyes: Eyes, id: EventId) -> Result<Option<event::Model>> {
    Ok(seen_by(&eyes).filter(event::Column::Id.eq(id)).one(db).await?)
}

/// All that is shown to these eyes.
pub(super) fn seen_by(eyes: &Eyes) -> Select<event::Entity> {
    event::Entity::find().filter(eyes.feed())
}

/// How far they have looked.
pub async fn mark(db: &impl ConnectionTrait, eyes: Eyes) -> Result<Place> {
    let found = activity_mark::Entity::find_by_id((eyes.user, eyes.actor())).one(db).await?;
    Ok(found.map_or(Place::START, |row| Place::at(row.xid, row.seq)))
}

/// What calls for attention after a place, the newest first, at most so many.
pub async fn unseen(db: &impl ConnectionTrait, eyes: Eyes, after: Place, most: u64) -> Result<Vec<event::Model>> {
    Ok(event::Entity::find()
        .filter(eyes.notifications())
        .filter(events::beyond(after, false))
        .order_by_desc(event::Column::Xid)
        .order_by_desc(event::Column::Seq)
        .limit(most)
        .all(db)
        .await?)
}

/// How many things call for attention, at most [`MOST_COUNTED`].
pub async fn count_unseen(db: &impl ConnectionTrait, eyes: Eyes) -> Result<u64> {
    let after = mark(db, eyes).await?;
    let found: Vec<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Seq)
        .filter(eyes.notifications())
        .filter(events::beyond(after, false))
        // What is counted does not change by it, but without it PostgreSQL looks through all events, hoping to find that many soon.
        .order_by_asc(event::Column::Xid)
        .order_by_asc(event::Column::Seq)
        .limit(MOST_COUNTED)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.len() as u64)
}

/// What an event is about, in names.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The campaign and its name.
    pub campaign: Option<(CampaignId, String)>,
    /// The creator's name.
    pub creator: Option<String>,
    /// The creator's place in it.
    pub participation: Option<ParticipationId>,
    /// The conversation.
    pub thread: Option<ThreadId>,
    /// Who did it, as far as the reader may know.
    pub by: Option<By>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The reader.
    Reader,
    /// Somebody else: a colleague, a creator under the name that they chose, for creators the organisation, for admins anybody.
    Other(String),
}

/// Who did it: two statements at most. A person's own name is shown to colleagues and admins only.
async fn doers(db: &impl ConnectionTrait, eyes: Eyes, rows: &[&event::Model]) -> Result<HashMap<EventId, By>> {
    let others = || rows.iter().filter(|row| row.user_id.is_some_and(|id| id != eyes.user));
    let users = others().filter_map(|row| row.user_id);
    let mut names: HashMap<UserId, String> = HashMap::new();
    let mut orgs: HashMap<OrgId, String> = HashMap::new();
    match eyes.of {
        Of::Creator(_) => {
            let named = organization::Entity::find().select_only().columns([organization::Column::Id, organization::Column::Name]);
            let named = named.filter(organization::Column::Id.is_in(others().filter_map(|row| row.org_id)));
            orgs = named.into_tuple::<(OrgId, String)>().all(db).await?.into_iter().collect();
        }
        Of::Org(org) => {
            let creators = creator::Entity::find()
                .select_only()
                .columns([creator::Column::UserId, creator::Column::DisplayName])
                .filter(creator::Column::Id.is_in(others().filter_map(|row| row.creator_id)))
                .filter(creator::Column::UserId.is_in(users.clone()));
            names.extend(creators.into_tuple::<(UserId, String)>().all(db).await?);
            let colleagues = membership::Entity::find().select_only().column(membership::Column::UserId);
            let colleagues = colleagues.filter(membership::Column::OrgId.eq(org)).into_query();
            let named = user::Entity::find().select_only().columns([user::Column::Id, user::Column::Name]);
            let named = named.filter(user::Column::Id.is_in(users)).filter(user::Column::Id.in_subquery(colleagues));
            names.extend(named.into_tuple::<(UserId, String)>().all(db).await?);
        }
        Of::Admin => {
            let named = user::Entity::find().select_only().columns([user::Column::Id, user::Column::Name]);
            names.extend(named.filter(user::Column::Id.is_in(users)).into_tuple::<(UserId, String)>().all(db).await?);
        }
    }
    let by = |row: &&event::Model| {
        let user = row.user_id?;
        if user == eyes.user {
            return Some((row.id, By::Reader));
        }
        let name = names.get(&user).or_else(|| orgs.get(&row.org_id?))?;
        Some((row.id, By::Other(name.clone())))
    };
    Ok(rows.iter().filter_map(by).collect())
}

/// Reads it for events that were found through the actor: eight statements at most, however many there are.
pub async fn about(db: &impl ConnectionTrait, eyes: Eyes, rows: &[&event::Model]) -> Result<HashMap<EventId, About>> {
    fn ids<T: std::str::FromStr>(rows: &[&event::Model]) -> Vec<T> {
        rows.iter().filter_map(|row| row.subject.parse().ok()).collect()
    }
    let threads: HashMap<EventId, ThreadId> =
        rows.iter().filter_map(|row| Some((row.id, row.data["thread"].as_str()?.parse().ok()?))).collect();
    let invitations = invitation::Entity::find().filter(invitation::Column::Id.is_in(ids::<InvitationId>(rows))).all(db).await?;
    let places = participation::Entity::find().filter(participation::Column::Id.is_in(ids::<ParticipationId>(rows))).all(db).await?;
    let briefs = brief::Entity::find().filter(brief::Column::Id.is_in(ids::<BriefId>(rows))).all(db).await?;
    let talks = thread::Entity::find().filter(thread::Column::Id.is_in(threads.values().copied())).all(db).await?;
    let mut out: HashMap<EventId, (Option<CampaignId>, About)> = HashMap::new();
    for row in rows {
        let mut about = About { thread: threads.get(&row.id).copied(), ..About::default() };
        let mut of = row.subject.parse::<CampaignId>().ok();
        if let Some(found) = invitations.iter().find(|i| i.id.to_string() == row.subject) {
            (of, about.participation) = (Some(found.campaign_id), Some(found.participation_id));
        }
        if let Some(found) = places.iter().find(|p| p.id.to_string() == row.subject) {
            (of, about.participation) = (Some(found.campaign_id), Some(found.id));
        }
        if let Some(found) = briefs.iter().find(|b| b.id.to_string() == row.subject) {
            of = Some(found.campaign_id);
        }
        if let Some(found) = talks.iter().find(|t| Some(t.id) == about.thread) {
            of = Some(found.campaign_id);
        }
        out.insert(row.id, (of, about));
    }
    let campaigns: HashMap<CampaignId, String> = campaign::Entity::find()
        .select_only()
        .columns([campaign::Column::Id, campaign::Column::Name])
        .filter(campaign::Column::Id.is_in(out.values().filter_map(|(of, _)| *of)))
        .into_tuple::<(CampaignId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let creators: HashMap<CreatorId, String> = creator::Entity::find()
        .select_only()
        .columns([creator::Column::Id, creator::Column::DisplayName])
        .filter(creator::Column::Id.is_in(rows.iter().filter_map(|row| row.creator_id)))
        .into_tuple::<(CreatorId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut doers = doers(db, eyes, rows).await?;
    let creator_of: HashMap<EventId, CreatorId> = rows.iter().filter_map(|row| Some((row.id, row.creator_id?))).collect();
    Ok(out
        .into_iter()
        .map(|(id, (of, mut about))| {
            about.campaign = of.and_then(|of| Some((of, campaigns.get(&of)?.clone())));
            about.by = doers.remove(&id);
            about.creator = creator_of.get(&id).and_then(|creator| creators.get(creator)).cloned();
            (id, about)
        })
        .collect())
}
