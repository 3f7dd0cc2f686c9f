//! The log in GraphQL.

use async_graphql::{Context, ID, InputObject, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{event, ids::EventId};

use super::queries::{self, Eyes, Filter};
use crate::{
    base::{lang::Lang, paging::Cursor},
    error::Result,
    graph::{
        context::{Actor, Ask},
        rows::Row,
        scalars::{connection, slice},
    },
};

/// A fact that happened. Facts are never changed or deleted.
pub struct AuditEvent(Row<event::Model>);

/// A fact that happened. Facts are never changed or deleted.
#[Object]
impl AuditEvent {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What happened: `invitation.accepted`. New kinds may come with a release.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// What happened, in the caller's language.
    async fn description(&self, ctx: &Context<'_>) -> String {
        ctx.locale().name("event", &self.0.kind).into()
    }
    /// The id of what it happened to.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// The name of who did it; null if the system did.
    async fn actor_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(id) = self.0.user_id else { return Ok(None) };
        Ok(ctx.rows()?.load_one(id).await?.map(|user| user.name.clone()))
    }
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// Ids and states that go with it, as a JSON object in a text.
    async fn details(&self) -> String {
        self.0.data.to_string()
    }
}

/// Which facts are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct AuditEventFilter {
    /// The first word of the kind, such as `invitation`; a word that is none finds nothing.
    area: Option<String>,
    /// Part of the name of who did it; case does not matter. At most 100 characters are looked at.
    actor: Option<String>,
    /// The id of what it happened to.
    subject: Option<String>,
    /// From this moment on.
    since: Option<DateTime<Utc>>,
    /// Before this moment.
    until: Option<DateTime<Utc>>,
}

fn eyes(ctx: &Context<'_>) -> Result<Eyes> {
    match &ctx.cx()?.actor {
        Actor::Admin(by) => Ok(by.into()),
        _ => Ok((&ctx.member()?.owner()?).into()),
    }
}

/// A fact for `node`.
pub(crate) async fn event_node(ctx: &Context<'_>, id: EventId) -> Result<Option<AuditEvent>> {
    let scope = queries::seen_by(eyes(ctx)?);
    Ok(Some(AuditEvent(ctx.rows()?.find::<AuditEvent, _, _>(event::Column::Id, scope, id).await?)))
}

/// The log.
#[derive(Default)]
pub struct AuditQuery;

/// The log.
#[Object]
impl AuditQuery {
    /// What happened, the newest first: everything for platform admins, what concerns the organisation for its owners.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<AuditEventFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, AuditEvent>> {
        let eyes = eyes(ctx)?;
        let asked = filter.unwrap_or_default();
        let filter = Filter {
            area: asked.area.unwrap_or_default(),
            who: asked.actor.unwrap_or_default().chars().take(100).collect(),
            subject: asked.subject.unwrap_or_default(),
            since: asked.since,
            until: asked.until,
        };
        let page = queries::list(ctx.app()?.db(), eyes, &filter, slice(after, before, first, last)?).await?;
        Ok(connection(page, AuditEvent))
    }
}
