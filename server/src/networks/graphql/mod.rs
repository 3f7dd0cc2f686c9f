//! Networks in GraphQL: what can be linked here, the caller's own links, and the walk through a consent page.

pub mod handed;
pub mod health;
pub mod heard;
pub mod posts;
pub(crate) mod rows;
pub mod stories;
pub mod sync;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use connectors::CallbackQuery;
use entity::{
    enums::{LinkMethod, LinkState, Network, SyncKind},
    ids::NetworkLinkId,
    network_link, oauth_attempt,
};
use rows::{AgreedOf, TasksOf};
use sync::AccountReading;

use super::{
    Begin, Finished, actions, queries,
    rules::{self, LinkAction, Offer},
    sync::rules as readings,
};
use crate::{
    creators::graphql::{NetworkAccount, NetworkName},
    error::Result,
    graph::{
        context::{Ask, id},
        outcome::answer,
        rows::Row,
    },
    payload,
};

/// A network, and what can be done with it at this installation.
pub struct NetworkOption {
    network: Network,
    offer: Offer,
}

/// A network, and what can be done with it at this installation.
#[Object]
impl NetworkOption {
    /// Which network.
    async fn network(&self) -> NetworkName {
        self.network.into()
    }
    /// Whether accounts on it can be linked here.
    async fn state(&self) -> Offer {
        self.offer
    }
    /// What the creator is asked to grant, in the network's own words; empty unless it can be linked.
    async fn scopes(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(ctx.app()?.networks.get(rules::outside(self.network)).map(|c| c.scopes().to_vec()).unwrap_or_default())
    }
    /// Whether it is the sandbox: everything from it is demo data.
    async fn is_sandbox(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.app()?.networks.get(rules::outside(self.network)).is_some_and(|c| c.is_sandbox()))
    }
}

/// How an account was tied to its creator.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LinkMethod", name = "NetworkLinkMethod")]
pub enum LinkMethodName {
    /// The network itself said so
    Oauth,
    /// The creator typed the handle; it proves nothing
    Declared,
}

/// The way of a link.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LinkState", name = "NetworkLinkState")]
pub enum LinkStateName {
    /// The creator typed the handle
    Declared,
    /// The network has confirmed the account, and the grant lives
    Verified,
    /// The network had confirmed it, but the grant has ended: link it again
    NeedsReauth,
    /// The creator took it back
    Revoked,
}

/// What ties an account to its creator. Only the creator sees it; tokens are never shown.
pub struct NetworkLink(pub Row<network_link::Model>);

/// What ties an account to its creator. Only the creator sees it; tokens are never shown.
#[Object]
impl NetworkLink {
    /// The link's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The account, with its figures; null if it is gone, as a declared handle is once it was unlinked.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account_id).await?.map(NetworkAccount))
    }
    /// How it was tied.
    async fn method(&self) -> LinkMethodName {
        self.0.method.into()
    }
    /// Where it stands.
    async fn state(&self) -> LinkStateName {
        self.0.state.into()
    }
    /// What the creator granted, in the network's own words.
    async fn scopes(&self) -> &[String] {
        &self.0.scopes.0
    }
    /// What was asked for and not granted.
    async fn missing_scopes(&self) -> &[String] {
        &self.0.missing_scopes.0
    }
    /// When the network ends the grant unless it is renewed; null if it did not say.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }
    /// What the creator writes at the account to show that it is theirs: in its description, or on a page of their own as
    /// `<meta name="hibiki-verification" content="…">`; null unless it was typed in.
    async fn ownership_code(&self) -> Option<&str> {
        Some(self.0.proof_code.as_str()).filter(|code| !code.is_empty())
    }
    /// When that code was last read there; null if never, or if the account is no longer found.
    async fn ownership_proven_at(&self) -> Option<DateTime<Utc>> {
        self.0.proven_at
    }
    /// When the network last confirmed the account; null if never.
    async fn linked_at(&self) -> Option<DateTime<Utc>> {
        self.0.linked_at
    }
    /// When the creator took it back; null unless REVOKED.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
    /// What is wrong and what to do about it, in the caller's language; null if nothing is.
    async fn problem(&self, ctx: &Context<'_>) -> Option<String> {
        rules::problem(&self.0, ctx.locale()).map(Into::into)
    }
    /// What is read of the account, and what is missing and why; empty unless it is VERIFIED, or DECLARED with its ownership proven on a
    /// network that answers everybody.
    async fn readings(&self, ctx: &Context<'_>) -> Result<Vec<AccountReading>> {
        let app = ctx.app()?;
        let Some(account) = ctx.rows()?.load_one(self.0.account_id).await? else { return Ok(Vec::new()) };
        let Some(connector) = queries::reader(app, &account, &self.0) else { return Ok(Vec::new()) };
        let tasks = ctx.rows()?.load_one(TasksOf(account.id)).await?.unwrap_or_default();
        let agreed = ctx.rows()?.load_one(AgreedOf(account.creator_id)).await?.unwrap_or_default();
        let of = (account.account_type, account.followers);
        let standing = |kind| readings::standing(kind, connector.as_ref(), &self.0.scopes.0, of, agreed);
        let task = |kind| tasks.iter().find(|task| task.kind == kind);
        Ok(readings::shown(connector.as_ref()).map(|kind| sync::reading(ctx.locale(), *kind, standing(*kind), task(*kind))).collect())
    }
    /// How far the first reading has come, in per cent of the 90 days that it goes back; null if it is not read.
    async fn first_reading_percent(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let tasks = ctx.rows()?.load_one(TasksOf(self.0.account_id)).await?.unwrap_or_default();
        Ok(tasks.iter().find(|task| task.kind == SyncKind::Backfill).map(|task| {
            let finished = !readings::is_first(task) && task.outcome == readings::OK;
            readings::progress(self.0.linked_at.unwrap_or(task.created_at), task.reached, finished).into()
        }))
    }
    /// What the creator may do with it now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<LinkAction>> {
        let account = ctx.rows()?.load_one(self.0.account_id).await?;
        let app = ctx.app()?;
        Ok(account.map(|account| actions(app, &account, &self.0)).unwrap_or_default())
    }
}

/// A link for `node`: the creator's own only.
pub(crate) async fn link_node(ctx: &Context<'_>, id: NetworkLinkId) -> Result<Option<NetworkLink>> {
    let own = queries::own_links(ctx.creator()?);
    Ok(Some(NetworkLink(ctx.rows()?.find::<NetworkLink, _, _>(network_link::Column::Id, own, id).await?)))
}

/// An account that a network offered to link.
#[derive(SimpleObject)]
pub struct NetworkAccountOffer {
    /// The network's own id; what `networkAccountChoose` takes.
    pub external_id: String,
    /// Its handle; null if the network did not say.
    pub handle: Option<String>,
    /// Its name.
    pub name: String,
    /// Why it cannot be linked, in the caller's language; null if it can.
    pub refusal: Option<String>,
}

/// The grant reaches several accounts: one has to be chosen.
pub struct NetworkAccountChoice(oauth_attempt::Model);

/// The grant reaches several accounts: one has to be chosen.
#[Object]
impl NetworkAccountChoice {
    /// What `networkAccountChoose` takes. It is no Node.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// On which network.
    async fn network(&self) -> NetworkName {
        self.0.network.into()
    }
    /// Until when the choice can be made.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// The accounts, those that can be linked first.
    async fn accounts(&self, ctx: &Context<'_>) -> Vec<NetworkAccountOffer> {
        let locale = ctx.locale();
        let offer = |account: &entity::json::OfferedAccount| NetworkAccountOffer {
            external_id: account.external_id.clone(),
            handle: Some(account.handle.clone()).filter(|h| !h.is_empty()),
            name: account.name.clone(),
            refusal: account.refused.as_deref().map(|key| rules::sentence(key, "", locale).into()),
        };
        self.0.offered.0.iter().map(offer).collect()
    }
}

/// Queries of networks.
#[derive(Default)]
pub struct NetworksQuery;

/// Queries of networks.
#[Object]
impl NetworksQuery {
    /// Every network that Hibiki knows, in the order of its pages, and what can be done with it at this installation.
    async fn network_options(&self, ctx: &Context<'_>) -> Result<Vec<NetworkOption>> {
        let app = ctx.app()?;
        Ok(rules::networks().map(|network| NetworkOption { network, offer: Offer::of(network, &app.networks) }).collect())
    }

    /// The links of the creator who calls, unlinked ones too, in the order of networks; at most 40.
    async fn network_links(&self, ctx: &Context<'_>) -> Result<Vec<NetworkLink>> {
        let rows = queries::accounts(ctx.app()?.db(), ctx.creator()?).await?;
        Ok(rows.into_iter().filter_map(|(_, link)| link).take(40).map(Row::from).map(NetworkLink).collect())
    }
}

/// Which account is to be linked.
#[derive(InputObject)]
pub struct NetworkLinkBeginInput {
    /// On which network.
    network: NetworkName,
    /// The portal's path to go on to afterwards; null = the page of networks.
    next: Option<String>,
    /// The account that must come back, to link it again; null = any.
    account_id: Option<ID>,
}

/// What the network's redirect brought: the query of the callback's address.
#[derive(InputObject)]
pub struct NetworkLinkFinishInput {
    /// On which network.
    network: NetworkName,
    /// `state`, as it came back.
    state: String,
    /// `code`; null if the person said no.
    code: Option<String>,
    /// `error`; null if there is a code.
    error: Option<String>,
    /// `error_description`; null if there was none.
    error_description: Option<String>,
    /// `iss`; null if there was none.
    iss: Option<String>,
}

/// Which of the offered accounts is meant.
#[derive(InputObject)]
pub struct NetworkAccountChooseInput {
    /// The id of the choice.
    choice_id: ID,
    /// The account's `externalId`.
    external_id: String,
}

/// An account on a network that cannot be linked here.
#[derive(InputObject)]
pub struct NetworkAccountDeclareInput {
    /// On which network.
    network: NetworkName,
    /// `@name`, a bare name, or the address of the profile.
    handle: String,
}

/// For which account the code is looked for.
#[derive(InputObject)]
pub struct NetworkOwnershipProveInput {
    /// The link's id.
    id: ID,
}

/// Which link ends.
#[derive(InputObject)]
pub struct NetworkUnlinkInput {
    /// Its id.
    id: ID,
}

payload! {
    /// The answer to `networkLinkBegin`.
    NetworkLinkBeginPayload {
        /// The network's consent page, to be opened in a browser.
        authorization_url: String,
        /// Until when the person may come back.
        expires_at: DateTime<Utc>,
    }
    /// The answer to `networkLinkFinish`: either a link or a choice.
    NetworkLinkFinishPayload {
        /// The link; null while an account has to be chosen.
        link: NetworkLink,
        /// The accounts to choose from; null if there was only one.
        choice: NetworkAccountChoice,
    }
    /// The answer to `networkAccountChoose`.
    NetworkAccountChoosePayload {
        /// The link.
        link: NetworkLink,
    }
    /// The answer to `networkAccountDeclare`.
    NetworkAccountDeclarePayload {
        /// The link, without proof.
        link: NetworkLink,
    }
    /// The answer to `networkOwnershipProve`.
    NetworkOwnershipProvePayload {
        /// The link, with when the code was read.
        link: NetworkLink,
    }
    /// The answer to `networkUnlink`.
    NetworkUnlinkPayload {
        /// The link, now REVOKED.
        link: NetworkLink,
    }
}

/// Mutations of networks.
#[derive(Default)]
pub struct NetworksMutation;

/// Mutations of networks.
#[Object]
impl NetworksMutation {
    /// Begins to link an account: gives the address of the network's consent page. The network sends the person back to this server's
    /// callback, which finishes the link in a browser where the same creator is signed in; a client that catches that redirect itself
    /// finishes with `networkLinkFinish`. Good once, for ten minutes, and for the session or token that began it.
    async fn network_link_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] input: NetworkLinkBeginInput,
    ) -> Result<NetworkLinkBeginPayload> {
        let begin = Begin {
            network: Network::from(input.network).as_str().to_owned(),
            next: input.next.unwrap_or_default(),
            relink: input.account_id.map(|id| id.to_string()).unwrap_or_default(),
        };
        let done = super::begin_link(ctx.app()?, ctx.creator()?, begin).await;
        answer(
            ctx,
            done.map(|began| NetworkLinkBeginPayload {
                authorization_url: Some(began.url.into()),
                expires_at: Some(began.expires_at),
                ..Default::default()
            }),
        )
    }

    /// Finishes a link with what the redirect brought. Whatever the network refuses is explained in `userErrors`.
    async fn network_link_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The redirect's query.")] input: NetworkLinkFinishInput,
    ) -> Result<NetworkLinkFinishPayload> {
        let query = CallbackQuery {
            code: input.code.map(Into::into),
            state: Some(input.state),
            error: input.error,
            error_description: input.error_description,
            iss: input.iss,
        };
        let done = super::finish_link(ctx.app()?, ctx.creator()?, input.network.into(), query).await;
        answer(
            ctx,
            done.map(|finished| match finished {
                Finished::Linked { link, .. } => NetworkLinkFinishPayload { link: Some(NetworkLink(link.into())), ..Default::default() },
                Finished::Choose(attempt) => NetworkLinkFinishPayload { choice: Some(NetworkAccountChoice(attempt)), ..Default::default() },
            }),
        )
    }

    /// Links one of the accounts that the grant reaches.
    async fn network_account_choose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] input: NetworkAccountChooseInput,
    ) -> Result<NetworkAccountChoosePayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = match id(&input.choice_id) {
            Ok(choice) => super::choose_account(app, by, choice, &input.external_id).await,
            Err(error) => Err(error),
        };
        answer(ctx, done.map(|(link, _)| NetworkAccountChoosePayload { link: Some(NetworkLink(link.into())), ..Default::default() }))
    }

    /// Names an account on a network that cannot be linked here. It shows on the profile and proves nothing.
    async fn network_account_declare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] input: NetworkAccountDeclareInput,
    ) -> Result<NetworkAccountDeclarePayload> {
        let network = Network::from(input.network);
        let done = super::declare(ctx.app()?, ctx.creator()?, network.as_str(), &input.handle).await;
        answer(ctx, done.map(|link| NetworkAccountDeclarePayload { link: Some(NetworkLink(link.into())), ..Default::default() }))
    }

    /// Looks for `NetworkLink.ownershipCode` where a declared account is: in its public description, or in the head of the page. It shows that
    /// the creator can write there; it makes no `verified` account.
    async fn network_ownership_prove(&self, ctx: &Context<'_>, input: NetworkOwnershipProveInput) -> Result<NetworkOwnershipProvePayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async { super::prove_ownership(app, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|link| NetworkOwnershipProvePayload { link: Some(NetworkLink(link.into())), ..Default::default() }))
    }

    /// Ends a link: tokens are erased and the network is told. Figures that were read stay as history; a declared handle goes.
    async fn network_unlink(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which link.")] input: NetworkUnlinkInput,
    ) -> Result<NetworkUnlinkPayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = match id(&input.id) {
            Ok(link) => super::unlink(app, by, link).await,
            Err(error) => Err(error),
        };
        answer(ctx, done.map(|link| NetworkUnlinkPayload { link: Some(NetworkLink(link.into())), ..Default::default() }))
    }
}
