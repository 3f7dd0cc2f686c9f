//! Changing accounts.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    super::{self as accounts, NewToken, rules::SignUpAs},
    ApiToken, Viewer,
};
use crate::{
    activity::graphql::DigestName,
    auth::actors::Via,
    error::Result,
    graph::{
        context::{Ask, id, tries_token},
        outcome::answer,
        scalars::LocaleName,
    },
    payload,
};

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
    /// A code of the authenticator app, or a recovery code, if the person has a second factor; without it such a call is refused with
    /// `REQUIRED` at `code`.
    code: Option<String>,
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
    /// How often a mail sums up what was not seen.
    activity_digest: Option<DigestName>,
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
        let input = accounts::SignUp {
            kind: if SignUpAs::from(input.kind) == SignUpAs::Creator { "creator" } else { "brand" }.to_owned(),
            name: input.name,
            email: input.email,
            password: input.password,
            locale: entity::enums::Locale::from(input.locale).as_str().to_owned(),
            time_zone: input.time_zone.unwrap_or_default(),
            conduct: input.conduct,
            next: String::new(),
        };
        let done = accounts::sign_up(&cx.app, &cx.device, input).await;
        answer(ctx, done.map(|()| SignUpPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Answers the mail of a sign-up, and signs in. Needs no token but the mail's.
    async fn sign_up_confirm(&self, ctx: &Context<'_>, input: LinkTokenInput) -> Result<SignUpConfirmPayload> {
        tries_token(ctx).await?;
        let cx = ctx.cx()?;
        let done = match accounts::confirm(&cx.app, &cx.device, &input.token).await {
            Ok(confirmed) => {
                accounts::sign_in::api_token(&cx.app, &confirmed.signed_in, "person").await.map(|(_, token)| SignUpConfirmPayload {
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
            let code = input.code.unwrap_or_default();
            let signed_in = accounts::sign_in_with_code(&cx.app, &cx.device, &input.email, &input.password, &code).await?;
            let (row, token) = accounts::sign_in::api_token(&cx.app, &signed_in, &input.actor).await?;
            Ok(SignInPayload {
                token: Some(token.reveal().to_owned()),
                api_token: Some(ApiToken(row.into())),
                viewer: Some(Viewer(signed_in.user)),
                ..Default::default()
            })
        };
        answer(ctx, done.await)
    }

    /// Mails a link to choose a new password. Needs no token.
    async fn password_reset_request(&self, ctx: &Context<'_>, input: PasswordResetRequestInput) -> Result<PasswordResetRequestPayload> {
        let cx = ctx.cx()?;
        let done = accounts::request_reset(&cx.app, &cx.device, &input.email).await;
        answer(ctx, done.map(|()| PasswordResetRequestPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Sets a new password by the link of a mail. Every session ends. Needs no token but the mail's.
    async fn password_reset(&self, ctx: &Context<'_>, input: PasswordResetInput) -> Result<PasswordResetPayload> {
        tries_token(ctx).await?;
        let done = accounts::reset_password(ctx.app()?, &input.token, &input.password).await;
        answer(ctx, done.map(|_| PasswordResetPayload { done: Some(true), ..Default::default() }))
    }

    /// Sets a new password by the old one. Only from a session.
    async fn password_change(&self, ctx: &Context<'_>, input: PasswordChangeInput) -> Result<PasswordChangePayload> {
        let cx = ctx.cx()?;
        let done = accounts::change_password(&cx.app, ctx.person()?, &input.current_password, &input.password).await;
        answer(ctx, done.map(|user| PasswordChangePayload { viewer: Some(Viewer(user)), ..Default::default() }))
    }

    /// Asks for another mail address. Only from a session.
    async fn email_change(&self, ctx: &Context<'_>, input: EmailChangeInput) -> Result<EmailChangePayload> {
        let cx = ctx.cx()?;
        let password = input.current_password.unwrap_or_default();
        let done = accounts::change_email(&cx.app, ctx.person()?, &input.email, &password).await;
        answer(ctx, done.map(|()| EmailChangePayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Answers the mail to the new address. Needs no token but the mail's.
    async fn email_change_confirm(&self, ctx: &Context<'_>, input: LinkTokenInput) -> Result<EmailChangeConfirmPayload> {
        tries_token(ctx).await?;
        let done = accounts::confirm_email(ctx.app()?, &input.token).await;
        answer(ctx, done.map(|user| EmailChangeConfirmPayload { email: Some(user.email), ..Default::default() }))
    }

    /// Changes the person's settings.
    async fn viewer_edit(&self, ctx: &Context<'_>, input: ViewerEditInput) -> Result<ViewerEditPayload> {
        let edit = accounts::Edit {
            name: input.name,
            locale: input.locale.map(|l| entity::enums::Locale::from(l).as_str().to_owned()),
            time_zone: input.time_zone,
            chat_mail: input.chat_mail,
            digest: input.activity_digest.map(|d| entity::enums::Digest::from(d).as_str().to_owned()),
        };
        let done = accounts::edit(ctx.app()?, ctx.person()?, edit).await;
        answer(ctx, done.map(|user| ViewerEditPayload { viewer: Some(Viewer(user)), ..Default::default() }))
    }

    /// Ends one of the person's sessions, or all others.
    async fn session_end(&self, ctx: &Context<'_>, input: SessionEndInput) -> Result<SessionEndPayload> {
        let (app, person) = (ctx.app()?, ctx.person()?);
        let done = async {
            match &input.id {
                Some(session) => accounts::end_session(app, person, id(session)?).await.map(|()| 1),
                None => accounts::end_other_sessions(app, person).await,
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
        let done = accounts::create_token(&cx.app, ctx.person()?, new).await;
        answer(
            ctx,
            done.map(|(row, token)| ApiTokenCreatePayload {
                token: Some(token.reveal().to_owned()),
                api_token: Some(ApiToken(row.into())),
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
            accounts::revoke_token(&cx.app, person, token).await
        };
        answer(ctx, done.await.map(|row| ApiTokenRevokePayload { api_token: Some(ApiToken(row.into())), ..Default::default() }))
    }
}
