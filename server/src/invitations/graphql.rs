//! Invitations in GraphQL: the brand sends and watches, the creator answers, a link is read without signing in.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    batch,
    enums::{DeclineReason, InvitationState, Locale},
    ids::{BatchId, InvitationId},
    invitation,
};

use super::{
    Answer, Decline, Recipient, Refusal, Send, SignUp, queries,
    queries::Filter,
    rules::{self, Move},
};
use crate::{
    accounts::graphql::Viewer,
    base::paging::Cursor,
    creators::graphql::Creator,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::answer,
        scalars::{Date, LocaleName, connection, slice},
    },
    participations::graphql::{Job, Participation, fault},
    payload,
};

/// The life of an invitation. Opened is an instant, not a state.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "InvitationState", name = "InvitationState")]
pub enum InvitationStateName {
    /// Being written
    Draft,
    /// Waits for the worker
    Queued,
    /// The mail server has taken it
    Sent,
    /// The creator joined
    Accepted,
    /// The creator said no
    Declined,
    /// The answer-by instant has passed
    Expired,
    /// The brand took it back
    Revoked,
    /// The mail could not be delivered
    Bounced,
}

/// Why a creator said no; every answer is fine.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DeclineReason", name = "DeclineReason")]
pub enum DeclineReasonName {
    /// No time in that period
    NoTime,
    /// Not my topic
    NotMyTopic,
    /// The reward is too low
    RewardTooLow,
    /// The terms do not fit
    Terms,
    /// I work with a competitor
    Competitor,
    /// Something else
    Other,
}

/// What may be done with an invitation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Move", name = "InvitationAction")]
pub enum InvitationAction {
    /// The creator joins: `invitationAccept`.
    Accept,
    /// The creator says no: `invitationDecline`.
    Decline,
    /// The brand takes it back: `invitationWithdraw`.
    Withdraw,
    /// The brand sends the mail again: `invitationResend`.
    Resend,
    /// The system's own, when the answer-by instant passes.
    Expire,
    /// The creator asks for a new link: `invitationRenew`.
    Renew,
}

/// An invitation by mail to one creator.
pub struct Invitation(pub invitation::Model);

/// An invitation by mail to one creator.
#[Object]
impl Invitation {
    /// The invitation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> InvitationStateName {
        self.0.state.into()
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<InvitationAction>> {
        let cx = ctx.cx()?;
        let Some(campaign) = cx.rows.load_one(self.0.campaign_id).await.map_err(fault)? else { return Ok(Vec::new()) };
        let now = cx.app.clock.now();
        let moves = match &cx.actor {
            Actor::Creator(_) => rules::creator_actions(&self.0, &campaign, now),
            Actor::Member(member) if member.manager().is_ok() => rules::brand_actions(&self.0, &campaign, now),
            _ => Vec::new(),
        };
        Ok(moves.into_iter().map(Into::into).collect())
    }
    /// The address that it went to. Null for a brand when the creator registered it and has not joined: it is not the brand's to see.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.shows_address(&ctx.cx()?.actor).then_some(self.0.email.as_str()))
    }
    /// The subject of the mail.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// The personal lines of the mail.
    async fn message(&self) -> &str {
        &self.0.message
    }
    /// The language of the mail.
    async fn locale(&self) -> LocaleName {
        self.0.locale.into()
    }
    /// When the mail server took it; null before.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }
    /// When its link was first opened, by a person or by a mail program; null before.
    async fn viewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.viewed_at
    }
    /// When it was answered; null before.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
    /// The answer-by instant.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// Why the creator said no; null without a reason.
    async fn decline_reason(&self) -> Option<DeclineReasonName> {
        self.0.decline_reason.map(Into::into)
    }
    /// A few words with the no; null without.
    async fn decline_note(&self) -> Option<&str> {
        Some(self.0.decline_note.as_str()).filter(|n| !n.is_empty())
    }
    /// Why the mail could not be delivered; brand only, null unless it bounced.
    async fn bounce_code(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let brand = matches!(ctx.cx()?.actor, Actor::Member(_));
        Ok(Some(self.0.bounce_code.as_str()).filter(|c| brand && !c.is_empty()))
    }
    /// What it is about: the teaser.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::load(ctx, self.0.campaign_id, None).await
    }
    /// The creator who is asked; null if the profile is gone.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        Ok(ctx.rows()?.load_one(self.0.creator_id).await.map_err(fault)?.map(Creator))
    }
    /// The creator's place in the campaign.
    async fn participation(&self, ctx: &Context<'_>) -> Result<Option<Participation>> {
        Ok(ctx.rows()?.load_one(self.0.participation_id).await.map_err(fault)?.map(Participation))
    }
}

impl Invitation {
    fn shows_address(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Creator(_) => true,
            Actor::Member(_) => rules::shows_address(&self.0),
            _ => false,
        }
    }
}

/// What whoever holds an invitation's link may read, without signing in.
pub struct InvitationTeaser {
    row: invitation::Model,
    registered: bool,
}

/// What whoever holds an invitation's link may read, without signing in.
#[Object]
impl InvitationTeaser {
    /// Where it stands.
    async fn state(&self) -> InvitationStateName {
        self.row.state.into()
    }
    /// The invited address: it is fixed at sign-up.
    async fn email(&self) -> &str {
        &self.row.email
    }
    /// Whether the address has an account already: then `signIn` comes before `invitationAccept`, else `invitationSignUp`.
    async fn registered(&self) -> bool {
        self.registered
    }
    /// The answer-by instant.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.row.expires_at
    }
    /// The personal lines of the mail.
    async fn message(&self) -> &str {
        &self.row.message
    }
    /// What the holder of the link may do now: accept (or sign up) and decline, or renew.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<InvitationAction>> {
        let cx = ctx.cx()?;
        let Some(campaign) = cx.rows.load_one(self.row.campaign_id).await.map_err(fault)? else { return Ok(Vec::new()) };
        Ok(rules::creator_actions(&self.row, &campaign, cx.app.clock.now()).into_iter().map(Into::into).collect())
    }
    /// What it is about; null once the invitation is spent.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        if !rules::waits(&self.row, ctx.app()?.clock.now()) {
            return Ok(None);
        }
        Job::load(ctx, self.row.campaign_id, None).await
    }
}

/// A bulk action of invitations, and how far it is.
pub struct InvitationBatch(pub batch::Model);

/// A bulk action of invitations, and how far it is.
#[Object]
impl InvitationBatch {
    /// The action's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// How many were invited.
    async fn total(&self) -> i32 {
        self.0.total
    }
    /// How many mails have left or failed for good.
    async fn done(&self, ctx: &Context<'_>) -> Result<i32> {
        queries::done(ctx.app()?.db(), ctx.member()?, &self.0).await
    }
    /// Who was not invited, and why.
    async fn refused(&self, ctx: &Context<'_>) -> Vec<RefusedRecipient> {
        let locale = ctx.locale();
        super::refused(&self.0).into_iter().map(|no| RefusedRecipient { reason: no.text(locale).into(), name: no.name }).collect()
    }
    /// When it was started.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Somebody who was not invited.
#[derive(SimpleObject)]
pub struct RefusedRecipient {
    /// As the brand named them.
    name: String,
    /// Why, in the caller's language.
    reason: String,
}

/// An invitation for `node`: the brand's or the creator's own.
pub(crate) async fn invitation_node(ctx: &Context<'_>, id: InvitationId) -> Result<Option<Invitation>> {
    let db = ctx.app()?.db();
    match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::one_of_creator(db, by, id).await.map(|row| Some(Invitation(row))),
        Actor::Member(by) => queries::one_of_org(db, by, id).await.map(|row| Some(Invitation(row))),
        _ => Ok(None),
    }
}

/// A bulk action for `node`.
pub(crate) async fn batch_node(ctx: &Context<'_>, id: BatchId) -> Result<Option<InvitationBatch>> {
    queries::batch(ctx.app()?.db(), ctx.member()?, id).await.map(|row| Some(InvitationBatch(row)))
}

/// Which invitations are asked for.
#[derive(InputObject, Default)]
pub struct InvitationFilter {
    /// Of one campaign.
    campaign_id: Option<ID>,
    /// Of one bulk action.
    batch_id: Option<ID>,
    /// In one of these states.
    states: Option<Vec<InvitationStateName>>,
}

/// A mail to look at before it is sent.
#[derive(InputObject)]
pub struct InvitationPreviewInput {
    /// The campaign; it must be recruiting or active and have a published brief.
    campaign_id: ID,
    /// The name that `{name}` becomes.
    name: String,
    /// The mail's subject, at most 78 characters.
    subject: String,
    /// Why this creator, at most 1,200 characters.
    message: String,
    /// The language of the mail.
    locale: LocaleName,
    /// The last day for an answer, in the organisation's zone.
    answer_by: Date,
}

/// A mail that was not sent.
#[derive(SimpleObject)]
pub struct InvitationPreview {
    /// Its subject.
    subject: String,
    /// Its plain text.
    text: String,
    /// Its HTML, complete in itself.
    html: String,
}

/// Queries of invitations.
#[derive(Default)]
pub struct InvitationsQuery;

/// Queries of invitations.
#[Object]
impl InvitationsQuery {
    /// The organisation's invitations, or those to the creator. The newest first.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<InvitationFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Invitation>> {
        let slice = slice(after, before, first, last)?;
        let asked = filter.unwrap_or_default();
        let filter = Filter {
            campaign: asked.campaign_id.as_ref().map(id).transpose()?,
            batch: asked.batch_id.as_ref().map(id).transpose()?,
            states: asked.states.unwrap_or_default().into_iter().map(Into::into).collect(),
        };
        let db = ctx.app()?.db();
        let page = match &ctx.cx()?.actor {
            Actor::Creator(by) => queries::of_creator(db, by, &filter, slice).await?,
            _ => queries::of_org(db, ctx.member()?, &filter, slice).await?,
        };
        Ok(connection(page, Invitation))
    }

    /// The mail of an invitation as a creator would get it, before it is sent; its links lead nowhere. Managers and owners.
    async fn invitation_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be sent.")] input: InvitationPreviewInput,
    ) -> Result<InvitationPreview> {
        let by = ctx.member()?.manager()?;
        let words = Send {
            subject: input.subject,
            message: input.message,
            locale: Locale::from(input.locale).to_string(),
            answer_by: input.answer_by.to_string(),
            ..Send::default()
        };
        let shown = super::preview(ctx.app()?, &by, id(&input.campaign_id)?, &words, &input.name).await?;
        Ok(InvitationPreview { subject: shown.subject, text: shown.text, html: shown.html })
    }

    /// The invitation behind a mail's link; null if there is none. Needs no token but the link's, and changes only `viewedAt`.
    async fn invitation_teaser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last part of the link's address.")] token: String,
    ) -> Result<Option<InvitationTeaser>> {
        let cx = ctx.cx()?;
        crate::auth::limits::take(&cx.app, crate::auth::limits::TOKEN_BY_IP, &cx.device.ip).await?;
        match super::view(&cx.app, &token).await {
            Ok(row) => {
                let registered = queries::has_account(cx.app.db(), &row).await?;
                Ok(Some(InvitationTeaser { row, registered }))
            }
            Err(Error::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

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
    /// The language for those who are not registered; others get their own.
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
            locale: Locale::from(input.locale).to_string(),
            answer_by: input.answer_by.to_string(),
            idempotency_key: input.idempotency_key,
        };
        let done = async { super::send(ctx.app()?, &by, id(&input.campaign_id)?, send).await };
        answer(ctx, done.await.map(|batch| InvitationSendPayload { batch: Some(InvitationBatch(batch)), ..Default::default() }))
    }

    /// Sends an invitation's mail again, at most three mails in all. Managers and owners.
    async fn invitation_resend(&self, ctx: &Context<'_>, input: InvitationResendInput) -> Result<InvitationResendPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { super::resend(ctx.app()?, &by, id(&input.id)?, input.email.as_deref()).await };
        answer(ctx, done.await.map(|row| InvitationResendPayload { invitation: Some(Invitation(row)), ..Default::default() }))
    }

    /// Takes an invitation back. Managers and owners.
    async fn invitation_withdraw(&self, ctx: &Context<'_>, input: InvitationWithdrawInput) -> Result<InvitationWithdrawPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { super::withdraw(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| InvitationWithdrawPayload { invitation: Some(Invitation(row)), ..Default::default() }))
    }

    /// Joins the campaign. It binds nobody: it opens the full brief and the conversation. For the invited creator.
    async fn invitation_accept(&self, ctx: &Context<'_>, input: InvitationAcceptInput) -> Result<InvitationAcceptPayload> {
        let by = ctx.creator()?;
        let done = async { super::accept(ctx.app()?, by.person(), input.invitation.answer()?).await };
        answer(ctx, done.await.map(|row| InvitationAcceptPayload { participation: Some(Participation(row)), ..Default::default() }))
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
            let (signed_in, participation) = super::sign_up(&cx.app, &cx.device, sign_up).await?;
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
        let by = match (&input.invitation, &cx.actor) {
            (InvitationKey::Token(_), Actor::Nobody) => None,
            (InvitationKey::Token(_), _) => Some(ctx.person()?),
            (InvitationKey::Id(_), _) => Some(ctx.creator()?.person()),
        };
        let decline = Decline {
            reason: input.reason.map(|r| DeclineReason::from(r).to_string()).unwrap_or_default(),
            note: input.note.unwrap_or_default(),
        };
        let done = async { super::decline(&cx.app, by, input.invitation.answer()?, decline).await };
        answer(ctx, done.await.map(|row| InvitationDeclinePayload { state: Some(row.state.into()), ..Default::default() }))
    }

    /// Mails a new link to the invited address, after the old one ran out; older links stop working.
    async fn invitation_renew(&self, ctx: &Context<'_>, input: InvitationRenewInput) -> Result<InvitationRenewPayload> {
        let cx = ctx.cx()?;
        let by = match &input.invitation {
            InvitationKey::Token(_) => None,
            InvitationKey::Id(_) => Some(ctx.creator()?.person()),
        };
        let done = async { super::renew(&cx.app, by, &cx.device, input.invitation.answer()?).await };
        answer(ctx, done.await.map(|_| InvitationRenewPayload { check_mail: Some(true), ..Default::default() }))
    }

    /// Ends further mail of one brand or of all. Needs no token but the link's.
    async fn mail_unsubscribe(&self, ctx: &Context<'_>, input: MailUnsubscribeInput) -> Result<MailUnsubscribePayload> {
        let of = if input.all { Refusal::All } else { Refusal::Brand };
        let done = super::unsubscribe(ctx.app()?, &input.token, of).await;
        answer(ctx, done.map(|()| MailUnsubscribePayload { done: Some(true), ..Default::default() }))
    }
}
