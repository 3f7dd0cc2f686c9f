//! Asking for organisations: the root fields, and what `node` finds.

use async_graphql::{Context, ID, Object};
use entity::ids::{BrandId, DelegationId, MemberInvitationId, MembershipId, OrgId};

use super::{super::queries, Brand, Delegation, MemberInvitation, MemberInvitationTeaser, Organisation, OrganisationMember, org_row};
use crate::{
    auth::limits,
    error::{Error, Result},
    graph::context::{Actor, Ask},
};

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
