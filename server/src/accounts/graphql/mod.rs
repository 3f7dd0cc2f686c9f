//! Accounts in GraphQL: the viewer, sessions, tokens, and everything that changes them.

pub mod mutations;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{api_token, enums::Hat, ids::ApiTokenId, session, user};

use super::{queries, second_factor::graphql::SecondFactor};
use crate::{
    activity::graphql::DigestName,
    auth::actors::{self, Acting},
    error::Result,
    graph::{context::Ask, rows::Row, scalars::LocaleName},
};

pub use super::second_factor::graphql::SecondFactorMutation;
pub use mutations::AccountsMutation;

/// The person who calls.
pub struct Viewer(pub(crate) user::Model);

/// The person who calls.
#[Object]
impl Viewer {
    /// The person's id. It is no Node: nobody else can look it up.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that others see.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The mail address. Only the person sees it.
    async fn email(&self) -> &str {
        &self.0.email
    }
    /// The language of pages, mails and error messages.
    async fn locale(&self) -> LocaleName {
        self.0.locale.into()
    }
    /// The zone in which pages and mails show times, an IANA name.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }
    /// Whether a mail without content says that chat messages wait.
    async fn chat_mail(&self) -> bool {
        self.0.chat_mail
    }
    /// How often a mail sums up what was not seen; never unless asked for.
    async fn activity_digest(&self) -> DigestName {
        self.0.digest.into()
    }
    /// The version of the code of conduct that was accepted; null if none.
    async fn conduct_version(&self) -> Option<&str> {
        self.0.conduct_version.as_deref()
    }
    /// What the person can act as; name one in the header `Hibiki-Actor` of a session's call.
    async fn actors(&self, ctx: &Context<'_>) -> Result<Vec<ActorChoice>> {
        let app = ctx.app()?;
        let choices = actors::choices(app.db(), ctx.person()?, app.clock.now()).await?;
        Ok(choices.iter().map(ActorChoice::of).collect())
    }
    /// Browsers that are signed in, the latest first; at most 100.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let person = ctx.person()?;
        let current = person.session();
        Ok(queries::sessions(ctx.app()?.db(), person)
            .await?
            .into_iter()
            .map(|row| Session { current: current == Some(row.id), row })
            .collect())
    }
    /// What the person proves besides the password, the oldest first; empty: the password alone signs in.
    async fn second_factors(&self, ctx: &Context<'_>) -> Result<Vec<SecondFactor>> {
        Ok(super::second_factors(ctx.app()?.db(), ctx.person()?).await?.into_iter().map(SecondFactor).collect())
    }
    /// How many recovery codes are unused; each serves once in place of a second factor.
    async fn recovery_codes_left(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(super::recovery_codes_left(ctx.app()?.db(), ctx.person()?).await?.try_into().unwrap_or(i32::MAX))
    }
    /// Personal API tokens, the newest first, revoked and expired ones too; at most 200.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        Ok(Row::each(queries::tokens(ctx.app()?.db(), ctx.person()?).await?).map(ApiToken).collect())
    }
}

/// Something that a person can act as.
#[derive(SimpleObject)]
pub struct ActorChoice {
    /// What the header `Hibiki-Actor` names: an id, or `admin`.
    pub actor: String,
    /// Its name.
    pub name: String,
    /// What kind of actor it is.
    pub kind: ActorKind,
}

impl ActorChoice {
    fn of(choice: &Acting) -> Self {
        let (kind, name) = match choice {
            Acting::Creator(_, name) => (ActorKind::Creator, name.clone()),
            Acting::Org(_, name, _) => (ActorKind::Member, name.clone()),
            Acting::Admin => (ActorKind::Admin, "admin".to_owned()),
        };
        Self { actor: choice.to_string(), name, kind }
    }
}

/// A kind of actor.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Hat", name = "ActorKind")]
pub enum ActorKind {
    /// Nothing but the signed-in person: enough to register as creator or to found an organisation
    Person,
    /// The creator that the person is
    Creator,
    /// A member of one organisation
    Member,
    /// A platform admin
    Admin,
}

/// A browser that is signed in.
pub struct Session {
    row: session::Model,
    current: bool,
}

/// A browser that is signed in.
#[Object]
impl Session {
    /// The session's id.
    async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }
    /// What the browser says it is.
    async fn user_agent(&self) -> &str {
        &self.row.user_agent
    }
    /// The network address that it signed in from.
    async fn ip(&self) -> &str {
        &self.row.ip
    }
    /// When it signed in.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
    /// When it was last seen, to about five minutes.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.row.last_seen_at
    }
    /// Whether it is the one that asks.
    async fn current(&self) -> bool {
        self.current
    }
}

/// A personal API token. Its text is shown once, when it is made.
pub struct ApiToken(pub(crate) Row<api_token::Model>);

/// A personal API token. Its text is shown once, when it is made.
#[Object]
impl ApiToken {
    /// The token's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What it was named.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The kind of actor that it was made for.
    async fn kind(&self) -> ActorKind {
        self.0.hat.into()
    }
    /// The organisation, for a member's token.
    async fn organisation_id(&self) -> Option<ID> {
        self.0.org_id.map(|id| id.to_string().into())
    }
    /// What it may do: `read`, `write`.
    async fn scopes(&self) -> &[String] {
        &self.0.scopes.0
    }
    /// Its last four characters.
    async fn hint(&self) -> &str {
        &self.0.hint
    }
    /// When it ends.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// When it was last used, to about five minutes; null if never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
    /// When it was revoked; null while it lives.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}

/// A token for `node`.
pub(crate) async fn token_node(ctx: &Context<'_>, id: ApiTokenId) -> Result<Option<ApiToken>> {
    let found = ctx.rows()?.find::<ApiToken, _, _>(api_token::Column::Id, queries::own_tokens(ctx.person()?), id).await?;
    Ok(Some(ApiToken(found)))
}

/// Queries of accounts.
#[derive(Default)]
pub struct AccountsQuery;

/// Queries of accounts.
#[Object]
impl AccountsQuery {
    /// The person who calls; null if nobody is signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        Ok(ctx.cx()?.actor.person().map(|p| Viewer(p.user().clone())))
    }

    /// The actor that this call acts as; null if nobody is signed in, or none is chosen.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<ActorChoice>> {
        use crate::graph::context::Actor;
        Ok(match &ctx.cx()?.actor {
            Actor::Creator(c) => Some(ActorChoice::of(&Acting::Creator(c.id(), c.profile().display_name.clone()))),
            Actor::Member(m) => Some(ActorChoice::of(&Acting::Org(m.org(), m.organization().name.clone(), m.organization().kind))),
            Actor::Admin(_) => Some(ActorChoice::of(&Acting::Admin)),
            Actor::Nobody | Actor::Undecided(..) => None,
        })
    }
}
