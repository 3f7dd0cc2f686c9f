//! The schema, put together from the slices in their order.

use async_graphql::{MergedObject, SDLExportOptions};

use super::node::NodeQuery;
use crate::{
    accounts, activity, admin, audit, briefs, campaigns, consents, conversations, creators, insights, invitations, networks, offerings,
    organisations, participations, webhooks,
};

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    accounts::graphql::AccountsQuery,
    creators::graphql::CreatorsQuery,
    campaigns::graphql::CampaignsQuery,
    organisations::graphql::OrganisationsQuery,
    consents::graphql::ConsentsQuery,
    networks::graphql::NetworksQuery,
    networks::graphql::posts::PostsQuery,
    networks::graphql::heard::HeardQuery,
    networks::graphql::stories::StoriesQuery,
    networks::graphql::handed::InsightsQuery,
    networks::graphql::health::HealthQuery,
    participations::graphql::ParticipationsQuery,
    briefs::graphql::BriefsQuery,
    conversations::graphql::ConversationsQuery,
    invitations::graphql::InvitationsQuery,
    webhooks::graphql::WebhooksQuery,
    insights::graphql::tables::TablesQuery,
    insights::graphql::similar::SimilarQuery,
    activity::graphql::ActivityQuery,
    admin::graphql::AdminQuery,
    admin::graphql::AdminListsQuery,
    audit::graphql::AuditQuery,
);

/// Everything that can be done. Mutations are named object first, take one `input` and answer with a payload.
#[derive(MergedObject, Default)]
pub struct Mutation(
    accounts::graphql::AccountsMutation,
    accounts::graphql::SecondFactorMutation,
    creators::graphql::CreatorsMutation,
    consents::graphql::ConsentsMutation,
    networks::graphql::NetworksMutation,
    networks::graphql::handed::InsightsMutation,
    networks::graphql::health::HealthMutation,
    networks::graphql::sync::SyncMutation,
    networks::graphql::heard::HeardMutation,
    insights::graphql::ScoresMutation,
    insights::graphql::tables::TablesMutation,
    offerings::graphql::OfferingsMutation,
    campaigns::graphql::CampaignsMutation,
    organisations::graphql::OrganisationsMutation,
    participations::graphql::ParticipationsMutation,
    briefs::graphql::BriefsMutation,
    conversations::graphql::ConversationsMutation,
    invitations::graphql::InvitationsMutation,
    webhooks::graphql::WebhooksMutation,
    activity::graphql::ActivityMutation,
    admin::graphql::AdminMutation,
);

/// Everything that can be listened to.
#[derive(async_graphql::MergedSubscription, Default)]
pub struct Subscription(
    networks::graphql::sync::SyncSubscription,
    conversations::graphql::ConversationsSubscription,
    activity::graphql::ActivitySubscription,
);

/// The schema of the product.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds it. Limits are the edge's: the library's own come too late, and its suggestions compare every unknown name with every known.
pub fn build() -> Schema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).disable_suggestions().finish()
}

/// The schema as text, sorted, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    let text = build().sdl_with_options(options);
    text.trim_end().to_owned() + "\n"
}
