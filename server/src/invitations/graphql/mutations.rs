//! Changing invitations.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};
use entity::{
    enums::{DeclineReason, Locale},
    ids::InvitationId,
};

use super::{
    super::{self as invitations, Answer, Decline, Recipient, Refusal, Send, SignUp, rules::Bulk},
    DeclineReasonName, Invitation, InvitationBatch, InvitationStateName,
};
use crate::{
    accounts::graphql::Viewer,
    error::{Code, Problem, Result},
    graph::{
        context::{Actor, Ask, id, tries_token},
        outcome::answer,
        rows::Row,
        scalars::{Date, LocaleName},
    },
    participations::graphql::Participation,
    payload,
};

/// Somebody to invite.
#[derive(InputObject)]
pub struct RecipientInput {
    /// A creator's id; null = somebody new, by name and address.
    creator_id: Option<ID>,
    /// The name of somebody new.
    name: Option<String>,
    /// The address that the brand was given; needed unless the creator is registered.
    email: Option<String>,
}

/// Invitations to send.
#[derive(InputObject)]
pub struct InvitationSendInput {
    /// The campaign; it must be recruiting or active and have a published brief.
    campaign_id: ID,
    /// Whom to invite, 1 to 500. Who cannot be invited is told in `batch.refused`, and does not hold up the others.
    recipients: Vec<RecipientInput>,
    /// The mail's subject, at most 78 characters; `{name}` becomes the creator's name.
    subject: String,
    /// Why this creator, at most 1,200 characters; `{name}` becomes the creator's name.
    message: String,
    /// The subject in the other language, for those whose language it is; needs `otherMessage`. Null = all get the one above.
    other_subject: Option<String>,
    /// The message in the other language.
    other_message: Option<String>,
    /// The language of subject and message, and of the whole mail for those who are not registered; others get their own.
    locale: LocaleName,
    /// The last day for an answer, in the organisation's zone: from tomorrow, at most 90 days ahead, not after the campaign.
    answer_by: Date,
    /// The same key gives the same answer and sends nothing twice.
    idempotency_key: Option<String>,
}

/// Which invitation's mail is sent again.
#[derive(InputObject)]
pub struct InvitationResendInput {
    /// Its id.
    id: ID,
    /// Another address, for a creator who is not registered.
    email: Option<String>,
}

/// Which invitation is taken back.
#[derive(InputObject)]
pub struct InvitationWithdrawInput {
    /// Its id.
    id: ID,
}

/// Which invitations, and what is done with each.
#[derive(InputObject)]
pub struct InvitationBulkInput {
    /// Their ids, 1 to 100.
    ids: Vec<ID>,
    /// What is done.
    action: Bulk,
}

/// An invitation of a bulk action that stayed as it was.
#[derive(SimpleObject)]
pub struct InvitationLeft {
    /// Its id.
    pub id: ID,
    /// Why, for programs.
    pub code: Code,
    /// Why, in the caller's language.
    pub message: String,
}

/// An invitation by its link or, for the invited creator, by its id.
#[derive(OneofObject)]
pub enum InvitationKey {
    /// The last part of the link's address.
    Token(String),
    /// The id of an invitation to the creator that asks.
    Id(ID),
}

impl InvitationKey {
    fn answer(&self) -> Result<Answer> {
        Ok(match self {
            Self::Token(token) => Answer::Token(token.clone()),
            Self::Id(given) => Answer::Id(id(given)?),
        })
    }

    async fn tried(&self, ctx: &Context<'_>) -> Result<()> {
        match self {
            Self::Token(_) => tries_token(ctx).await,
            Self::Id(_) => Ok(()),
        }
    }
}

/// Which invitation is accepted.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// By link or id.
    invitation: InvitationKey,
}

/// Signing up by an invitation's link; the address is the invited one.
#[derive(InputObject)]
pub struct InvitationSignUpInput {
    /// The last part of the link's address.
    token: String,
    /// The name that others see; at most 80 characters.
    name: String,
    /// At least 8 characters, none that is quickly guessed.
    password: String,
    /// The language of pages and mails.
    locale: LocaleName,
    /// IANA name; null = as the language suggests.
    time_zone: Option<String>,
    /// Whether the code of conduct at `/conduct` is accepted; must be true.
    conduct: bool,
}

/// Which invitation is declined.
#[derive(InputObject)]
pub struct InvitationDeclineInput {
    /// By link or id. By link no sign-in is needed.
    invitation: InvitationKey,
    /// Why; may be left out.
    reason: Option<DeclineReasonName>,
    /// A few words to the brand, at most 500 characters.
    note: Option<String>,
}

/// Which invitation gets a new link.
#[derive(InputObject)]
pub struct InvitationRenewInput {
    /// By the old link or by id. By link no sign-in is needed.
    invitation: InvitationKey,
}

/// Whose mail is wanted no more.
#[derive(InputObject)]
pub struct MailUnsubscribeInput {
    /// The last part of the unsubscribe link's address.
    token: String,
    /// Every brand's; else only this one's.
    #[graphql(default)]
    all: bool,
}

payload! {
    /// The answer to `invitationSend`.
    InvitationSendPayload {
        /// The bulk action, to watch its progress.
        batch: InvitationBatch,
    }
    /// The answer to `invitationResend`.
    InvitationResendPayload {
        /// The invitation as it is now.
        invitation: Invitation,
    }
    /// The answer to `invitationWithdraw`.
    InvitationWithdrawPayload {
        /// The invitation as it is now.
        invitation: Invitation,
    }
    /// The answer to `invitationBulk`.
    InvitationBulkPayload {
        /// Those with which it was done, as they are now.
        invitations: Vec<Invitation>,
        /// Those that stayed as they were, each with its reason; they do not hold up the others.
        left: Vec<InvitationLeft>,
    }
    /// The answer to `invitationAccept`.
    InvitationAcceptPayload {
        /// The creator's place in the campaign, with the full brief and the conversation.
        participation: Participation,
    }
    /// The answer to `invitationSignUp`.
    InvitationSignUpPayload {
        /// A bearer token for the new creator, good for 12 hours; shown once.
        token: String,
        /// The new person.
        viewer: Viewer,
        /// The id of the creator's place in the campaign; read it with the new token.
        participation_id: ID,
    }
    /// The answer to `invitationDecline`.
    InvitationDeclinePayload {
        /// Where the invitation stands now.
        state: InvitationStateName,
    }
    /// The answer to `invitationRenew`.
    InvitationRenewPayload {
        /// True: a mail is on its way to the invited address.
        check_mail: bool,
    }
    /// The answer to `mailUnsubscribe`.
    MailUnsubscribePayload {
        /// True: no more mail will be sent.
        done: bool,
    }
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationsMutation;

/// Mutations of invitations.
#[Object]
impl InvitationsMutation {
    /// Invites one or many creators by mail, at most 500. Managers and owners.
    async fn invitation_send(&self, ctx: &Context<'_>, input: InvitationSendInput) -> Result<InvitationSendPayload> {
        let by = ctx.member()?.manager()?;
        let recipients = input.recipients.into_iter().map(|r| Recipient {
            creator: r.creator_id.map(|id| id.to_string()),
            name: r.name.unwrap_or_default(),
            email: r.email.unwrap_or_default(),
        });
        let send = Send {
            recipients: recipients.collect(),
            subject: input.subject,
            message: input.message,
            other_subject: input.other_subject.unwrap_or_default(),
            other_message: input.other_message.unwrap_or_default(),
            locale: Locale::from(input.locale).to_string(),
            answer_by: input.answer_by.to_string(),
            idempotency_key: input.idempotency_key,
        };
        let done = async { invitations::send(ctx.app()?, &by, id(&input.campaign_id)?, send).await };
        answer(ctx, done.await.map(|batch| InvitationSendPayload { batch: Some(InvitationBatch(batch.into())), ..Default::default() }))
    }

    /// Sends an invitation's mail again, at most three mails in all. Managers and owners.
    async fn invitation_resend(&self, ctx: &Context<'_>, input: InvitationResendInput) -> Result<InvitationResendPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { invitations::resend(ctx.app()?, &by, id(&input.id)?, input.email.as_deref()).await };
        answer(ctx, done.await.map(|row| InvitationResendPayload { invitation: Some(Invitation(row.into())), ..Default::default() }))
    }

    /// Takes an invitation back. Managers and owners.
    async fn invitation_withdraw(&self, ctx: &Context<'_>, input: InvitationWithdrawInput) -> Result<InvitationWithdrawPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { invitations::withdraw(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| InvitationWithdrawPayload { invitation: Some(Invitation(row.into())), ..Default::default() }))
    }

    /// Sends several invitations again or takes them back, at most 100. Managers and owners.
    async fn invitation_bulk(&self, ctx: &Context<'_>, input: InvitationBulkInput) -> Result<InvitationBulkPayload> {
        let by = ctx.member()?.manager()?;
        let ids: Vec<String> = input.ids.iter().map(|id| id.to_string()).collect();
        let locale = ctx.locale();
        let left = |(id, problem): (InvitationId, Problem)| InvitationLeft {
            id: id.to_string().into(),
            code: problem.wrong.code,
            message: problem.wrong.text(locale).into(),
        };
        let done = invitations::bulk(ctx.app()?, &by, &ids, input.action.as_str()).await;
        answer(
            ctx,
            done.map(|all| InvitationBulkPayload {
                invitations: Some(Row::each(all.done).map(Invitation).collect()),
                left: Some(all.left.into_iter().map(left).collect()),
                ..Default::default()
            }),
        )
    }

    /// Joins the campaign. It binds nobody: it opens the full brief and the conversation. For the invited creator.
    async fn invitation_accept(&self, ctx: &Context<'_>, input: InvitationAcceptInput) -> Result<InvitationAcceptPayload> {
        let by = ctx.creator()?;
        input.invitation.tried(ctx).await?;
        let done = async { invitations::accept(ctx.app()?, by.person(), input.invitation.answer()?).await };
        answer(ctx, done.await.map(|row| InvitationAcceptPayload { participation: Some(Participation(row.into())), ..Default::default() }))
    }

    /// Signs up by an invitation's link, and joins. The link proves the mailbox. Needs no token but the link's.
    async fn invitation_sign_up(&self, ctx: &Context<'_>, input: InvitationSignUpInput) -> Result<InvitationSignUpPayload> {
        let cx = ctx.cx()?;
        let sign_up = SignUp {
            token: input.token,
            name: input.name,
            password: input.password,
            locale: Locale::from(input.locale).to_string(),
            time_zone: input.time_zone.unwrap_or_default(),
            conduct: input.conduct,
        };
        let done = async {
            let (signed_in, participation) = invitations::sign_up(&cx.app, &cx.device, sign_up).await?;
            let (_, token) = crate::accounts::api_token(&cx.app, &signed_in, "creator").await?;
            Ok(InvitationSignUpPayload {
                token: Some(token.reveal().to_owned()),
                viewer: Some(Viewer(signed_in.user)),
                participation_id: Some(participation.id.to_string().into()),
                ..Default::default()
            })
        };
        answer(ctx, done.await)
    }

    /// Says no: by link without signing in, or as the invited creator. A link of somebody else's is FORBIDDEN.
    async fn invitation_decline(&self, ctx: &Context<'_>, input: InvitationDeclineInput) -> Result<InvitationDeclinePayload> {
        let cx = ctx.cx()?;
        input.invitation.tried(ctx).await?;
        let by = match (&input.invitation, &cx.actor) {
            (InvitationKey::Token(_), Actor::Nobody) => None,
            (InvitationKey::Token(_), _) => Some(ctx.person()?),
            (InvitationKey::Id(_), _) => Some(ctx.creator()?.person()),
        };
        let decline = Decline {
            reason: input.reason.map(|r| DeclineReason::from(r).to_string()).unwrap_or_default(),
            note: input.note.unwrap_or_default(),
        };
        let done = async { invitations::decline(&cx.app, by, input.invitation.answer()?, decline).await };
        answer(ctx, done.await.map(|row| InvitationDeclinePayload { state: Some(row.state.into()), ..Default::default() }))
    }

    /// Mails a new link to the invited address, after the old one ran out; older links stop working.
    async fn invitation_renew(&self, ctx: &Context<'_>, input: InvitationRenewInput) -> Result<InvitationRenewPayload> {
        let cx = ctx.cx()?;
        input.invitation.tried(ctx).await?;
        let by = match &input.invitation {
            InvitationKey::Token(_) => None,
            InvitationKey::Id(_) => Some(ctx.creator()?.person()),
        };
        let done = async { invitations::renew(&cx.app, by, &cx.device, input.invitation.answer()?).await };
        answer(ctx, done.await.map(|_| InvitationRenewPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Ends further mail of one brand or of all. Needs no token but the link's.
    async fn mail_unsubscribe(&self, ctx: &Context<'_>, input: MailUnsubscribeInput) -> Result<MailUnsubscribePayload> {
        tries_token(ctx).await?;
        let of = if input.all { Refusal::All } else { Refusal::Brand };
        let done = invitations::unsubscribe(ctx.app()?, &input.token, of).await;
        answer(ctx, done.map(|()| MailUnsubscribePayload { done: Some(true), ..Default::default() }))
    }
}
