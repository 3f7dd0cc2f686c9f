//! Accounts in GraphQL: the viewer, sessions, tokens, and everything that changes them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{api_token, enums::Hat, ids::ApiTokenId, session, user};

use super::{NewToken, queries, rules::SignUpAs};
use crate::{
    auth::actors::{self, Acting, Via},
    error::Result,
    graph::{
        context::{Ask, id},
        outcome::answer,
        scalars::LocaleName,
    },
    payload,
};

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
    /// The version of the code of conduct that was accepted; null if none.
    async fn conduct_version(&self) -> Option<&str> {
        self.0.conduct_version.as_deref()
    }
    /// What the person can act as; name one in the header `Hibiki-Actor` of a session's call.
    async fn actors(&self, ctx: &Context<'_>) -> Result<Vec<ActorChoice>> {
        let app = ctx.app()?;
        let choices = actors::choices(app.db(), ctx.person()?, app.clock.now().date_naive()).await?;
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
    /// Personal API tokens, the newest first, revoked and expired ones too; at most 200.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        Ok(queries::tokens(ctx.app()?.db(), ctx.person()?).await?.into_iter().map(ApiToken).collect())
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
pub struct ApiToken(pub(crate) api_token::Model);

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
    async fn organization_id(&self) -> Option<ID> {
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
    Ok(queries::tokens(ctx.app()?.db(), ctx.person()?).await?.into_iter().find(|t| t.id == id).map(ApiToken))
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

/// As what somebody signs up.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SignUpAs", name = "SignUpAs")]
pub enum SignUpAsName {
    /// To be found, invited and paid
    Creator,
    /// To run campaigns
    Brand,
}

/// A new account.
#[derive(InputObject)]
pub struct SignUpInput {
    /// Decides only which page greets the person.
    kind: SignUpAsName,
    /// The name that others see; at most 80 characters.
    name: String,
    /// The mailbox; a mail to it must be answered.
    email: String,
    /// At least 8 characters, none that is quickly guessed.
    password: String,
    /// The language of pages and mails.
    #[graphql(default_with = "LocaleName::En")]
    locale: LocaleName,
    /// IANA name; null = Asia/Tokyo for Japanese, else UTC.
    time_zone: Option<String>,
    /// Whether the code of conduct at `/conduct` is accepted; must be true.
    conduct: bool,
}

/// The token of a link in a mail.
#[derive(InputObject)]
pub struct LinkTokenInput {
    /// The last part of the link's address.
    token: String,
}

/// Address and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The mail address.
    email: String,
    /// The password.
    password: String,
    /// The actor that the token shall be for: `creator`, `admin`, an organisation's id, or `person`.
    #[graphql(default = "person")]
    actor: String,
}

/// An address that a mail shall go to.
#[derive(InputObject)]
pub struct PasswordResetRequestInput {
    /// The mail address of the account.
    email: String,
}

/// A new password by a link.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// The last part of the link's address.
    token: String,
    /// The new password.
    password: String,
}

/// A new password by the old one.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The password as it is.
    current_password: String,
    /// The new one. Every other session ends.
    password: String,
}

/// A new mail address.
#[derive(InputObject)]
pub struct EmailChangeInput {
    /// The new mailbox; a mail to it must be answered.
    email: String,
    /// The password; may be left out if it was given within the last minutes.
    current_password: Option<String>,
}

/// The person's settings; null leaves one as it is.
#[derive(InputObject)]
pub struct ViewerEditInput {
    /// The name that others see.
    name: Option<String>,
    /// The language of pages and mails.
    locale: Option<LocaleName>,
    /// IANA name.
    time_zone: Option<String>,
    /// Whether a mail without content says that chat messages wait.
    chat_mail: Option<bool>,
}

/// Which session ends.
#[derive(InputObject)]
pub struct SessionEndInput {
    /// Its id; null = all but the one that asks.
    id: Option<ID>,
}

/// A new API token.
#[derive(InputObject)]
pub struct ApiTokenCreateInput {
    /// To tell it apart; at most 60 characters.
    name: String,
    /// `creator`, `admin`, `person`, or an organisation's id.
    actor: String,
    /// `read`, `write`; `read` is always in.
    scopes: Vec<String>,
    /// How many days it shall live, 1 to 366.
    days: i32,
    /// The password; may be left out if it was given within the last minutes.
    current_password: Option<String>,
}

/// Which token is revoked.
#[derive(InputObject)]
pub struct ApiTokenRevokeInput {
    /// Its id.
    id: ID,
}

payload! {
    /// The answer to `signUp`, the same for known and unknown addresses.
    SignUpPayload {
        /// True: a mail is on its way.
        check_mail: bool,
    }
    /// The answer to `signUpConfirm`.
    SignUpConfirmPayload {
        /// A token for the person, good for 12 hours; shown once.
        token: String,
        /// The new person.
        viewer: Viewer,
    }
    /// The answer to `signIn`.
    SignInPayload {
        /// A bearer token for the actor, good for 12 hours; shown once.
        token: String,
        /// The token's row, to revoke it.
        api_token: ApiToken,
        /// The person.
        viewer: Viewer,
    }
    /// The answer to `passwordResetRequest`, the same for known and unknown addresses.
    PasswordResetRequestPayload {
        /// True: if the address is known, a mail is on its way.
        check_mail: bool,
    }
    /// The answer to `passwordReset`.
    PasswordResetPayload {
        /// True: the password is changed and every session ended.
        done: bool,
    }
    /// The answer to `passwordChange`.
    PasswordChangePayload {
        /// The person.
        viewer: Viewer,
    }
    /// The answer to `emailChange`.
    EmailChangePayload {
        /// True: a mail to the new address is on its way, unless it belongs to somebody.
        check_mail: bool,
    }
    /// The answer to `emailChangeConfirm`.
    EmailChangeConfirmPayload {
        /// The new address.
        email: String,
    }
    /// The answer to `viewerEdit`.
    ViewerEditPayload {
        /// The person.
        viewer: Viewer,
    }
    /// The answer to `sessionEnd`.
    SessionEndPayload {
        /// How many sessions ended.
        ended: i32,
    }
    /// The answer to `apiTokenCreate`.
    ApiTokenCreatePayload {
        /// The token's text; shown once.
        token: String,
        /// The token's row.
        api_token: ApiToken,
    }
    /// The answer to `apiTokenRevoke`.
    ApiTokenRevokePayload {
        /// The revoked token.
        api_token: ApiToken,
    }
}

/// Mutations of accounts.
#[derive(Default)]
pub struct AccountsMutation;

/// Mutations of accounts.
#[Object]
impl AccountsMutation {
    /// Asks for an account. The person exists once the mail is answered. Needs no token.
    async fn sign_up(&self, ctx: &Context<'_>, input: SignUpInput) -> Result<SignUpPayload> {
        let cx = ctx.cx()?;
        let input = super::SignUp {
            kind: if SignUpAs::from(input.kind) == SignUpAs::Creator { "creator" } else { "brand" }.to_owned(),
            name: input.name,
            email: input.email,
            password: input.password,
            locale: entity::enums::Locale::from(input.locale).as_str().to_owned(),
            time_zone: input.time_zone.unwrap_or_default(),
            conduct: input.conduct,
            next: String::new(),
        };
        let done = super::sign_up(&cx.app, &cx.device, input).await;
        answer(ctx, done.map(|()| SignUpPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Answers the mail of a sign-up, and signs in. Needs no token but the mail's.
    async fn sign_up_confirm(&self, ctx: &Context<'_>, input: LinkTokenInput) -> Result<SignUpConfirmPayload> {
        let cx = ctx.cx()?;
        let done = match super::confirm(&cx.app, &cx.device, &input.token).await {
            Ok(confirmed) => {
                super::sign_in::api_token(&cx.app, &confirmed.signed_in, "person").await.map(|(_, token)| SignUpConfirmPayload {
                    token: Some(token.reveal().to_owned()),
                    viewer: Some(Viewer(confirmed.signed_in.user)),
                    ..Default::default()
                })
            }
            Err(error) => Err(error),
        };
        answer(ctx, done)
    }

    /// Proves by password who calls, and gives a bearer token for one actor, good for 12 hours. At most once in a document.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
        let cx = ctx.cx()?;
        let done = async {
            let signed_in = super::sign_in(&cx.app, &cx.device, &input.email, &input.password).await?;
            let (row, token) = super::sign_in::api_token(&cx.app, &signed_in, &input.actor).await?;
            Ok(SignInPayload {
                token: Some(token.reveal().to_owned()),
                api_token: Some(ApiToken(row)),
                viewer: Some(Viewer(signed_in.user)),
                ..Default::default()
            })
        };
        answer(ctx, done.await)
    }

    /// Mails a link to choose a new password. Needs no token.
    async fn password_reset_request(&self, ctx: &Context<'_>, input: PasswordResetRequestInput) -> Result<PasswordResetRequestPayload> {
        let cx = ctx.cx()?;
        let done = super::request_reset(&cx.app, &cx.device, &input.email).await;
        answer(ctx, done.map(|()| PasswordResetRequestPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Sets a new password by the link of a mail. Every session ends. Needs no token but the mail's.
    async fn password_reset(&self, ctx: &Context<'_>, input: PasswordResetInput) -> Result<PasswordResetPayload> {
        let done = super::reset_password(ctx.app()?, &input.token, &input.password).await;
        answer(ctx, done.map(|_| PasswordResetPayload { done: Some(true), ..Default::default() }))
    }

    /// Sets a new password by the old one. Only from a session.
    async fn password_change(&self, ctx: &Context<'_>, input: PasswordChangeInput) -> Result<PasswordChangePayload> {
        let cx = ctx.cx()?;
        let done = super::change_password(&cx.app, ctx.person()?, &cx.device, &input.current_password, &input.password).await;
        answer(ctx, done.map(|user| PasswordChangePayload { viewer: Some(Viewer(user)), ..Default::default() }))
    }

    /// Asks for another mail address. Only from a session.
    async fn email_change(&self, ctx: &Context<'_>, input: EmailChangeInput) -> Result<EmailChangePayload> {
        let cx = ctx.cx()?;
        let password = input.current_password.unwrap_or_default();
        let done = super::change_email(&cx.app, ctx.person()?, &cx.device, &input.email, &password).await;
        answer(ctx, done.map(|()| EmailChangePayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Answers the mail to the new address. Needs no token but the mail's.
    async fn email_change_confirm(&self, ctx: &Context<'_>, input: LinkTokenInput) -> Result<EmailChangeConfirmPayload> {
        let done = super::confirm_email(ctx.app()?, &input.token).await;
        answer(ctx, done.map(|user| EmailChangeConfirmPayload { email: Some(user.email), ..Default::default() }))
    }

    /// Changes the person's settings.
    async fn viewer_edit(&self, ctx: &Context<'_>, input: ViewerEditInput) -> Result<ViewerEditPayload> {
        let edit = super::Edit {
            name: input.name,
            locale: input.locale.map(|l| entity::enums::Locale::from(l).as_str().to_owned()),
            time_zone: input.time_zone,
            chat_mail: input.chat_mail,
        };
        let done = super::edit(ctx.app()?, ctx.person()?, edit).await;
        answer(ctx, done.map(|user| ViewerEditPayload { viewer: Some(Viewer(user)), ..Default::default() }))
    }

    /// Ends one of the person's sessions, or all others.
    async fn session_end(&self, ctx: &Context<'_>, input: SessionEndInput) -> Result<SessionEndPayload> {
        let (app, person) = (ctx.app()?, ctx.person()?);
        let done = async {
            match &input.id {
                Some(session) => super::end_session(app, person, id(session)?).await.map(|()| 1),
                None => super::end_other_sessions(app, person).await,
            }
        };
        answer(ctx, done.await.map(|n| SessionEndPayload { ended: i32::try_from(n).ok(), ..Default::default() }))
    }

    /// Makes an API token for one actor. Only from a session; at most once in a document.
    async fn api_token_create(&self, ctx: &Context<'_>, input: ApiTokenCreateInput) -> Result<ApiTokenCreatePayload> {
        let cx = ctx.cx()?;
        let new = NewToken {
            name: input.name,
            actor: input.actor,
            scopes: input.scopes,
            days: input.days.to_string(),
            current_password: input.current_password.unwrap_or_default(),
        };
        let done = super::create_token(&cx.app, ctx.person()?, &cx.device, new).await;
        answer(
            ctx,
            done.map(|(row, token)| ApiTokenCreatePayload {
                token: Some(token.reveal().to_owned()),
                api_token: Some(ApiToken(row)),
                ..Default::default()
            }),
        )
    }

    /// Revokes one of the person's API tokens; a token may revoke itself.
    async fn api_token_revoke(&self, ctx: &Context<'_>, input: ApiTokenRevokeInput) -> Result<ApiTokenRevokePayload> {
        let cx = ctx.cx()?;
        // A read-only token may still end itself: that is no wider power.
        let person = cx.actor.person().ok_or(crate::error::Error::SignIn)?;
        let done = async {
            let token = id(&input.id)?;
            let itself = matches!(person.via(), Via::Token(own, _) if own == token);
            let person = if itself { person } else { ctx.person()? };
            super::revoke_token(&cx.app, person, token).await
        };
        answer(ctx, done.await.map(|row| ApiTokenRevokePayload { api_token: Some(ApiToken(row)), ..Default::default() }))
    }
}
