//! Organisations in GraphQL: the tenants, their members, their labels, the agencies that act for them.

mod counts;
pub mod mutations;
mod root;

use async_graphql::{Context, Enum, ID, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    brand, delegation,
    enums::{DelegationState, MembershipStatus, OrgKind, Role},
    ids::{BrandId, OrgId, UserId},
    member_invitation, membership, organization, user,
};

use super::{
    queries,
    rules::{self, End, Standing, Step},
};
use crate::{
    auth::actors::Member,
    base::{money::Currency, paging::Cursor},
    error::Result,
    graph::{
        context::{Actor, Ask},
        rows::Row,
        scalars::{CurrencyCode, Date, LocaleName, connection, slice},
    },
    load_by_id,
};

use counts::CountsOf;
pub use counts::OrganisationCounts;
pub use mutations::OrganisationsMutation;
pub use root::OrganisationsQuery;
pub(crate) use root::{brand_node, delegation_node, member_invitation_node, member_node, organisation_node};

/// What kind of organisation it is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OrgKind", name = "OrganisationKind")]
pub enum OrganisationKindName {
    /// Runs campaigns of its own
    Brand,
    /// Runs campaigns for brands that let it
    Agency,
    /// The operator of this installation
    Platform,
}

/// What a member may do, least first.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Role", name = "Role")]
pub enum RoleName {
    /// Reads, and comments internally
    Analyst,
    /// Runs campaigns too
    Manager,
    /// Changes members, roles and the organisation itself too
    Owner,
}

/// What may be done with an organisation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationAction {
    /// `organisationEdit`
    Edit,
    /// `memberInvite`
    InviteMember,
    /// `memberLeave`; not for the only owner
    Leave,
    /// `brandAdd`
    AddBrand,
    /// `delegationOffer`
    OfferDelegation,
}

/// A brand or an agency: the tenant whose members share campaigns, conversations and notes.
pub struct Organisation(pub Row<organization::Model>);

impl Organisation {
    /// The caller as member of this very organisation, also through an agency.
    fn member<'c>(&self, ctx: &'c Context<'_>) -> Option<&'c Member> {
        match ctx.cx().ok().map(|cx| &cx.actor) {
            Some(Actor::Member(member)) if member.org() == self.0.id => Some(member),
            _ => None,
        }
    }
}

/// A brand or an agency: the tenant whose members share campaigns, conversations and notes.
#[Object]
impl Organisation {
    /// The organisation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that creators read.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Brand or agency; it never changes.
    async fn kind(&self) -> OrganisationKindName {
        self.0.kind.into()
    }
    /// The name that contracts bear; null if it was not given.
    async fn legal_name(&self) -> Option<&str> {
        filled(&self.0.legal_name)
    }
    /// The postal address; null if it was not given.
    async fn address(&self) -> Option<&str> {
        filled(&self.0.address)
    }
    /// The web site; null if it was not given.
    async fn website(&self) -> Option<&str> {
        filled(&self.0.website)
    }
    /// The currency of new campaigns.
    async fn currency(&self) -> CurrencyCode {
        Currency::parse(&self.0.currency).unwrap_or(Currency::Jpy).into()
    }
    /// The zone of its days and deadlines, an IANA name.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }
    /// The language of letters to people whose own language is not known.
    async fn locale(&self) -> LocaleName {
        self.0.locale.into()
    }
    /// When it was founded.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// How much there is of it; null unless the caller is a platform admin.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Option<OrganisationCounts>> {
        if !matches!(ctx.cx()?.actor, Actor::Admin(_)) {
            return Ok(None);
        }
        ctx.rows()?.load_one(CountsOf(self.0.id)).await
    }
    /// What the caller may do here at most; null unless the caller acts for this organisation.
    async fn viewer_role(&self, ctx: &Context<'_>) -> Option<RoleName> {
        self.member(ctx).map(|m| m.role().into())
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationAction>> {
        let Some(member) = self.member(ctx) else { return Ok(Vec::new()) };
        let mut actions = Vec::new();
        if member.owner().is_ok() {
            actions.extend([OrganisationAction::Edit, OrganisationAction::InviteMember]);
            if self.0.kind == OrgKind::Brand {
                actions.push(OrganisationAction::OfferDelegation);
            }
        }
        if member.manager().is_ok() {
            actions.push(OrganisationAction::AddBrand);
        }
        let owners = queries::owners(ctx.app()?.db(), self.0.id).await?;
        if member.agency().is_none() && rules::keeps_an_owner(owners, member.role(), None) {
            actions.push(OrganisationAction::Leave);
        }
        Ok(actions)
    }
    /// The members, the longest first; null unless the caller acts for this organisation.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Option<Connection<Cursor, OrganisationMember>>> {
        let Some(by) = self.member(ctx) else { return Ok(None) };
        let page = queries::members(ctx.app()?.db(), by, slice(after, before, first, last)?).await?;
        Ok(Some(connection(page, OrganisationMember)))
    }
    /// Letters to future members that wait for an answer or ran out, the newest first; null unless the caller is an owner.
    async fn member_invitations(&self, ctx: &Context<'_>) -> Result<Option<Vec<MemberInvitation>>> {
        let Some(Ok(by)) = self.member(ctx).map(Member::owner) else { return Ok(None) };
        Ok(Some(Row::each(queries::member_invitations(ctx.app()?.db(), &by).await?).map(MemberInvitation).collect()))
    }
    /// The labels to campaign under, by name; null unless the caller acts for this organisation.
    async fn brands(&self, ctx: &Context<'_>) -> Result<Option<Vec<Brand>>> {
        let Some(by) = self.member(ctx) else { return Ok(None) };
        Ok(Some(Row::each(queries::brands(ctx.app()?.db(), by).await?).map(Brand).collect()))
    }
    /// Delegations on either end, the newest first, at most 100; null unless the caller acts for this organisation.
    async fn delegations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether those that have ended are wanted too.", default)] ended_too: bool,
    ) -> Result<Option<Vec<Delegation>>> {
        let Some(by) = self.member(ctx) else { return Ok(None) };
        let app = ctx.app()?;
        let rows = queries::delegations(app.db(), by, ended_too, app.clock.now().date_naive()).await?;
        Ok(Some(Row::each(rows).map(Delegation).collect()))
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

async fn org_row(ctx: &Context<'_>, id: OrgId) -> Result<Option<Organisation>> {
    Ok(ctx.rows()?.load_one(id).await?.map(Organisation))
}

async fn user_row(ctx: &Context<'_>, id: UserId) -> Result<Option<Row<user::Model>>> {
    ctx.rows()?.load_one(id).await
}

/// What may be done with a member.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationMemberAction {
    /// `memberChangeRole`; the only owner stays one
    ChangeRole,
    /// `memberRemove`; the only owner stays
    Remove,
}

/// A person's place in an organisation.
pub struct OrganisationMember(pub Row<membership::Model>);

/// A person's place in an organisation.
#[Object]
impl OrganisationMember {
    /// The membership's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name of the person; null if the person is gone.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(user_row(ctx, self.0.user_id).await?.map(|u| u.name.clone()))
    }
    /// The person's mail address, for colleagues; null for those who act through an agency.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &ctx.cx()?.actor {
            Actor::Member(by) if by.org() == self.0.org_id && by.agency().is_none() => {
                Ok(user_row(ctx, self.0.user_id).await?.map(|u| u.email.clone()))
            }
            _ => Ok(None),
        }
    }
    /// What the member may do.
    async fn role(&self) -> RoleName {
        self.0.role.into()
    }
    /// Whether the membership lives; an ended one gives no rights.
    async fn active(&self) -> bool {
        self.0.status == MembershipStatus::Active
    }
    /// Whether it is the caller.
    async fn is_viewer(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.cx()?.actor.person().is_some_and(|p| p.id() == self.0.user_id))
    }
    /// The organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        org_row(ctx, self.0.org_id).await
    }
    /// When the person first joined.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationMemberAction>> {
        Ok(match &ctx.cx()?.actor {
            Actor::Member(by) if by.org() == self.0.org_id && by.owner().is_ok() && self.0.status == MembershipStatus::Active => {
                vec![OrganisationMemberAction::ChangeRole, OrganisationMemberAction::Remove]
            }
            _ => Vec::new(),
        })
    }
}

/// How far a letter to a future member is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Standing", name = "MemberInvitationState")]
pub enum MemberInvitationStateName {
    /// Waits for an answer
    Sent,
    /// Ran out unanswered; it may be sent again
    Expired,
    /// The person has joined
    Accepted,
    /// Taken back by an owner
    Revoked,
}

/// What may be done with a letter to a future member.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MemberInvitationAction {
    /// `memberInvitationResend`
    Resend,
    /// `memberInvitationWithdraw`
    Withdraw,
}

/// A letter that asks a person to become a member. Only owners see it.
pub struct MemberInvitation(pub Row<member_invitation::Model>);

/// A letter that asks a person to become a member. Only owners see it.
#[Object]
impl MemberInvitation {
    /// The invitation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The address that it went to; only a person of this address can accept.
    async fn email(&self) -> &str {
        &self.0.email
    }
    /// What the person will be allowed to do.
    async fn role(&self) -> RoleName {
        self.0.role.into()
    }
    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<MemberInvitationStateName> {
        Ok(rules::standing(&self.0, ctx.app()?.clock.now()).into())
    }
    /// When the link ends, 14 days after the latest letter.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// When the person was first asked.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// The name of the owner who asked last; null if that person is gone.
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(user_row(ctx, self.0.invited_by).await?.map(|u| u.name.clone()))
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<MemberInvitationAction>> {
        Ok(match rules::standing(&self.0, ctx.app()?.clock.now()) {
            Standing::Sent | Standing::Expired => vec![MemberInvitationAction::Resend, MemberInvitationAction::Withdraw],
            Standing::Accepted | Standing::Revoked => Vec::new(),
        })
    }
}

/// What the holder of a link to join an organisation may know before accepting.
pub struct MemberInvitationTeaser(queries::Teaser);

/// What the holder of a link to join an organisation may know before accepting.
#[Object]
impl MemberInvitationTeaser {
    /// The organisation that asks.
    async fn organisation_name(&self) -> &str {
        &self.0.org.name
    }
    /// The person who asks.
    async fn invited_by(&self) -> &str {
        &self.0.inviter
    }
    /// What the person will be allowed to do.
    async fn role(&self) -> RoleName {
        self.0.invitation.role.into()
    }
    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<MemberInvitationStateName> {
        Ok(rules::standing(&self.0.invitation, ctx.app()?.clock.now()).into())
    }
    /// When the link ends.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.invitation.expires_at
    }
    /// The address that it was written to, masked as in `h•••@example.com`.
    async fn masked_email(&self) -> String {
        rules::masked(&self.0.invitation.email)
    }
    /// Whether it was written to the caller's own address; null if nobody is signed in.
    async fn for_viewer(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        Ok(ctx.cx()?.actor.person().map(|p| self.0.is_for(p)))
    }
}

/// What may be done with a label.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BrandAction {
    /// `brandRename`
    Rename,
    /// `brandRemove`; refused while a campaign uses it
    Remove,
}

/// A label inside an organisation under which it campaigns; no boundary of rights.
pub struct Brand(pub Row<brand::Model>);

/// A label inside an organisation under which it campaigns; no boundary of rights.
#[Object]
impl Brand {
    /// The label's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name that creators read.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Its hashtags, without their sign.
    async fn hashtags(&self) -> &[String] {
        &self.0.hashtags.0
    }
    /// When it was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<BrandAction>> {
        Ok(match &ctx.cx()?.actor {
            Actor::Member(by) if by.org() == self.0.org_id && by.manager().is_ok() => vec![BrandAction::Rename, BrandAction::Remove],
            _ => Vec::new(),
        })
    }
}

/// Where a delegation stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DelegationState", name = "DelegationState")]
pub enum DelegationStateName {
    /// The brand offers, the agency has not answered
    Offered,
    /// The agency acts for the brand
    Active,
    /// Declined, ended by either side, or its last day is over
    Ended,
}

/// What may be done with a delegation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Step", name = "DelegationAction")]
pub enum DelegationAction {
    /// `delegationAccept`, for the agency's owners
    Accept,
    /// `delegationDecline`, for the agency's owners
    Decline,
    /// `delegationEnd`; the brand takes an unanswered offer back by it
    End,
}

/// An agency's right to act for a brand. Owners and members of both sides see it.
pub struct Delegation(pub Row<delegation::Model>);

/// An agency's right to act for a brand. Owners and members of both sides see it.
#[Object]
impl Delegation {
    /// The delegation's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The organisation that is acted for.
    async fn brand(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        org_row(ctx, self.0.brand_id).await
    }
    /// The agency that acts.
    async fn agency(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        org_row(ctx, self.0.agency_id).await
    }
    /// What the agency's members may do for the brand, at most what they may do in the agency itself.
    async fn role(&self) -> RoleName {
        self.0.role.into()
    }
    /// Where it stands today.
    async fn state(&self, ctx: &Context<'_>) -> Result<DelegationStateName> {
        Ok(rules::delegation_state(&self.0, ctx.app()?.clock.now().date_naive()).into())
    }
    /// The last day; null = until somebody ends it.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }
    /// When it was offered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// What the caller may do now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<DelegationAction>> {
        let Actor::Member(by) = &ctx.cx()?.actor else { return Ok(Vec::new()) };
        let end = if by.org() == self.0.brand_id { End::Brand } else { End::Agency };
        if by.owner().is_err() {
            return Ok(Vec::new());
        }
        let state = rules::delegation_state(&self.0, ctx.app()?.clock.now().date_naive());
        Ok(Step::ALL.iter().filter(|step| rules::after(state, end, **step).is_some()).map(|step| (*step).into()).collect())
    }
}

load_by_id!(OrgId, organization);
load_by_id!(UserId, user);
load_by_id!(BrandId, brand);
