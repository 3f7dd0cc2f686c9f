//! Organisations in GraphQL: the tenants, their members, their labels, the agencies that act for them.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    brand, delegation,
    enums::{DelegationState, MembershipStatus, OrgKind, Role},
    ids::{BrandId, DelegationId, MemberInvitationId, MembershipId, OrgId, UserId},
    member_invitation, membership, organization, user,
};

use super::{
    Offer, queries,
    rules::{self, End, Standing, Step},
};
use crate::{
    auth::{actors::Member, limits},
    base::{money::Currency, paging::Cursor},
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::answer,
        scalars::{CurrencyCode, Date, LocaleName, connection, slice},
    },
    load_by_id, payload,
};

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
pub struct Organisation(pub organization::Model);

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
        Ok(Some(queries::member_invitations(ctx.app()?.db(), &by).await?.into_iter().map(MemberInvitation).collect()))
    }
    /// The labels to campaign under, by name; null unless the caller acts for this organisation.
    async fn brands(&self, ctx: &Context<'_>) -> Result<Option<Vec<Brand>>> {
        let Some(by) = self.member(ctx) else { return Ok(None) };
        Ok(Some(queries::brands(ctx.app()?.db(), by).await?.into_iter().map(Brand).collect()))
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
        Ok(Some(rows.into_iter().map(Delegation).collect()))
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

fn fault(error: std::sync::Arc<Error>) -> Error {
    Error::Fault(anyhow::anyhow!("{error}"))
}

async fn org_row(ctx: &Context<'_>, id: OrgId) -> Result<Option<Organisation>> {
    Ok(ctx.rows()?.load_one(id).await.map_err(fault)?.map(Organisation))
}

async fn user_row(ctx: &Context<'_>, id: UserId) -> Result<Option<user::Model>> {
    ctx.rows()?.load_one(id).await.map_err(fault)
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
pub struct OrganisationMember(pub membership::Model);

/// A person's place in an organisation.
#[Object]
impl OrganisationMember {
    /// The membership's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The name of the person; null if the person is gone.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(user_row(ctx, self.0.user_id).await?.map(|u| u.name))
    }
    /// The person's mail address, for colleagues; null for those who act through an agency.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &ctx.cx()?.actor {
            Actor::Member(by) if by.org() == self.0.org_id && by.agency().is_none() => {
                Ok(user_row(ctx, self.0.user_id).await?.map(|u| u.email))
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
pub struct MemberInvitation(pub member_invitation::Model);

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
        Ok(user_row(ctx, self.0.invited_by).await?.map(|u| u.name))
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
pub struct Brand(pub brand::Model);

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
pub struct Delegation(pub delegation::Model);

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

/// An organisation for `node`: the caller's own, one at the other end of a delegation, or one that has asked the creator.
pub(crate) async fn organisation_node(ctx: &Context<'_>, id: OrgId) -> Result<Option<Organisation>> {
    let db = ctx.app()?.db();
    match &ctx.cx()?.actor {
        Actor::Member(by) => queries::known_to_member(db, by, id).await.map(|row| Some(Organisation(row))),
        Actor::Creator(by) => queries::known_to_creator(db, by, id).await.map(|row| Some(Organisation(row))),
        Actor::Admin(_) => org_row(ctx, id).await,
        Actor::Nobody | Actor::Undecided(..) => Ok(None),
    }
}

/// A membership for `node`.
pub(crate) async fn member_node(ctx: &Context<'_>, id: MembershipId) -> Result<Option<OrganisationMember>> {
    queries::member(ctx.app()?.db(), ctx.member()?, id).await.map(|row| Some(OrganisationMember(row)))
}

/// A letter to a future member for `node`.
pub(crate) async fn member_invitation_node(ctx: &Context<'_>, id: MemberInvitationId) -> Result<Option<MemberInvitation>> {
    let by = ctx.member()?.owner()?;
    queries::member_invitation(ctx.app()?.db(), &by, id).await.map(|row| Some(MemberInvitation(row)))
}

/// A label for `node`.
pub(crate) async fn brand_node(ctx: &Context<'_>, id: BrandId) -> Result<Option<Brand>> {
    queries::brand(ctx.app()?.db(), ctx.member()?, id).await.map(|row| Some(Brand(row)))
}

/// A delegation for `node`.
pub(crate) async fn delegation_node(ctx: &Context<'_>, id: DelegationId) -> Result<Option<Delegation>> {
    queries::delegation(ctx.app()?.db(), ctx.member()?, id).await.map(|row| Some(Delegation(row)))
}

/// Queries of organisations.
#[derive(Default)]
pub struct OrganisationsQuery;

/// Queries of organisations.
#[Object]
impl OrganisationsQuery {
    /// An organisation; null if there is none that the caller may see.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id; absent = the one that the caller acts for.")] id: Option<ID>,
    ) -> Result<Option<Organisation>> {
        let found = match id {
            Some(text) => match crate::graph::context::id(&text) {
                Ok(id) => organisation_node(ctx, id).await,
                Err(error) => Err(error),
            },
            None => match &ctx.cx()?.actor {
                Actor::Member(by) => Ok(Some(Organisation(by.organization().clone()))),
                _ => Ok(None),
            },
        };
        match found {
            Err(Error::NotFound) => Ok(None),
            other => other,
        }
    }

    /// What the link in a letter to a future member leads to; null if there is no such letter. Needs no token but the letter's.
    async fn member_invitation_teaser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last part of the link's address.")] token: String,
    ) -> Result<Option<MemberInvitationTeaser>> {
        let cx = ctx.cx()?;
        limits::take(&cx.app, limits::TOKEN_BY_IP, &cx.device.ip).await?;
        match queries::teaser(&cx.app, &token).await {
            Ok(teaser) => Ok(Some(MemberInvitationTeaser(teaser))),
            Err(Error::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// A new organisation.
#[derive(InputObject)]
pub struct OrganisationFoundInput {
    /// Brand or agency; it never changes.
    kind: OrganisationKindName,
    /// The name that creators read; at most 80 characters.
    name: String,
    /// The name that contracts bear; at most 120 characters.
    #[graphql(default)]
    legal_name: String,
    /// The postal address; at most 300 characters.
    #[graphql(default)]
    address: String,
    /// The web site.
    #[graphql(default)]
    website: String,
    /// The currency of new campaigns.
    currency: CurrencyCode,
    /// IANA name; null = Asia/Tokyo for Japanese, else UTC.
    time_zone: Option<String>,
    /// The language of letters to people whose own language is not known.
    locale: LocaleName,
}

/// Changes of the caller's organisation; null leaves a value as it is, an empty text empties it.
#[derive(InputObject)]
pub struct OrganisationEditInput {
    /// The name that creators read.
    name: Option<String>,
    /// The name that contracts bear.
    legal_name: Option<String>,
    /// The postal address.
    address: Option<String>,
    /// The web site.
    website: Option<String>,
    /// The currency of new campaigns; those that exist keep theirs.
    currency: Option<CurrencyCode>,
    /// IANA name.
    time_zone: Option<String>,
    /// The language of letters to people whose own language is not known.
    locale: Option<LocaleName>,
}

/// Whom to ask.
#[derive(InputObject)]
pub struct MemberInviteInput {
    /// The person's mail address.
    email: String,
    /// What the person shall be allowed to do.
    role: RoleName,
}

/// Which letter to a future member.
#[derive(InputObject)]
pub struct MemberInvitationRefInput {
    /// Its id.
    id: ID,
}

/// The link of a letter to a future member.
#[derive(InputObject)]
pub struct MemberInvitationAcceptInput {
    /// The last part of the link's address.
    token: String,
}

/// Another role.
#[derive(InputObject)]
pub struct MemberChangeRoleInput {
    /// The membership's id.
    id: ID,
    /// The new role.
    role: RoleName,
}

/// Whose membership ends.
#[derive(InputObject)]
pub struct MemberRemoveInput {
    /// The membership's id.
    id: ID,
}

/// That the caller goes.
#[derive(InputObject)]
pub struct MemberLeaveInput {
    /// The organisation's id, so that nobody leaves another than they mean.
    organisation_id: ID,
}

/// A further label.
#[derive(InputObject)]
pub struct BrandAddInput {
    /// The name that creators read; at most 80 characters.
    name: String,
    /// Its hashtags, with or without their sign; at most 30.
    #[graphql(default)]
    hashtags: Vec<String>,
}

/// A label's new name.
#[derive(InputObject)]
pub struct BrandRenameInput {
    /// The label's id.
    id: ID,
    /// The new name.
    name: String,
    /// Its hashtags; null = as they are.
    hashtags: Option<Vec<String>>,
}

/// Which label goes.
#[derive(InputObject)]
pub struct BrandRemoveInput {
    /// The label's id.
    id: ID,
}

/// An offer to an agency.
#[derive(InputObject)]
pub struct DelegationOfferInput {
    /// The agency's id or its exact name.
    agency: String,
    /// What the agency may do: manager or analyst.
    role: RoleName,
    /// The last day; null = until somebody ends it.
    until: Option<Date>,
}

/// Which delegation.
#[derive(InputObject)]
pub struct DelegationRefInput {
    /// Its id.
    id: ID,
}

payload! {
    /// The answer to `organisationFound`.
    OrganisationFoundPayload {
        /// The new organisation; ask for a token of it, or name it in `Hibiki-Actor`, to act for it.
        organisation: Organisation,
    }
    /// The answer to `organisationEdit`.
    OrganisationEditPayload {
        /// The organisation as it is now.
        organisation: Organisation,
    }
    /// The answer to `memberInvite`.
    MemberInvitePayload {
        /// The letter that is on its way.
        member_invitation: MemberInvitation,
    }
    /// The answer to `memberInvitationResend`.
    MemberInvitationResendPayload {
        /// The invitation with its new end.
        member_invitation: MemberInvitation,
    }
    /// The answer to `memberInvitationWithdraw`.
    MemberInvitationWithdrawPayload {
        /// The invitation as it is now.
        member_invitation: MemberInvitation,
    }
    /// The answer to `memberInvitationAccept`.
    MemberInvitationAcceptPayload {
        /// The new membership; ask for a token of its organisation to act for it.
        member: OrganisationMember,
    }
    /// The answer to `memberChangeRole`.
    MemberChangeRolePayload {
        /// The membership as it is now.
        member: OrganisationMember,
    }
    /// The answer to `memberRemove`.
    MemberRemovePayload {
        /// The ended membership.
        member: OrganisationMember,
    }
    /// The answer to `memberLeave`.
    MemberLeavePayload {
        /// The ended membership.
        member: OrganisationMember,
    }
    /// The answer to `brandAdd`.
    BrandAddPayload {
        /// The new label.
        brand: Brand,
    }
    /// The answer to `brandRename`.
    BrandRenamePayload {
        /// The label as it is now.
        brand: Brand,
    }
    /// The answer to `brandRemove`.
    BrandRemovePayload {
        /// The id of the label that is gone.
        removed_id: ID,
    }
    /// The answer to `delegationOffer`.
    DelegationOfferPayload {
        /// The offer.
        delegation: Delegation,
    }
    /// The answer to `delegationAccept`.
    DelegationAcceptPayload {
        /// The delegation as it is now.
        delegation: Delegation,
    }
    /// The answer to `delegationDecline`.
    DelegationDeclinePayload {
        /// The delegation as it is now.
        delegation: Delegation,
    }
    /// The answer to `delegationEnd`.
    DelegationEndPayload {
        /// The delegation as it is now.
        delegation: Delegation,
    }
}

fn role_text(role: RoleName) -> String {
    Role::from(role).as_str().to_owned()
}

fn locale_text(locale: LocaleName) -> String {
    entity::enums::Locale::from(locale).as_str().to_owned()
}

fn currency_text(currency: CurrencyCode) -> String {
    Currency::from(currency).code().to_owned()
}

/// Mutations of organisations.
#[derive(Default)]
pub struct OrganisationsMutation;

/// Mutations of organisations.
#[Object]
impl OrganisationsMutation {
    /// Founds an organisation. The caller becomes its owner; a label of the same name comes with it. Any signed-in person.
    async fn organisation_found(&self, ctx: &Context<'_>, input: OrganisationFoundInput) -> Result<OrganisationFoundPayload> {
        let by = ctx.person()?;
        let found = super::Found {
            kind: OrgKind::from(input.kind).as_str().to_owned(),
            profile: rules::ProfileInput {
                name: input.name,
                legal_name: input.legal_name,
                address: input.address,
                website: input.website,
                currency: currency_text(input.currency),
                time_zone: input.time_zone.unwrap_or_default(),
                locale: locale_text(input.locale),
            },
        };
        let done = super::found(ctx.app()?, by, found).await;
        answer(ctx, done.map(|row| OrganisationFoundPayload { organisation: Some(Organisation(row)), ..Default::default() }))
    }

    /// Changes what the caller's organisation says of itself. Owners.
    async fn organisation_edit(&self, ctx: &Context<'_>, input: OrganisationEditInput) -> Result<OrganisationEditPayload> {
        let by = ctx.member()?.owner()?;
        let edit = super::Edit {
            name: input.name,
            legal_name: input.legal_name,
            address: input.address,
            website: input.website,
            currency: input.currency.map(currency_text),
            time_zone: input.time_zone,
            locale: input.locale.map(locale_text),
        };
        let done = super::edit(ctx.app()?, &by, edit).await;
        answer(ctx, done.map(|row| OrganisationEditPayload { organisation: Some(Organisation(row)), ..Default::default() }))
    }

    /// Asks somebody by mail to become a member. The link lives 14 days and is good for that mailbox only. Owners.
    async fn member_invite(&self, ctx: &Context<'_>, input: MemberInviteInput) -> Result<MemberInvitePayload> {
        let by = ctx.member()?.owner()?;
        let done = super::invite_member(ctx.app()?, &by, &input.email, &role_text(input.role)).await;
        answer(ctx, done.map(|row| MemberInvitePayload { member_invitation: Some(MemberInvitation(row)), ..Default::default() }))
    }

    /// Writes again, with a new link and 14 new days; the old link is dead. Owners.
    async fn member_invitation_resend(&self, ctx: &Context<'_>, input: MemberInvitationRefInput) -> Result<MemberInvitationResendPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::resend_member_invitation(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| MemberInvitationResendPayload { member_invitation: Some(MemberInvitation(row)), ..Default::default() }),
        )
    }

    /// Takes a letter to a future member back; its link stops working. Owners.
    async fn member_invitation_withdraw(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationRefInput,
    ) -> Result<MemberInvitationWithdrawPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::withdraw_member_invitation(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| MemberInvitationWithdrawPayload { member_invitation: Some(MemberInvitation(row)), ..Default::default() }),
        )
    }

    /// Becomes a member by the link of a letter that was written to the caller's own address. Any signed-in person.
    async fn member_invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationAcceptInput,
    ) -> Result<MemberInvitationAcceptPayload> {
        let by = ctx.person()?;
        let cx = ctx.cx()?;
        limits::take(&cx.app, limits::TOKEN_BY_IP, &cx.device.ip).await?;
        let done = super::accept_member_invitation(&cx.app, by, &input.token).await;
        answer(ctx, done.map(|row| MemberInvitationAcceptPayload { member: Some(OrganisationMember(row)), ..Default::default() }))
    }

    /// Gives a member another role. The only owner stays one. Owners.
    async fn member_change_role(&self, ctx: &Context<'_>, input: MemberChangeRoleInput) -> Result<MemberChangeRolePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::change_role(ctx.app()?, &by, id(&input.id)?, &role_text(input.role)).await };
        answer(ctx, done.await.map(|row| MemberChangeRolePayload { member: Some(OrganisationMember(row)), ..Default::default() }))
    }

    /// Ends a membership; its rights are gone at once. The only owner stays. Owners.
    async fn member_remove(&self, ctx: &Context<'_>, input: MemberRemoveInput) -> Result<MemberRemovePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::remove_member(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| MemberRemovePayload { member: Some(OrganisationMember(row)), ..Default::default() }))
    }

    /// The caller leaves the organisation. The only owner cannot. Members.
    async fn member_leave(&self, ctx: &Context<'_>, input: MemberLeaveInput) -> Result<MemberLeavePayload> {
        let by = ctx.member()?;
        let done = async {
            if id::<OrgId>(&input.organisation_id)? != by.org() {
                return Err(Error::NotFound);
            }
            super::leave(ctx.app()?, by).await
        };
        answer(ctx, done.await.map(|row| MemberLeavePayload { member: Some(OrganisationMember(row)), ..Default::default() }))
    }

    /// Adds a label to campaign under. Managers and owners.
    async fn brand_add(&self, ctx: &Context<'_>, input: BrandAddInput) -> Result<BrandAddPayload> {
        let by = ctx.member()?.manager()?;
        let typed = super::BrandInput { name: input.name, hashtags: Some(input.hashtags.join(",")) };
        let done = super::add_brand(ctx.app()?, &by, typed).await;
        answer(ctx, done.map(|row| BrandAddPayload { brand: Some(Brand(row)), ..Default::default() }))
    }

    /// Gives a label another name or other hashtags. Managers and owners.
    async fn brand_rename(&self, ctx: &Context<'_>, input: BrandRenameInput) -> Result<BrandRenamePayload> {
        let by = ctx.member()?.manager()?;
        let done = async {
            let typed = super::BrandInput { name: input.name, hashtags: input.hashtags.map(|tags| tags.join(",")) };
            super::rename_brand(ctx.app()?, &by, id(&input.id)?, typed).await
        };
        answer(ctx, done.await.map(|row| BrandRenamePayload { brand: Some(Brand(row)), ..Default::default() }))
    }

    /// Removes a label that no campaign uses; the last one stays. Managers and owners.
    async fn brand_remove(&self, ctx: &Context<'_>, input: BrandRemoveInput) -> Result<BrandRemovePayload> {
        let by = ctx.member()?.manager()?;
        let done = async { super::remove_brand(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|()| BrandRemovePayload { removed_id: Some(input.id), ..Default::default() }))
    }

    /// Offers an agency to act for the caller's brand. Nothing is allowed before the agency accepts. Owners of a brand.
    async fn delegation_offer(&self, ctx: &Context<'_>, input: DelegationOfferInput) -> Result<DelegationOfferPayload> {
        let by = ctx.member()?.owner()?;
        let until = input.until.map(|day| day.to_string()).unwrap_or_default();
        let offer = Offer { agency: input.agency, role: role_text(input.role), until };
        let done = super::offer_delegation(ctx.app()?, &by, offer).await;
        answer(ctx, done.map(|row| DelegationOfferPayload { delegation: Some(Delegation(row)), ..Default::default() }))
    }

    /// The agency agrees: its members may act for the brand from now on. Owners of the agency.
    async fn delegation_accept(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationAcceptPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::accept_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationAcceptPayload { delegation: Some(Delegation(row)), ..Default::default() }))
    }

    /// The agency does not agree. Owners of the agency.
    async fn delegation_decline(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationDeclinePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::decline_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationDeclinePayload { delegation: Some(Delegation(row)), ..Default::default() }))
    }

    /// Ends a delegation, or takes an unanswered offer back. Owners of either side.
    async fn delegation_end(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationEndPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { super::end_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationEndPayload { delegation: Some(Delegation(row)), ..Default::default() }))
    }
}
