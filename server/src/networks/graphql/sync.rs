//! How accounts are read, in GraphQL: what is read and what is missing, the audience, and progress as it happens.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use connectors::{Slices, Unit};
use entity::{
    audience_snapshot,
    enums::{Crowd, Dimension, SyncKind},
    event, sync_task,
};
use futures_util::{Stream, StreamExt};
use sea_orm::{ColumnTrait, Condition};

use super::{
    super::{
        lookup,
        sync::{
            self,
            rules::{self, Standing},
        },
    },
    NetworkLink,
    posts::FigureState,
};
use crate::{
    app::App,
    base::lang::Lang,
    creators::graphql::{Creator, NetworkAccount},
    error::{Code, Result, Wrong},
    events::{self, Place},
    graph::{
        context::{Ask, id},
        names::NetworkName,
        outcome::answer,
        scalars::{Long, MetricSourceName, bad_argument},
    },
    payload,
};

/// What is read of an account.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SyncKind", name = "ReadingKind")]
pub enum ReadingKindName {
    /// The profile with its counters
    Profile,
    /// The newest publications with their counters
    Posts,
    /// Publications of the 90 days before linking, once
    Backfill,
    /// Figures of single publications
    PostFigures,
    /// Figures of the account
    Insights,
    /// Who the audience is
    Audience,
    /// What others write under publications
    Comments,
    /// Where others name the account
    Mentions,
    /// The stories that are up
    Stories,
    /// Figures of stories, until the last before they end
    StoryFigures,
    /// Whether the network still takes the grant, asked every hour where it wants that (Twitch)
    Grant,
}

/// How a reading stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ReadingState {
    /// It waits for its first turn
    Waits,
    /// The last turn was good
    Read,
    /// The last turn failed; `message` says why
    Failing,
    /// Nobody has agreed to it
    NeedsConsent,
    /// Business and creator accounts only
    NeedsBusiness,
    /// The network does not give it, or not yet; `message` says why
    NotAvailable,
}

/// What is read of an account, or why not (K10).
#[derive(SimpleObject)]
pub struct AccountReading {
    /// What.
    kind: ReadingKindName,
    /// How it stands.
    state: ReadingState,
    /// The same in words, in the caller's language.
    message: String,
    /// When it was last read; null if never.
    last_read_at: Option<DateTime<Utc>>,
    /// When it is read next; null if not by itself.
    next_read_at: Option<DateTime<Utc>>,
    /// Whether the network has more than was read; null if that is not known. Of comments see `Post.moreComments`.
    more: Option<bool>,
}

/// Of a link that lives.
pub(super) fn reading(
    locale: entity::enums::Locale,
    kind: SyncKind,
    standing: Standing,
    task: Option<&sync_task::Model>,
) -> AccountReading {
    let state = match (standing, task) {
        (Standing::NeedsConsent, _) => ReadingState::NeedsConsent,
        (Standing::NeedsBusiness, _) => ReadingState::NeedsBusiness,
        (Standing::Network(_), _) => ReadingState::NotAvailable,
        (Standing::On, Some(task)) if task.outcome == rules::OK => ReadingState::Read,
        (Standing::On, Some(task)) if !task.outcome.is_empty() => ReadingState::Failing,
        (Standing::On, _) => ReadingState::Waits,
    };
    let message = match (state, task) {
        (ReadingState::NeedsConsent, _) => locale.t("networks.standing.needs_consent"),
        (ReadingState::NeedsBusiness, _) => locale.t("networks.standing.needs_business"),
        (ReadingState::NotAvailable, _) => match standing {
            Standing::Network(connectors::Availability::NeedsScope(scope)) => locale.t("networks.given.needs_scope").with("scope", scope),
            Standing::Network(connectors::Availability::NeedsFollowers(n)) => locale.t("networks.given.needs_followers").with("n", n),
            Standing::Network(connectors::Availability::NeedsReview) => locale.t("networks.given.needs_review"),
            _ => locale.t("networks.given.no"),
        },
        (ReadingState::Failing, Some(task)) => {
            let (code, more) = task.outcome.split_once(':').unwrap_or((&task.outcome, ""));
            locale.t(&format!("networks.outcome.{code}")).with("more", more)
        }
        (ReadingState::Read, _) => locale.t("networks.given.yes"),
        _ => locale.t("networks.standing.waits"),
    };
    AccountReading {
        more: task.and_then(|task| task.more),
        kind: kind.into(),
        state,
        message: message.into(),
        last_read_at: task.and_then(|task| task.last_ok_at),
        next_read_at: task.and_then(|task| task.next_run_at),
    }
}

/// Of whom an audience speaks.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Crowd", name = "Crowd")]
pub enum CrowdName {
    /// Those who follow
    Followers,
    /// Those who reacted lately
    Engaged,
    /// Those who watched, followers or not
    Viewers,
}

/// By what an audience is told apart.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Dimension", name = "AudienceDimension")]
pub enum DimensionName {
    /// Age
    Age,
    /// Gender
    Gender,
    /// Age and gender: keys are `AGE GENDER`
    AgeGender,
    /// City: keys are the network's own names
    City,
    /// Country: keys are ISO 3166-1 alpha-2
    Country,
}

/// In what shares are given.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AudienceUnit {
    /// Heads
    People,
    /// Per cent of the crowd; what is missing to 100 is unknown
    Percent,
}

/// One slice of an audience.
#[derive(SimpleObject)]
pub struct AudienceSlice {
    /// Which.
    key: String,
    /// How many; null unless the part counts PEOPLE.
    people: Option<Long>,
    /// How much in hundredths of a per cent; null unless the part is in PERCENT.
    basis_points: Option<i32>,
}

/// An audience by one dimension. Followers and viewers are not the same people and are never added together.
#[derive(SimpleObject)]
pub struct AudiencePart {
    /// Of whom.
    crowd: CrowdName,
    /// By what.
    dimension: DimensionName,
    /// KNOWN, or why there are no slices.
    state: FigureState,
    /// In what the shares are; null unless KNOWN.
    unit: Option<AudienceUnit>,
    /// The slices; rare ones may be left out by the network.
    slices: Vec<AudienceSlice>,
    /// Who said so.
    source: MetricSourceName,
    /// Where it was read at the network.
    endpoint: String,
    /// When.
    as_of: DateTime<Utc>,
}

/// From a row.
pub(crate) fn audience_part(row: &audience_snapshot::Model) -> AudiencePart {
    let slices = serde_json::from_value(row.slices.clone()).unwrap_or(Slices::Missing(connectors::Metric::Failed));
    let (state, unit, slices) = match slices {
        Slices::Missing(metric) => (FigureState::of(metric), None, Vec::new()),
        Slices::Given { unit, shares } => {
            let slice = |share: connectors::Share| AudienceSlice {
                people: (unit == Unit::People).then(|| Long(share.value.round() as i64)),
                basis_points: (unit == Unit::Percent).then(|| (share.value * 100.0).round() as i32),
                key: share.key,
            };
            let named = match unit {
                Unit::People => AudienceUnit::People,
                Unit::Percent => AudienceUnit::Percent,
            };
            (FigureState::Known, Some(named), shares.into_iter().map(slice).collect())
        }
    };
    AudiencePart {
        crowd: row.crowd.into(),
        dimension: row.dimension.into(),
        state,
        unit,
        slices,
        source: row.source.into(),
        endpoint: row.endpoint.clone(),
        as_of: row.captured_at,
    }
}

/// Which account is read now.
#[derive(InputObject)]
pub struct NetworkRefreshInput {
    /// The id of its link.
    id: ID,
}

/// A public account.
#[derive(InputObject)]
pub struct NetworkLookupInput {
    /// On which network.
    network: NetworkName,
    /// `@name`, a bare name, or the address of the profile.
    handle: String,
}

/// A public account that becomes a profile.
#[derive(InputObject)]
pub struct NetworkLookupKeepInput {
    /// On which network.
    network: NetworkName,
    /// `@name`, a bare name, or the address of the profile.
    handle: String,
}

/// What a network says in public of an account.
#[derive(SimpleObject)]
pub struct PublicAccount {
    /// On which network.
    network: NetworkName,
    /// Its handle.
    handle: String,
    /// Its name; may be empty.
    display_name: String,
    /// What it says of itself; may be empty.
    biography: String,
    /// Who follows it; null if the network does not say.
    followers: Option<Long>,
    /// Whom it follows; null if the network does not say.
    following: Option<Long>,
    /// What it has published; null if the network does not say.
    posts: Option<Long>,
    /// Where it was read.
    endpoint: String,
    /// When; an answer is good for a day.
    as_of: DateTime<Utc>,
}

payload! {
    /// The answer to `networkRefresh`.
    NetworkRefreshPayload {
        /// The link; its figures follow in a moment.
        link: NetworkLink,
    }
    /// The answer to `networkLookupKeep`.
    NetworkLookupKeepPayload {
        /// The profile, new or known.
        creator: Creator,
    }
    /// The answer to `networkLookup`.
    NetworkLookupPayload {
        /// What the network says.
        found: PublicAccount,
        /// The account here, if a creator whom the caller sees has it.
        account: NetworkAccount,
    }
}

/// Mutations of readings.
#[derive(Default)]
pub struct SyncMutation;

/// Mutations of readings.
#[Object]
impl SyncMutation {
    /// Has an account read now, before everything that nobody waits for.
    async fn network_refresh(&self, ctx: &Context<'_>, input: NetworkRefreshInput) -> Result<NetworkRefreshPayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async { sync::refresh(app, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|link| NetworkRefreshPayload { link: Some(NetworkLink(link.into())), ..Default::default() }))
    }

    /// Makes a profile of a public account, which everybody sees and its creator takes over by linking the account; for members. One that is
    /// known is given back as it is.
    async fn network_lookup_keep(&self, ctx: &Context<'_>, input: NetworkLookupKeepInput) -> Result<NetworkLookupKeepPayload> {
        let network = entity::enums::Network::from(input.network);
        let done = lookup::keep_profile(ctx.app()?, ctx.member()?, network.as_str(), &input.handle).await;
        answer(ctx, done.map(|row| NetworkLookupKeepPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// What a network says in public of an account, linked here or not; for members. An answer is kept for a day.
    async fn network_lookup(&self, ctx: &Context<'_>, input: NetworkLookupInput) -> Result<NetworkLookupPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?);
        let network = entity::enums::Network::from(input.network);
        let found = match lookup::look_up(app, by, network.as_str(), &input.handle).await {
            Ok(found) => found,
            Err(error) => return answer(ctx, Err(error)),
        };
        let known = match found.known {
            Some(account) => match crate::creators::queries::one(app.db(), by.into(), account.creator_id).await {
                Ok(_) => Some(NetworkAccount(account.into())),
                Err(crate::error::Error::NotFound) => None,
                Err(other) => return Err(other),
            },
            None => None,
        };
        let profile = found.profile;
        Ok(NetworkLookupPayload {
            found: Some(PublicAccount {
                network: input.network,
                handle: profile.handle,
                display_name: profile.display_name,
                biography: profile.biography,
                followers: profile.followers.value().map(Long),
                following: profile.following.value().map(Long),
                posts: profile.posts.value().map(Long),
                endpoint: profile.endpoint,
                as_of: profile.fetched_at,
            }),
            account: known,
            ..Default::default()
        })
    }
}

/// How far the first reading of an account has come.
#[derive(SimpleObject)]
pub struct NetworkSyncProgress {
    /// Where to resume after a lost connection: as `after`.
    cursor: String,
    /// The id of the account's link.
    link_id: ID,
    /// Of the days that it goes back, in per cent; 100 when it is finished.
    percent: i32,
    /// How many publications were read.
    posts: Long,
    /// Whether it is finished.
    finished: bool,
}

/// Subscriptions of readings.
#[derive(Default)]
pub struct SyncSubscription;

#[Subscription]
impl SyncSubscription {
    /// How the first readings of the caller's own accounts come along. With `after`, first what came since, without loss or repeat. Ends
    /// with an error once the session is gone.
    async fn network_sync_progressed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A `cursor` of before; null = from now on.")] after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<NetworkSyncProgress>> + use<>> {
        let by = ctx.creator()?.id();
        let app: App = ctx.app()?.clone();
        let actor = ctx.cx()?.actor.clone();
        let place = match after {
            Some(text) => Place::parse(&text).ok_or_else(|| bad_argument("after", Wrong::new(Code::Invalid, "base.problem.cursor")))?,
            None => events::newest(app.db()).await?,
        };
        let matching = Condition::all()
            .add(event::Column::CreatorId.eq(by))
            .add(event::Column::Kind.is_in(["network.sync_progressed", "network.sync_finished"]));
        let heard = events::follow(app.clone(), place, matching);
        Ok(async_stream::stream! {
            let mut heard = std::pin::pin!(heard);
            while let Some(row) = heard.next().await {
                // Nothing goes out after a right is lost.
                if let Err(error) = actor.recheck(&app).await {
                    yield Err(async_graphql::Error::new_with_source(error));
                    return;
                }
                yield Ok(NetworkSyncProgress {
                    cursor: Place::of(&row).to_cursor(),
                    link_id: row.subject.clone().into(),
                    percent: row.data["percent"].as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(0),
                    posts: Long(row.data["posts"].as_i64().unwrap_or(0)),
                    finished: row.kind == "network.sync_finished",
                });
            }
        })
    }
}
