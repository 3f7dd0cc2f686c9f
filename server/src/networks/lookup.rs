//! A public account by its handle: a brand asks, the network answers, and the answer is kept for a day. Where a network answers only to
//! somebody who has linked an account, it is asked through creators who have said yes to that.

use chrono::{DateTime, Duration, Utc};
use connectors::{Account, Asked, Capability, ErrorKind, Profile};
use entity::{
    consent, creator,
    enums::{ConsentPurpose, CreatorSource, LinkState, Network, Side},
    network_account, network_link, public_lookup,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::OnConflict,
};

use super::{
    queries, renew,
    rules::{self, outside},
    sync::{
        allowance::{self, Ask},
        limits,
    },
    write,
};
use crate::{
    app::App,
    auth::{actors::Member, limits as rates},
    base::text,
    creators,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
};

/// How long an answer is good.
const KEPT: Duration = Duration::hours(24);
/// A refusal that may pass is not kept.
const REFUSED_KEPT: [&str; 3] = ["not_found", "private", "not_business_account"];

/// What is known of an account that was looked up.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the network says.
    pub profile: Profile,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The account here, if a creator has it.
    pub known: Option<network_account::Model>,
}

/// Looks an account up.
pub async fn look_up(app: &App, by: &Member, network: &str, handle: &str) -> Result<Found> {
    let mut problems = Vec::new();
    let network =
        network.parse::<Network>().map_err(|()| problems.push(Problem::new("network", Wrong::new(Code::Invalid, "base.problem.choice"))));
    // Without a network at least that it is a line of words is asked.
    let handle = match network {
        Ok(network) => rules::handle(network, handle).map(Some),
        Err(()) => text::line(handle, 200).map(|_| None),
    };
    let handle = handle.map_err(|wrong| problems.push(Problem::new("handle", wrong)));
    let (Ok(network), Ok(Some(handle))) = (network, handle) else { return Err(Error::User(problems)) };
    let connector = queries::public(app, network)?;
    if !connector.capabilities().has(Capability::PublicLookup) {
        return Err(Problem::new("network", Wrong::new(Code::Refused, "networks.problem.no_lookup")).into());
    }
    rates::take(app, rates::LOOKUPS, &by.org().to_string()).await?;
    let kept = public_lookup::Entity::find_by_id((network, handle.key().to_owned())).one(app.db()).await?;
    if let Some(kept) = kept.filter(|kept| app.clock.now() - kept.asked_at < KEPT) {
        return answer(app, network, handle.key(), kept).await;
    }
    room(app, network, Ask::Lookup).await?;
    let via = lent(app, network).await?;
    let account = via.as_ref().map(|(tokens, external_id)| Account::new(tokens, external_id));
    let (asked, spent) = connectors::counted(connector.lookup_public(account.as_ref(), handle.text())).await;
    used(app, network, Ask::Lookup, &spent, asked.is_ok().then_some(1)).await?;
    let row = match asked {
        Ok(profile) => public_lookup::Model {
            network,
            handle_key: handle.key().to_owned(),
            profile: serde_json::to_value(&profile)?,
            problem: String::new(),
            asked_at: app.clock.now(),
        },
        Err(error) if REFUSED_KEPT.contains(&error.kind.code()) => public_lookup::Model {
            network,
            handle_key: handle.key().to_owned(),
            profile: serde_json::Value::Null,
            problem: error.kind.code().to_owned(),
            asked_at: app.clock.now(),
        },
        Err(error) => {
            tracing::info!(%error, "a public account could not be looked up");
            return Err(Problem::new("", unanswered(via.is_some(), &error.kind)).into());
        }
    };
    let columns = [public_lookup::Column::Profile, public_lookup::Column::Problem, public_lookup::Column::AskedAt];
    public_lookup::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([public_lookup::Column::Network, public_lookup::Column::HandleKey]).update_columns(columns).to_owned(),
        )
        .exec_without_returning(app.db())
        .await?;
    answer(app, network, handle.key(), row).await
}

/// Makes a profile of a public account that was looked up (K1), unless somebody has the account already. Everybody sees it, as the network
/// shows it to everybody; its creator takes it over by linking the account.
pub async fn keep_profile(app: &App, by: &Member, network: &str, handle: &str) -> Result<creator::Model> {
    let found = look_up(app, by, network, handle).await?;
    let inside = rules::inside(found.profile.network);
    let tx = app.begin().await?;
    if let Some(known) = write::matching(&tx, inside, &found.profile).await? {
        // Another's private profile stays theirs, and nothing is told of it.
        let row = creators::queries::one(tx.db(), by.into(), known.creator_id).await;
        return row.map_err(|_| Problem::new("handle", Wrong::new(Code::Taken, "networks.problem.handle_known")).into());
    }
    let name = Some(found.profile.display_name.trim()).filter(|name| !name.is_empty()).unwrap_or(&found.profile.handle);
    let name: String = name.chars().take(80).collect();
    let row = creator::Model::bare(tx.id(), &name, text::search_key(&name), CreatorSource::LookedUp, tx.now);
    let id = row.id;
    row.into_active_model().reset_all().insert(tx.db()).await?;
    let account = write::insert(&tx, inside, id, &found.profile).await?;
    write::snapshot(&tx, &account, &found.profile).await?;
    creators::recount_in(&tx, [id]).await?;
    let event = Event::new("creator.looked_up", id).by(by.person().id()).org(by.org()).creator(id);
    tx.record(event.with(serde_json::json!({ "network": inside, "handle": account.handle }))).await?;
    let row = creators::queries::one(tx.db(), by.into(), id).await?;
    tx.commit().await?;
    Ok(row)
}

/// Whether all brands together may ask once more now; takes what it needs.
pub(super) async fn room(app: &App, network: Network, what: Ask) -> Result<()> {
    let allowance = super::sync::Allowance {
        name: "lookups",
        capacity: app.config.sync.lookups_per_hour.into(),
        refill: super::sync::Refill::Steady(3_600),
    };
    let tx = app.begin().await?;
    let told = limits::Told::read(&tx, [network]).await?;
    let blocked = told.blocked(network, None, super::sync::rules::priority::WAITING, tx.now);
    let room = match blocked {
        Some(until) => Err(until),
        None => limits::spend(&tx, network, &allowance, 1, 0).await?,
    };
    if let Err(until) = room {
        return Err(Error::Busy((until - tx.now).num_seconds().max(1).unsigned_abs()));
    }
    limits::take(&tx, network, what).await?;
    tx.commit().await
}

/// What was asked took more or less of the network's allowance than was taken for it. `items`: how many things came back, if any did.
pub(super) async fn used(app: &App, network: Network, what: Ask, asked: &Asked, items: Option<usize>) -> Result<()> {
    let Some(allowance) = allowance::of(network, &app.config.sync) else { return Ok(()) };
    let items = items.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    let tx = app.begin().await?;
    limits::correct(&tx, network, &allowance, allowance::asked_more(network, what, asked.calls, items)).await?;
    tx.commit().await
}

/// Nobody lends a grant that the network wants.
pub(super) fn nobody_lends() -> Wrong {
    Wrong::new(Code::Refused, "networks.problem.nobody_lends")
}

/// Why there is no answer: what a grant would have mended is the want of one.
pub(super) fn unanswered(is_lent: bool, kind: &ErrorKind) -> Wrong {
    match kind {
        ErrorKind::ScopeMissing { .. } | ErrorKind::NotSupported(_) | ErrorKind::TokenExpired | ErrorKind::Revoked if !is_lent => {
            nobody_lends()
        }
        kind => rules::explained(kind),
    }
}

/// The living links of creators who lend them for this, the oldest first.
pub(super) fn lending(network: Network) -> Select<network_link::Entity> {
    let willing = consent::Entity::find()
        .select_only()
        .column(consent::Column::CreatorId)
        .filter(consent::Column::Purpose.eq(ConsentPurpose::PublicLookup))
        .filter(consent::Column::Side.eq(Side::Creator))
        .filter(consent::Column::RevokedAt.is_null());
    let of_network = network_account::Entity::find()
        .select_only()
        .column(network_account::Column::Id)
        .filter(network_account::Column::Network.eq(network))
        .filter(network_account::Column::ExternalId.is_not_null());
    network_link::Entity::find()
        .filter(network_link::Column::State.eq(LinkState::Verified))
        .filter(network_link::Column::TokenSealed.is_not_null())
        .filter(network_link::Column::CreatorId.in_subquery(willing.into_query()))
        .filter(network_link::Column::AccountId.in_subquery(of_network.into_query()))
        .order_by_asc(network_link::Column::Id)
        .limit(50)
}

/// The grant of a creator who lends it for this.
async fn lent(app: &App, network: Network) -> Result<Option<(connectors::TokenSet, String)>> {
    let Some(link) = lending(network).one(app.db()).await? else { return Ok(None) };
    let account = queries::account_of(app.db(), &link).await?;
    Ok(renew::opened(app, &link)?.zip(account.external_id))
}

async fn answer(app: &App, network: Network, key: &str, row: public_lookup::Model) -> Result<Found> {
    if !row.problem.is_empty() {
        return Err(Problem::new("handle", Wrong::new(Code::NotFound, "networks.problem.not_public")).into());
    }
    let known = network_account::Entity::find()
        .filter(network_account::Column::Network.eq(network))
        .filter(network_account::Column::HandleKey.eq(key))
        .one(app.db())
        .await?;
    Ok(Found { profile: serde_json::from_value(row.profile)?, asked_at: row.asked_at, known })
}

/// The networks of this installation that answer to such a question.
pub fn networks(app: &App) -> Vec<Network> {
    rules::networks()
        .filter(|network| {
            app.networks.public(outside(*network)).is_some_and(|connector| connector.capabilities().has(Capability::PublicLookup))
        })
        .collect()
}

/// Answers only through somebody who has linked an account there.
const fn needs_a_lender(network: Network) -> bool {
    matches!(network, Network::Instagram | Network::Facebook | Network::X)
}

/// The same, and whether each answers now; those that need a creator's permission while nobody lends one come last.
pub async fn networks_now(app: &App) -> Result<Vec<(Network, bool)>> {
    let mut found = Vec::new();
    for network in networks(app) {
        found.push((network, !needs_a_lender(network) || lending(network).one(app.db()).await?.is_some()));
    }
    found.sort_by_key(|(_, answers)| !answers);
    Ok(found)
}

/// Forgets answers that are no longer good.
pub(super) async fn forget(app: &App) -> Result<()> {
    public_lookup::Entity::delete_many().filter(public_lookup::Column::AskedAt.lt(app.clock.now() - KEPT)).exec(app.db()).await?;
    Ok(())
}
