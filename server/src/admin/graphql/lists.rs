//! Lists for platform admins: people, letters, addresses that are not written to, jobs.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    enums::{JobState, LetterState, SuppressionReason, SuspensionReason, UserStatus},
    ids::{CreatorId, JobId, LetterId, SuppressionId, UserId},
    job, letter, suppression, user,
};

use super::{
    super::queries::{
        organisations,
        people::{self, Filter, Kind},
        queues,
    },
    JobStateName, LetterStateName,
};
use crate::{
    accounts::rules::{UserAction, user_actions},
    base::paging::Cursor,
    creators::graphql::Creator,
    error::{Error, Result},
    graph::{
        context::{Ask, id},
        outcome::{Alone, alone},
        rows::{Row, Rows},
        scalars::{LocaleName, connection, slice},
    },
    mail::retry,
    organisations::graphql::{Organisation, OrganisationKindName, RoleName},
};

/// Whether a person may sign in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "UserStatus", name = "UserStatus")]
pub enum UserStatusName {
    /// May
    Active,
    /// May not, until an admin lets them
    Suspended,
}

/// Why a person was suspended; they were told.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SuspensionReason", name = "SuspensionReason")]
pub enum SuspensionReasonName {
    /// The code of conduct was broken
    Conduct,
    /// Somebody pretends to be another, or figures are made up
    Fraud,
    /// The account may be in the hands of somebody else
    Security,
    /// The person asked for it
    Request,
}

/// Why an address is not written to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SuppressionReason", name = "SuppressionReason")]
pub enum SuppressionReasonName {
    /// The person asked for no more
    Unsubscribed,
    /// Mail came back for good
    Bounced,
}

/// Somebody who can sign in, as platform admins see them.
pub struct User(pub Row<user::Model>);

/// What hangs on a person.
#[derive(Clone)]
struct Hangs {
    seen: Option<DateTime<Utc>>,
    creator: Option<CreatorId>,
    places: Vec<UserPlace>,
}

/// The key of [`Hangs`].
#[derive(Clone, PartialEq, Eq, Hash)]
struct Of(UserId);

impl Loader<Of> for Rows {
    type Value = Hangs;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[Of]) -> Result<HashMap<Of, Hangs>, Arc<Error>> {
        let ids: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        let mut all = people::attached(self.app.db(), &ids).await.map_err(Arc::new)?;
        Ok(ids
            .into_iter()
            .map(|id| {
                let places = all.places.remove(&id).unwrap_or_default().into_iter();
                let place = |(org, name, role)| UserPlace {
                    organisation_id: ID(format!("{org}")),
                    organisation_name: name,
                    role: RoleName::from(role),
                };
                let hangs = Hangs {
                    seen: all.seen.get(&id).copied(),
                    creator: all.creators.get(&id).map(|(id, _)| *id),
                    places: places.map(place).collect(),
                };
                (Of(id), hangs)
            })
            .collect())
    }
}

/// Where a person is a member.
#[derive(Clone, SimpleObject)]
pub struct UserPlace {
    /// The organisation's id.
    pub organisation_id: ID,
    /// Its name.
    pub organisation_name: String,
    /// What the person may do there.
    pub role: RoleName,
}

impl User {
    async fn hangs(&self, ctx: &Context<'_>) -> Result<Hangs> {
        let found = ctx.rows()?.load_one(Of(self.0.id)).await?;
        Ok(found.unwrap_or(Hangs { seen: None, creator: None, places: Vec::new() }))
    }
}

/// Somebody who can sign in, as platform admins see them.
#[Object]
impl User {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that others see.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }
    /// The language of pages and mails.
    async fn locale(&self) -> LocaleName {
        self.0.locale.into()
    }
    /// Whether they may sign in.
    async fn status(&self) -> UserStatusName {
        self.0.status.into()
    }
    /// Why they may not; null while they may.
    async fn suspension_reason(&self) -> Option<SuspensionReasonName> {
        self.0.suspension_reason.map(Into::into)
    }
    /// Since when they may not; null while they may.
    async fn suspended_at(&self) -> Option<DateTime<Utc>> {
        self.0.suspended_at
    }
    /// Whether they run this installation.
    async fn platform_admin(&self) -> bool {
        self.0.platform_admin
    }
    /// When the account came to be.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When a browser of theirs was last seen, to five minutes; null if they are signed out everywhere.
    async fn last_seen_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.hangs(ctx).await?.seen)
    }
    /// The creator that they are; null if they are none.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        let Some(id) = self.hangs(ctx).await?.creator else { return Ok(None) };
        Ok(ctx.rows()?.load_one(id).await?.map(Creator))
    }
    /// The organisations that they are members of.
    async fn places(&self, ctx: &Context<'_>) -> Result<Vec<UserPlace>> {
        Ok(self.hangs(ctx).await?.places)
    }
    /// What the calling admin may do with them now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<UserAction>> {
        Ok(user_actions(&self.0, ctx.admin()?.person().id()))
    }
}

/// A mail; its text is not told.
pub struct Letter(pub Row<letter::Model>);

/// A mail; its text is not told.
#[Object]
impl Letter {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// To which address.
    async fn to(&self) -> &str {
        &self.0.to_email
    }
    /// What it is about.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// What became of it.
    async fn state(&self) -> LetterStateName {
        self.0.state.into()
    }
    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
    /// What went wrong last, in the mail server's words; null if nothing did.
    async fn last_error(&self) -> Option<&str> {
        Some(self.0.last_error.as_str()).filter(|text| !text.is_empty())
    }
    /// When it was written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When the next mail server accepted it; null until then.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }
    /// Whether `letterRetry` would send it again: it failed in the last week.
    async fn can_retry(&self) -> bool {
        retry::can_retry(&self.0)
    }
}

/// An address that is not written to.
pub struct Suppression(pub Row<suppression::Model>);

/// An address that is not written to.
#[Object]
impl Suppression {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The address in lower case.
    async fn email(&self) -> &str {
        &self.0.email_key
    }
    /// Why.
    async fn reason(&self) -> SuppressionReasonName {
        self.0.reason.into()
    }
    /// The organisation whose mail is refused; null for everybody's.
    async fn organisation_id(&self) -> Option<ID> {
        Some(self.0.scope.as_str()).filter(|scope| *scope != "all").map(ID::from)
    }
    /// Since when.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// Whether `suppressionLift` would take it away: not where the person asked for it.
    async fn can_lift(&self) -> bool {
        retry::can_lift(&self.0)
    }
}

/// A piece of background work.
pub struct BackgroundJob(pub Row<job::Model>);

/// A piece of background work.
#[Object]
impl BackgroundJob {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What is done, such as `invitations.expire`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// What became of it.
    async fn state(&self) -> JobStateName {
        self.0.state.into()
    }
    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
    /// What went wrong last; null if nothing did.
    async fn last_error(&self) -> Option<&str> {
        Some(self.0.last_error.as_str()).filter(|text| !text.is_empty())
    }
    /// When it is due.
    async fn run_at(&self) -> DateTime<Utc> {
        self.0.run_at
    }
    /// When it was done or given up; null until then.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
    /// Whether `backgroundJobRetry` would do it again: it was given up.
    async fn can_retry(&self) -> bool {
        self.0.state == JobState::Dead
    }
}

/// Which organisations are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct OrganisationFilter {
    /// Part of the name or the legal name; case does not matter. At most 100 characters are looked at.
    text: Option<String>,
    /// Brands or agencies.
    kind: Option<OrganisationKindName>,
}

/// Which people are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// Part of the name or the address; case does not matter. At most 100 characters are looked at.
    text: Option<String>,
    /// Whether they may sign in.
    status: Option<UserStatusName>,
    /// What they are.
    kind: Option<Kind>,
}

/// Which letters are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct LetterFilter {
    /// In this state.
    state: Option<LetterStateName>,
    /// Part of the address or the subject; case does not matter. At most 100 characters are looked at.
    text: Option<String>,
}

/// Which addresses are asked for; all that is given must hold.
#[derive(InputObject, Default)]
pub struct SuppressionFilter {
    /// For this reason.
    reason: Option<SuppressionReasonName>,
    /// Part of the address; case does not matter. At most 100 characters are looked at.
    text: Option<String>,
}

/// Which jobs are asked for.
#[derive(InputObject, Default)]
pub struct BackgroundJobFilter {
    /// In this state.
    state: Option<JobStateName>,
}

fn cut(text: Option<String>) -> String {
    text.unwrap_or_default().chars().take(100).collect()
}

/// A person for `node`: for admins.
pub(crate) async fn user_node(ctx: &Context<'_>, id: UserId) -> Result<Option<User>> {
    let by = ctx.admin()?;
    Ok(Some(User(ctx.rows()?.find::<User, _, _>(user::Column::Id, people::all(by), id).await?)))
}

macro_rules! nodes {
    ($($name:ident: $id:ty => $table:ident, $made:ident;)*) => {$(
        /// For `node`: for admins.
        pub(crate) async fn $name(ctx: &Context<'_>, id: $id) -> Result<Option<$made>> {
            let by = ctx.admin()?;
            Ok(Some($made(ctx.rows()?.find::<$made, $table::Entity, _>($table::Column::Id, queues::all(by), id).await?)))
        }
    )*};
}

nodes! {
    letter_node: LetterId => letter, Letter;
    suppression_node: SuppressionId => suppression, Suppression;
    job_node: JobId => job, BackgroundJob;
}

/// Lists for platform admins.
#[derive(Default)]
pub struct AdminListsQuery;

/// Lists for platform admins.
#[Object]
impl AdminListsQuery {
    /// Brands and agencies, the newest first. Platform admins.
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<OrganisationFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Organisation>> {
        let by = ctx.admin()?;
        let asked = filter.unwrap_or_default();
        let filter = organisations::Filter { text: cut(asked.text), kind: asked.kind.map(Into::into) };
        let page = organisations::list(ctx.app()?.db(), by, &filter, slice(after, before, first, last)?).await?;
        Ok(connection(page, Organisation))
    }

    /// Somebody who can sign in. Platform admins. Null if there is none.
    async fn user(&self, ctx: &Context<'_>, #[graphql(desc = "The person's id.")] id: ID) -> Alone<User> {
        alone(async {
            let by = ctx.admin()?;
            let Ok(id) = self::id(&id) else { return Ok(None) };
            match people::one(ctx.app()?.db(), by, id).await {
                Err(Error::NotFound) => Ok(None),
                other => other.map(|row| Some(User(row.into()))),
            }
        })
        .await
    }

    /// Everybody who can sign in, the newest first. Platform admins.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<UserFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, User>> {
        let by = ctx.admin()?;
        let asked = filter.unwrap_or_default();
        let filter = Filter { text: cut(asked.text), status: asked.status.map(Into::into), kind: asked.kind };
        let page = people::list(ctx.app()?.db(), by, &filter, slice(after, before, first, last)?).await?;
        Ok(connection(page, User))
    }

    /// Mail, the newest first. Platform admins.
    async fn letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<LetterFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Letter>> {
        let by = ctx.admin()?;
        let asked = filter.unwrap_or_default();
        let slice = slice(after, before, first, last)?;
        let page = queues::letters(ctx.app()?.db(), by, asked.state.map(LetterState::from), &cut(asked.text), slice).await?;
        Ok(connection(page, Letter))
    }

    /// Addresses that are not written to, the newest first. Platform admins.
    async fn suppressions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<SuppressionFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Suppression>> {
        let by = ctx.admin()?;
        let asked = filter.unwrap_or_default();
        let slice = slice(after, before, first, last)?;
        let page = queues::suppressions(ctx.app()?.db(), by, asked.reason.map(SuppressionReason::from), &cut(asked.text), slice).await?;
        Ok(connection(page, Suppression))
    }

    /// Background work, the newest first. Platform admins.
    async fn background_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<BackgroundJobFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, BackgroundJob>> {
        let by = ctx.admin()?;
        let slice = slice(after, before, first, last)?;
        let state = filter.and_then(|f| f.state).map(JobState::from);
        Ok(connection(queues::jobs(ctx.app()?.db(), by, state, slice).await?, BackgroundJob))
    }
}
