//! Relay's `Node`: any object by its id, loaded through the actor. What is not the caller's is null, never an error.

use async_graphql::{Context, ID, Interface, Object};

use crate::{
    accounts::graphql::ApiToken,
    activity::graphql::ActivityItem,
    admin::graphql::lists::{BackgroundJob, Letter, Suppression, User},
    audit::graphql::AuditEvent,
    briefs::graphql::Brief,
    campaigns::graphql::Campaign,
    consents::graphql::Consent,
    conversations::graphql::{Message, Thread},
    creators::graphql::{Creator, NetworkAccount, PortfolioItem},
    error::Result,
    graph::context::Ask,
    insights::graphql::tables::ReferenceTableVersion,
    invitations::graphql::{Invitation, InvitationBatch},
    networks::graphql::{
        NetworkLink,
        handed::ManualInsight,
        heard::{Mention, PostComment},
        posts::Post,
        stories::KeptStory,
    },
    offerings::graphql::Offering,
    organisations::graphql::{Brand, Delegation, MemberInvitation, Organisation, OrganisationMember},
    participations::graphql::Participation,
    webhooks::graphql::{Webhook, WebhookDelivery},
};

/// An object with an id that stays the same for ever.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, typed and stable."))]
pub enum Node {
    /// Something that happened and concerns the caller's actor.
    ActivityItem(ActivityItem),
    /// A personal API token.
    ApiToken(ApiToken),
    /// An address that is told what happens; for owners.
    Webhook(Webhook),
    /// One event told to one address; for owners.
    WebhookDelivery(WebhookDelivery),
    /// A creator.
    Creator(Creator),
    /// An account on a network.
    NetworkAccount(NetworkAccount),
    /// A yes to one purpose; for whose it is and whom it names.
    Consent(Consent),
    /// What ties an account to its creator.
    NetworkLink(NetworkLink),
    /// Something that a linked account published.
    Post(Post),
    /// Where somebody names a linked account.
    Mention(Mention),
    /// What somebody wrote under a publication.
    PostComment(PostComment),
    /// A story of a creator's that is kept.
    KeptStory(KeptStory),
    /// Figures that a creator hands in; for the creator and who asked.
    ManualInsight(ManualInsight),
    /// A past collaboration.
    PortfolioItem(PortfolioItem),
    /// A price line.
    Offering(Offering),
    /// A campaign.
    Campaign(Campaign),
    /// A version of a brief.
    Brief(Brief),
    /// A brand or agency.
    Organisation(Organisation),
    /// A person's place in an organisation.
    OrganisationMember(OrganisationMember),
    /// A letter to a future member.
    MemberInvitation(MemberInvitation),
    /// A label to campaign under.
    Brand(Brand),
    /// An agency's right to act for a brand.
    Delegation(Delegation),
    /// A creator in a campaign.
    Participation(Participation),
    /// A conversation.
    Thread(Thread),
    /// Something that was said.
    Message(Message),
    /// An invitation.
    Invitation(Invitation),
    /// A bulk action.
    InvitationBatch(InvitationBatch),
    /// A version of a table that figures are read against; for platform admins.
    ReferenceTableVersion(ReferenceTableVersion),
    /// Somebody who can sign in; for platform admins.
    User(User),
    /// A mail, without its text; for platform admins.
    Letter(Letter),
    /// An address that is not written to; for platform admins.
    Suppression(Suppression),
    /// A piece of background work; for platform admins.
    BackgroundJob(BackgroundJob),
    /// A fact that happened; for platform admins and owners.
    AuditEvent(AuditEvent),
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
        "cre" => crate::creators::graphql::creator_node => Creator;
        "acc" => crate::creators::graphql::account_node => NetworkAccount;
        "cns" => crate::consents::graphql::consent_node => Consent;
        "nlk" => crate::networks::graphql::link_node => NetworkLink;
        "pst" => crate::networks::graphql::posts::post_node => Post;
        "mtn" => crate::networks::graphql::heard::mention_node => Mention;
        "cmt" => crate::networks::graphql::heard::comment_node => PostComment;
        "sta" => crate::networks::graphql::stories::story_node => KeptStory;
        "mni" => crate::networks::graphql::handed::insight_node => ManualInsight;
        "pfl" => crate::creators::graphql::item_node => PortfolioItem;
        "off" => crate::offerings::graphql::offering_node => Offering;
        "cmp" => crate::campaigns::graphql::campaign_node => Campaign;
        "brf" => crate::briefs::graphql::brief_node => Brief;
        "org" => crate::organisations::graphql::organisation_node => Organisation;
        "mem" => crate::organisations::graphql::member_node => OrganisationMember;
        "min" => crate::organisations::graphql::member_invitation_node => MemberInvitation;
        "brd" => crate::organisations::graphql::brand_node => Brand;
        "dlg" => crate::organisations::graphql::delegation_node => Delegation;
        "par" => crate::participations::graphql::participation_node => Participation;
        "thr" => crate::conversations::graphql::thread_node => Thread;
        "msg" => crate::conversations::graphql::message_node => Message;
        "inv" => crate::invitations::graphql::invitation_node => Invitation;
        "whk" => crate::webhooks::graphql::webhook_node => Webhook;
        "whd" => crate::webhooks::graphql::delivery_node => WebhookDelivery;
        "act" => crate::activity::graphql::item_node => ActivityItem;
        "evt" => crate::audit::graphql::event_node => AuditEvent;
        "rft" => crate::insights::graphql::tables::version_node => ReferenceTableVersion;
        "usr" => crate::admin::graphql::lists::user_node => User;
        "ltr" => crate::admin::graphql::lists::letter_node => Letter;
        "sup" => crate::admin::graphql::lists::suppression_node => Suppression;
        "job" => crate::admin::graphql::lists::job_node => BackgroundJob;
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
