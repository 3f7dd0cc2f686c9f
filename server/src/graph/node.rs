//! Relay's `Node`: any object by its id, loaded through the actor. What is not the caller's is null, never an error.

use async_graphql::{Context, ID, Interface, Object};

use crate::{
    accounts::graphql::ApiToken,
    error::Result,
    graph::context::Ask,
    invitations::graphql::{Invitation, InvitationBatch},
    participations::graphql::Participation,
};

/// An object with an id that stays the same for ever.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, typed and stable."))]
pub enum Node {
    /// A personal API token.
    ApiToken(ApiToken),
    /// A creator in a campaign.
    Participation(Participation),
    /// An invitation.
    Invitation(Invitation),
    /// A bulk action.
    InvitationBatch(InvitationBatch),
}

/// Loads one object by the three letters that its id begins with.
async fn load(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let text = id.as_str();
    macro_rules! try_kinds {
        ($($prefix:literal => $loader:path => $variant:ident;)*) => {
            match text.split('_').next() {
                $(Some($prefix) => match text.parse() {
                    Ok(id) => $loader(ctx, id).await?.map(Node::$variant),
                    Err(_) => None,
                },)*
                _ => None,
            }
        };
    }
    Ok(try_kinds! {
        "tok" => crate::accounts::graphql::token_node => ApiToken;
        "par" => crate::participations::graphql::participation_node => Participation;
        "inv" => crate::invitations::graphql::invitation_node => Invitation;
        "bat" => crate::invitations::graphql::batch_node => InvitationBatch;
    })
}

/// What the caller may not see is as if it were not there.
async fn load_or_null(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    use crate::error::Error;
    match load(ctx, id).await {
        Err(Error::NotFound | Error::Forbidden(_) | Error::SignIn) => Ok(None),
        other => other,
    }
}

/// The two fields of Relay.
#[derive(Default)]
pub struct NodeQuery;

/// The two fields of Relay.
#[Object]
impl NodeQuery {
    /// Any object by its id; null if there is none that the caller may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The object's id.")] id: ID) -> Result<Option<Node>> {
        load_or_null(ctx, &id).await
    }

    /// Objects by their ids, in the order asked, null where there is none that the caller may see. At most 100.
    async fn nodes(&self, ctx: &Context<'_>, #[graphql(desc = "The objects' ids.")] ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > 100 {
            let wrong = crate::error::Wrong::new(crate::error::Code::LimitReached, "base.problem.too_many").with("most", 100);
            return Err(super::scalars::bad_argument("ids", wrong));
        }
        ctx.cx()?;
        futures_util::future::join_all(ids.iter().map(|id| load_or_null(ctx, id))).await.into_iter().collect()
    }
}
