//! Changing organisations.

use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    enums::{OrgKind, Role},
    ids::OrgId,
};

use super::{
    super::{self as organisations, Offer, rules},
    Brand, Delegation, MemberInvitation, Organisation, OrganisationKindName, OrganisationMember, RoleName,
};
use crate::{
    base::money::Currency,
    error::{Error, Result},
    graph::{
        context::{Ask, id, tries_token},
        outcome::answer,
        scalars::{CurrencyCode, Date, LocaleName},
    },
    payload,
};

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
        let found = organisations::Found {
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
        let done = organisations::found(ctx.app()?, by, found).await;
        answer(ctx, done.map(|row| OrganisationFoundPayload { organisation: Some(Organisation(row.into())), ..Default::default() }))
    }

    /// Changes what the caller's organisation says of itself. Owners.
    async fn organisation_edit(&self, ctx: &Context<'_>, input: OrganisationEditInput) -> Result<OrganisationEditPayload> {
        let by = ctx.member()?.owner()?;
        let edit = organisations::Edit {
            name: input.name,
            legal_name: input.legal_name,
            address: input.address,
            website: input.website,
            currency: input.currency.map(currency_text),
            time_zone: input.time_zone,
            locale: input.locale.map(locale_text),
        };
        let done = organisations::edit(ctx.app()?, &by, edit).await;
        answer(ctx, done.map(|row| OrganisationEditPayload { organisation: Some(Organisation(row.into())), ..Default::default() }))
    }

    /// Asks somebody by mail to become a member. The link lives 14 days and is good for that mailbox only. Owners.
    async fn member_invite(&self, ctx: &Context<'_>, input: MemberInviteInput) -> Result<MemberInvitePayload> {
        let by = ctx.member()?.owner()?;
        let done = organisations::invite_member(ctx.app()?, &by, &input.email, &role_text(input.role)).await;
        answer(ctx, done.map(|row| MemberInvitePayload { member_invitation: Some(MemberInvitation(row.into())), ..Default::default() }))
    }

    /// Writes again, with a new link and 14 new days; the old link is dead. Owners.
    async fn member_invitation_resend(&self, ctx: &Context<'_>, input: MemberInvitationRefInput) -> Result<MemberInvitationResendPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::resend_member_invitation(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await
                .map(|row| MemberInvitationResendPayload { member_invitation: Some(MemberInvitation(row.into())), ..Default::default() }),
        )
    }

    /// Takes a letter to a future member back; its link stops working. Owners.
    async fn member_invitation_withdraw(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationRefInput,
    ) -> Result<MemberInvitationWithdrawPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::withdraw_member_invitation(ctx.app()?, &by, id(&input.id)?).await };
        answer(
            ctx,
            done.await
                .map(|row| MemberInvitationWithdrawPayload { member_invitation: Some(MemberInvitation(row.into())), ..Default::default() }),
        )
    }

    /// Becomes a member by the link of a letter that was written to the caller's own address. Any signed-in person.
    async fn member_invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationAcceptInput,
    ) -> Result<MemberInvitationAcceptPayload> {
        let by = ctx.person()?;
        tries_token(ctx).await?;
        let done = organisations::accept_member_invitation(ctx.app()?, by, &input.token).await;
        answer(ctx, done.map(|row| MemberInvitationAcceptPayload { member: Some(OrganisationMember(row.into())), ..Default::default() }))
    }

    /// Gives a member another role. The only owner stays one. Owners.
    async fn member_change_role(&self, ctx: &Context<'_>, input: MemberChangeRoleInput) -> Result<MemberChangeRolePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::change_role(ctx.app()?, &by, id(&input.id)?, &role_text(input.role)).await };
        answer(ctx, done.await.map(|row| MemberChangeRolePayload { member: Some(OrganisationMember(row.into())), ..Default::default() }))
    }

    /// Ends a membership; its rights are gone at once. The only owner stays. Owners.
    async fn member_remove(&self, ctx: &Context<'_>, input: MemberRemoveInput) -> Result<MemberRemovePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::remove_member(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| MemberRemovePayload { member: Some(OrganisationMember(row.into())), ..Default::default() }))
    }

    /// The caller leaves the organisation. The only owner cannot. Members.
    async fn member_leave(&self, ctx: &Context<'_>, input: MemberLeaveInput) -> Result<MemberLeavePayload> {
        let by = ctx.member()?;
        let done = async {
            if id::<OrgId>(&input.organisation_id)? != by.org() {
                return Err(Error::NotFound);
            }
            organisations::leave(ctx.app()?, by).await
        };
        answer(ctx, done.await.map(|row| MemberLeavePayload { member: Some(OrganisationMember(row.into())), ..Default::default() }))
    }

    /// Adds a label to campaign under. Managers and owners.
    async fn brand_add(&self, ctx: &Context<'_>, input: BrandAddInput) -> Result<BrandAddPayload> {
        let by = ctx.member()?.manager()?;
        let typed = organisations::BrandInput { name: input.name, hashtags: Some(input.hashtags.join(",")) };
        let done = organisations::add_brand(ctx.app()?, &by, typed).await;
        answer(ctx, done.map(|row| BrandAddPayload { brand: Some(Brand(row.into())), ..Default::default() }))
    }

    /// Gives a label another name or other hashtags. Managers and owners.
    async fn brand_rename(&self, ctx: &Context<'_>, input: BrandRenameInput) -> Result<BrandRenamePayload> {
        let by = ctx.member()?.manager()?;
        let done = async {
            let typed = organisations::BrandInput { name: input.name, hashtags: input.hashtags.map(|tags| tags.join(",")) };
            organisations::rename_brand(ctx.app()?, &by, id(&input.id)?, typed).await
        };
        answer(ctx, done.await.map(|row| BrandRenamePayload { brand: Some(Brand(row.into())), ..Default::default() }))
    }

    /// Removes a label that no campaign uses; the last one stays. Managers and owners.
    async fn brand_remove(&self, ctx: &Context<'_>, input: BrandRemoveInput) -> Result<BrandRemovePayload> {
        let by = ctx.member()?.manager()?;
        let done = async { organisations::remove_brand(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|()| BrandRemovePayload { removed_id: Some(input.id), ..Default::default() }))
    }

    /// Offers an agency to act for the caller's brand. Nothing is allowed before the agency accepts. Owners of a brand.
    async fn delegation_offer(&self, ctx: &Context<'_>, input: DelegationOfferInput) -> Result<DelegationOfferPayload> {
        let by = ctx.member()?.owner()?;
        let until = input.until.map(|day| day.to_string()).unwrap_or_default();
        let offer = Offer { agency: input.agency, role: role_text(input.role), until };
        let done = organisations::offer_delegation(ctx.app()?, &by, offer).await;
        answer(ctx, done.map(|row| DelegationOfferPayload { delegation: Some(Delegation(row.into())), ..Default::default() }))
    }

    /// The agency agrees: its members may act for the brand from now on. Owners of the agency.
    async fn delegation_accept(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationAcceptPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::accept_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationAcceptPayload { delegation: Some(Delegation(row.into())), ..Default::default() }))
    }

    /// The agency does not agree. Owners of the agency.
    async fn delegation_decline(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationDeclinePayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::decline_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationDeclinePayload { delegation: Some(Delegation(row.into())), ..Default::default() }))
    }

    /// Ends a delegation, or takes an unanswered offer back. Owners of either side.
    async fn delegation_end(&self, ctx: &Context<'_>, input: DelegationRefInput) -> Result<DelegationEndPayload> {
        let by = ctx.member()?.owner()?;
        let done = async { organisations::end_delegation(ctx.app()?, &by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| DelegationEndPayload { delegation: Some(Delegation(row.into())), ..Default::default() }))
    }
}
