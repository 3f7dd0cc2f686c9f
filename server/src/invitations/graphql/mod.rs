//! Invitations in GraphQL: the brand sends and watches, the creator answers, a link is read without signing in.

pub mod mutations;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    batch,
    enums::{DeclineReason, InvitationState, Locale},
    ids::{BatchId, InvitationId},
    invitation,
};

use super::{
    Send, queries,
    queries::Filter,
    rules::{self, Move},
};
use crate::{
    base::paging::Cursor,
    creators::graphql::Creator,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        rows::Row,
        scalars::{Date, LocaleName, connection, slice},
    },
    participations::graphql::{Job, Participation},
};

pub use mutations::InvitationsMutation;

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
pub struct Invitation(pub Row<invitation::Model>);

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
        let Some(campaign) = cx.rows.load_one(self.0.campaign_id).await? else { return Ok(Vec::new()) };
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
        Ok(ctx.rows()?.load_one(self.0.creator_id).await?.map(Creator))
    }
    /// The creator's place in the campaign.
    async fn participation(&self, ctx: &Context<'_>) -> Result<Option<Participation>> {
        Ok(ctx.rows()?.load_one(self.0.participation_id).await?.map(Participation))
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
        let Some(campaign) = cx.rows.load_one(self.row.campaign_id).await? else { return Ok(Vec::new()) };
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
pub struct InvitationBatch(pub Row<batch::Model>);

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
    let scope = match &ctx.cx()?.actor {
        Actor::Creator(by) => queries::to_creator(by),
        Actor::Member(by) => queries::own(by),
        _ => return Ok(None),
    };
    Ok(Some(Invitation(ctx.rows()?.find::<Invitation, _, _>(invitation::Column::Id, scope, id).await?)))
}

/// A bulk action for `node`.
pub(crate) async fn batch_node(ctx: &Context<'_>, id: BatchId) -> Result<Option<InvitationBatch>> {
    let own = queries::batches(ctx.member()?);
    Ok(Some(InvitationBatch(ctx.rows()?.find::<InvitationBatch, _, _>(batch::Column::Id, own, id).await?)))
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
        let shown = super::preview(ctx.app()?, &by, id(&input.campaign_id)?, &words, &input.name, None).await?;
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
