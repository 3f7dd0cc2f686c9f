//! Consents in GraphQL.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{
    consent,
    enums::{ConsentPurpose, Side},
    ids::ConsentId,
};

use super::{
    By,
    queries::{self, Eyes},
    rules::{self, ConsentAction},
};
use crate::{
    base::paging::Cursor,
    creators::graphql::Creator,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::answer,
        rows::Row,
        scalars::{connection, slice},
    },
    organisations::graphql::Organisation,
    payload,
};

/// What one can say yes to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ConsentPurpose", name = "ConsentPurpose")]
pub enum ConsentPurposeName {
    /// Figures beyond the public profile are read with the creator's grant, again and again
    ReadFigures,
    /// Brands see who the audience is and what only the creator's grant shows
    InsightShare,
    /// Stories are copied and kept beyond their day; it takes the brand's yes and the creator's, towards each other
    StoryArchive,
    /// Brands' look-ups of public accounts go through the creator's grant
    PublicLookup,
}

/// Whose yes it is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Side", name = "ConsentSide")]
pub enum ConsentSideName {
    /// An organisation's, about a creator
    Brand,
    /// The creator's own
    Creator,
}

/// A yes to one purpose. It ends when it is taken back; a new yes is another one.
pub struct Consent(pub Row<consent::Model>);

/// A yes to one purpose. It ends when it is taken back; a new yes is another one.
#[Object]
impl Consent {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// To what.
    async fn purpose(&self) -> ConsentPurposeName {
        self.0.purpose.into()
    }
    /// Whose yes.
    async fn side(&self) -> ConsentSideName {
        self.0.side.into()
    }
    /// Whom it concerns; null if the profile is gone.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Creator>> {
        Ok(ctx.rows()?.load_one(self.0.creator_id).await?.map(Creator))
    }
    /// Towards which organisation; null = towards all brands.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        let Some(id) = self.0.org_id else { return Ok(None) };
        Ok(ctx.rows()?.load_one(id).await?.map(Organisation))
    }
    /// The version of the text that was agreed to.
    async fn version(&self) -> i32 {
        self.0.version
    }
    /// Since when.
    async fn granted_at(&self) -> DateTime<Utc> {
        self.0.granted_at
    }
    /// Until when; null while it holds.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
    /// What the caller may do with it now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ConsentAction>> {
        Ok(match &ctx.cx()?.actor {
            actor if actor.is(self.0.creator_id) => rules::allowed(&self.0, Side::Creator),
            Actor::Member(by) if Some(by.org()) == self.0.org_id && by.manager().is_ok() => rules::allowed(&self.0, Side::Brand),
            _ => Vec::new(),
        })
    }
}

fn eyes(ctx: &Context<'_>) -> Result<Eyes> {
    ctx.person()?;
    match &ctx.cx()?.actor {
        Actor::Member(by) => Ok(by.into()),
        _ => Ok(ctx.creator()?.into()),
    }
}

/// A consent for `node`: whose it is, or whom it names.
pub(crate) async fn consent_node(ctx: &Context<'_>, id: ConsentId) -> Result<Option<Consent>> {
    let own = queries::seen_by(eyes(ctx)?);
    Ok(Some(Consent(ctx.rows()?.find::<Consent, _, _>(consent::Column::Id, own, id).await?)))
}

/// Queries of consents.
#[derive(Default)]
pub struct ConsentsQuery;

/// Queries of consents.
#[Object]
impl ConsentsQuery {
    /// What was said yes to, the newest first, also what was taken back since: of the creator who calls and about them, or what names the
    /// caller's organisation.
    async fn consents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, Consent>> {
        let page = queries::list(ctx.app()?.db(), eyes(ctx)?, slice(after, before, first, last)?).await?;
        Ok(connection(page, Consent))
    }
}

/// A yes.
#[derive(InputObject)]
pub struct ConsentGrantInput {
    /// To what.
    purpose: ConsentPurposeName,
    /// By a creator: towards which organisation, where the purpose names one.
    organisation_id: Option<ID>,
    /// By a manager: about which creator.
    creator_id: Option<ID>,
}

/// Which yes is taken back.
#[derive(InputObject)]
pub struct ConsentRevokeInput {
    /// Its id.
    id: ID,
}

payload! {
    /// The answer to `consentGrant`.
    ConsentGrantPayload {
        /// The yes; one that held already stays as it is.
        consent: Consent,
    }
    /// The answer to `consentRevoke`.
    ConsentRevokePayload {
        /// The yes, now over.
        consent: Consent,
    }
}

/// Mutations of consents.
#[derive(Default)]
pub struct ConsentsMutation;

/// Mutations of consents.
#[Object]
impl ConsentsMutation {
    /// Says yes to a purpose: as a creator, or as a manager about a creator who has joined a campaign of the organisation's.
    async fn consent_grant(&self, ctx: &Context<'_>, input: ConsentGrantInput) -> Result<ConsentGrantPayload> {
        let app = ctx.app()?;
        ctx.person()?;
        let purpose = input.purpose.into();
        let done = async {
            match &ctx.cx()?.actor {
                Actor::Member(by) => {
                    let creator = input.creator_id.as_ref().map(id).transpose()?.ok_or(Error::NotFound)?;
                    super::agree(app, &by.manager()?, purpose, creator).await
                }
                _ => {
                    let org = input.organisation_id.as_ref().map(id).transpose()?;
                    super::grant(app, ctx.creator()?, purpose, org).await
                }
            }
        };
        answer(ctx, done.await.map(|row| ConsentGrantPayload { consent: Some(Consent(row.into())), ..Default::default() }))
    }

    /// Takes a yes back. What rests on it ends at once.
    async fn consent_revoke(&self, ctx: &Context<'_>, input: ConsentRevokeInput) -> Result<ConsentRevokePayload> {
        let app = ctx.app()?;
        ctx.person()?;
        let done = async {
            match &ctx.cx()?.actor {
                Actor::Member(by) => super::revoke(app, By::Manager(&by.manager()?), id(&input.id)?).await,
                _ => super::revoke(app, By::Creator(ctx.creator()?), id(&input.id)?).await,
            }
        };
        answer(ctx, done.await.map(|row| ConsentRevokePayload { consent: Some(Consent(row.into())), ..Default::default() }))
    }
}
