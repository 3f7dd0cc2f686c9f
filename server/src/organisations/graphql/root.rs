//! Asking for organisations: the root fields, and what `node` finds.

use async_graphql::{Context, ID, Object};
use entity::{
    brand, delegation,
    ids::{BrandId, DelegationId, MemberInvitationId, MembershipId, OrgId},
    member_invitation, membership, organization,
};

use super::{super::queries, Brand, Delegation, MemberInvitation, MemberInvitationTeaser, Organisation, OrganisationMember, org_row};
use crate::{
    auth::limits,
    error::{Error, Result},
    graph::context::{Actor, Ask},
};

/// An organisation for `node`: the caller's own, one at the other end of a delegation, or one that has asked the creator.
pub(crate) async fn organisation_node(ctx: &Context<'_>, id: OrgId) -> Result<Option<Organisation>> {
    let scope = match &ctx.cx()?.actor {
        Actor::Member(by) => queries::known_to_member(by),
        Actor::Creator(by) => queries::known_to_creator(by),
        Actor::Admin(_) => return org_row(ctx, id).await,
        Actor::Nobody | Actor::Undecided(..) => return Ok(None),
    };
    Ok(Some(Organisation(ctx.rows()?.find::<Organisation, _, _>(organization::Column::Id, scope, id).await?)))
}

/// A membership for `node`.
pub(crate) async fn member_node(ctx: &Context<'_>, id: MembershipId) -> Result<Option<OrganisationMember>> {
    let own = queries::memberships(ctx.member()?);
    Ok(Some(OrganisationMember(ctx.rows()?.find::<OrganisationMember, _, _>(membership::Column::Id, own, id).await?)))
}

/// A letter to a future member for `node`.
pub(crate) async fn member_invitation_node(ctx: &Context<'_>, id: MemberInvitationId) -> Result<Option<MemberInvitation>> {
    let own = queries::own_invitations(&ctx.member()?.owner()?);
    Ok(Some(MemberInvitation(ctx.rows()?.find::<MemberInvitation, _, _>(member_invitation::Column::Id, own, id).await?)))
}

/// A label for `node`.
pub(crate) async fn brand_node(ctx: &Context<'_>, id: BrandId) -> Result<Option<Brand>> {
    let own = queries::labels(ctx.member()?);
    Ok(Some(Brand(ctx.rows()?.find::<Brand, _, _>(brand::Column::Id, own, id).await?)))
}

/// A delegation for `node`.
pub(crate) async fn delegation_node(ctx: &Context<'_>, id: DelegationId) -> Result<Option<Delegation>> {
    let own = queries::of_either_end(ctx.member()?);
    Ok(Some(Delegation(ctx.rows()?.find::<Delegation, _, _>(delegation::Column::Id, own, id).await?)))
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
                Actor::Member(by) => Ok(Some(Organisation(by.organization().clone().into()))),
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
