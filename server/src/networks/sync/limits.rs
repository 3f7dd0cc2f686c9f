//! What is left of the networks' limits, in the database: what we reckon ourselves, and what their answers say.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use connectors::{Error, ErrorKind, Limit, LimitScope};
use entity::{
    enums::{Network, SyncKind},
    limit_bucket, network_health,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType, OnConflict},
};

use super::{
    allowance::{self, Allowance, Ask, Level},
    breaker,
    rules::priority,
};
use crate::{
    error::{Code, Problem, Result, Wrong},
    tx::Tx,
};

fn key(network: Network, scope: &str, name: &str) -> String {
    format!("{network}:{scope}:{name}")
}

const fn word(scope: LimitScope) -> &'static str {
    match scope {
        LimitScope::App => "app",
        LimitScope::User => "user",
        LimitScope::Account => "account",
    }
}

/// Inserts a row if there is none, and holds it.
async fn held(tx: &Tx, key: &str, network: Network, fresh: Level, capacity: Option<i64>) -> Result<limit_bucket::Model> {
    let find = || limit_bucket::Entity::find_by_id(key).lock(LockType::Update).one(tx.db());
    if let Some(row) = find().await? {
        return Ok(row);
    }
    let row = limit_bucket::Model {
        key: key.to_owned(),
        network,
        capacity,
        left_milli: fresh.left_milli,
        as_of: fresh.as_of,
        blocked_until: None,
        used_percent: None,
        told_at: None,
    };
    limit_bucket::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::column(limit_bucket::Column::Key).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(find().await?.unwrap_or(row))
}

/// Takes from an allowance, or says when there will be enough.
pub(in crate::networks) async fn spend(
    tx: &Tx,
    network: Network,
    allowance: &Allowance,
    amount: i64,
    reserve: i64,
) -> Result<std::result::Result<(), DateTime<Utc>>> {
    let row = held(tx, &key(network, "all", allowance.name), network, allowance.fresh(tx.now), Some(allowance.capacity)).await?;
    let level = Level { left_milli: row.left_milli, as_of: row.as_of };
    // The operator may have changed the setting: what more there is now was not used.
    let level = allowance.corrected(level, row.capacity.unwrap_or(allowance.capacity) - allowance.capacity);
    match allowance.take(level, amount, reserve, tx.now) {
        Ok(next) => {
            keep(tx, row, next, allowance).await?;
            Ok(Ok(()))
        }
        Err(later) => Ok(Err(later)),
    }
}

/// Takes what something outside of readings asks for. Somebody waits for it, so it goes before the readings; the last tenth is for those who
/// link an account.
pub(in crate::networks) async fn take(tx: &Tx, network: Network, what: Ask) -> Result<()> {
    let config = &tx.app().config.sync;
    let reserve = if what == Ask::Link { 0 } else { 10 };
    let searches = allowance::searches(network, config).filter(|_| what == Ask::Search).map(|allowance| (allowance, 1, 0));
    let all = allowance::of(network, config).map(|allowance| (allowance, allowance::asking(network, what), reserve));
    for (allowance, amount, reserve) in searches.into_iter().chain(all) {
        if let Err(until) = spend(tx, network, &allowance, amount, reserve).await? {
            let time = until.format("%Y-%m-%d %H:%M UTC");
            return Err(Problem::new("", Wrong::new(Code::Refused, "networks.problem.used_up").with("time", time)).into());
        }
    }
    Ok(())
}

/// Takes what was used beyond what was reckoned.
pub(in crate::networks) async fn correct(tx: &Tx, network: Network, allowance: &Allowance, amount: i64) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let row = held(tx, &key(network, "all", allowance.name), network, allowance.fresh(tx.now), Some(allowance.capacity)).await?;
    let level = allowance.at(Level { left_milli: row.left_milli, as_of: row.as_of }, tx.now);
    keep(tx, row, allowance.corrected(level, amount), allowance).await
}

async fn keep(tx: &Tx, row: limit_bucket::Model, level: Level, allowance: &Allowance) -> Result<()> {
    let mut row = row.into_active_model();
    row.left_milli = Set(level.left_milli);
    row.as_of = Set(level.as_of);
    row.capacity = Set(Some(allowance.capacity));
    row.update(tx.db()).await?;
    Ok(())
}

/// Networks that count our app's calls together: Meta knows one app, whichever of its networks is asked.
const fn one_app(network: Network) -> Option<Network> {
    match network {
        Network::Instagram => Some(Network::Facebook),
        Network::Facebook => Some(Network::Instagram),
        _ => None,
    }
}

/// What networks have told of their limits.
pub(in crate::networks) struct Told(HashMap<Network, Vec<limit_bucket::Model>>);

impl Told {
    /// Of these networks.
    pub(in crate::networks) async fn read(tx: &Tx, networks: impl IntoIterator<Item = Network>) -> Result<Self> {
        let networks: HashSet<Network> = networks.into_iter().flat_map(|network| [Some(network), one_app(network)]).flatten().collect();
        let rows = limit_bucket::Entity::find()
            .filter(limit_bucket::Column::Network.is_in(networks))
            .filter(limit_bucket::Column::BlockedUntil.gt(tx.now))
            .all(tx.db())
            .await?;
        let mut out: HashMap<Network, Vec<limit_bucket::Model>> = HashMap::new();
        for row in rows {
            out.entry(row.network).or_default().push(row);
        }
        Ok(Self(out))
    }

    /// Until when a network is not asked; `about`: of an account, for a reading. What goes before waits for used-up limits only; the rest
    /// also where they are nearly used up.
    pub(in crate::networks) fn blocked(
        &self,
        network: Network,
        about: Option<(&str, SyncKind)>,
        of: i32,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let of_network = |network: Network| self.0.get(&network).map_or(&[][..], Vec::as_slice);
        let app =
            one_app(network).map_or(&[][..], of_network).iter().filter(|row| row.key.split(':').nth(1) == Some(word(LimitScope::App)));
        let rows = of_network(network).iter().chain(app);
        let concerns = |row: &&limit_bucket::Model| match row.key.splitn(3, ':').nth(2) {
            Some("") => true,
            Some(name) => about.is_some_and(|(account, kind)| names(account, kind).iter().any(|known| known == name)),
            None => false,
        };
        let percent = i64::from(if of >= priority::BACKFILL { Limit::SLOW } else { Limit::STOP });
        rows.filter(concerns)
            .filter(|row| row.used_percent.is_none_or(|used| i64::from(used) >= percent || (of < priority::DAILY && used >= 100)))
            .filter_map(|row| row.blocked_until.filter(|until| *until > now))
            .max()
    }
}

/// The limits that concern a reading of an account beside those of the whole network: of the account, of such readings, and of both.
fn names(account: &str, kind: SyncKind) -> [String; 3] {
    [account.to_owned(), kind.to_string(), format!("{kind} {account}")]
}

/// What a limit that a reading was told of concerns. One that has the name of an endpoint holds for the readings that ask there.
fn concern(limit: &Limit, account: &str, kind: SyncKind) -> String {
    match (limit.scope, limit.name.as_str()) {
        (LimitScope::App, "") => String::new(),
        (LimitScope::App, _) => kind.to_string(),
        (LimitScope::User, "") => account.to_owned(),
        (LimitScope::User, _) => format!("{kind} {account}"),
        (LimitScope::Account, name) => if name.is_empty() { account } else { name }.to_owned(),
    }
}

/// How long a limit holds if the network does not say until when.
const UNSAID: Duration = Duration::minutes(15);
/// How many limits one reading may tell of.
const MOST: usize = 20;

/// Keeps what the answers of one reading told, where it restrains.
pub(in crate::networks) async fn learn(
    tx: &Tx,
    network: Network,
    (account, kind): (&str, SyncKind),
    limits: &[Limit],
    error: Option<&Error>,
) -> Result<()> {
    let mut rows: Vec<(String, i32, DateTime<Utc>)> = limits
        .iter()
        .filter(|limit| limit.used_percent >= Limit::SLOW || limit.remaining == Some(0))
        .take(MOST)
        .map(|limit| {
            let used = if limit.remaining == Some(0) { 100 } else { limit.used_percent };
            let until = limit.resets_at.unwrap_or(tx.now + UNSAID);
            (key(network, word(limit.scope), &concern(limit, account, kind)), i32::try_from(used).unwrap_or(i32::MAX), until)
        })
        .collect();
    if let Some(Error { kind: ErrorKind::RateLimited { scope }, retry_at, .. }) = error {
        let name = if *scope == LimitScope::App { "" } else { account };
        rows.push((key(network, word(*scope), name), 100, retry_at.unwrap_or(tx.now + UNSAID)));
    }
    for (key, used, until) in rows {
        let row = limit_bucket::ActiveModel {
            key: Set(key),
            network: Set(network),
            capacity: Set(None),
            left_milli: Set(0),
            as_of: Set(tx.now),
            blocked_until: Set(Some(until)),
            used_percent: Set(Some(used)),
            told_at: Set(Some(tx.now)),
        };
        let told = [limit_bucket::Column::BlockedUntil, limit_bucket::Column::UsedPercent, limit_bucket::Column::ToldAt];
        limit_bucket::Entity::insert(row)
            .on_conflict(OnConflict::column(limit_bucket::Column::Key).update_columns(told).to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}

/// The one that was to try a host had nothing to ask: the next one tries.
pub(super) async fn unasked(tx: &Tx, network: Network, host: &str) -> Result<()> {
    network_health::Entity::update_many()
        .col_expr(network_health::Column::OpenUntil, Expr::value(tx.now))
        .filter(network_health::Column::Network.eq(network))
        .filter(network_health::Column::Host.eq(host))
        .filter(network_health::Column::Failures.gte(breaker::AFTER))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Keeps how a host fared: what passes counts for its breaker, what does not and is ours or the operator's to mend is an alarm. A good
/// answer comes with what of it could not be read; empty = all could.
pub(super) async fn fared(tx: &Tx, (network, host): (Network, &str), answer: std::result::Result<&str, &Error>) -> Result<()> {
    let find = || network_health::Entity::find_by_id((network, host.to_owned())).lock(LockType::Update).one(tx.db());
    let row = match find().await? {
        Some(row) => row,
        None => {
            let row = network_health::Model::bare(network, host);
            network_health::Entity::insert(row.clone().into_active_model().reset_all())
                .on_conflict(OnConflict::columns([network_health::Column::Network, network_health::Column::Host]).do_nothing().to_owned())
                .exec_without_returning(tx.db())
                .await?;
            find().await?.unwrap_or(row)
        }
    };
    let failures = row.failures;
    let mut row = row.into_active_model();
    match answer {
        Err(error) if error.kind == ErrorKind::Transient => {
            row.failures = Set(failures.saturating_add(1));
            row.open_until = Set(breaker::shut_until(failures.saturating_add(1), tx.now));
            row.last_failure_at = Set(Some(tx.now));
        }
        // Whatever else it says, it answers.
        other => {
            row.failures = Set(0);
            row.open_until = Set(None);
            let alarm = match other {
                Ok(unread) => {
                    row.last_ok_at = Set(Some(tx.now));
                    Some(unread.to_owned()).filter(|unread| !unread.is_empty())
                }
                Err(error) => error.kind.is_alarm().then(|| error.to_string()),
            };
            if let Some(alarm) = alarm {
                row.alarm = Set(alarm);
                row.alarm_at = Set(Some(tx.now));
            }
        }
    }
    row.update(tx.db()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_holds_where_it_was_met_and_nowhere_else() {
        let told = |scope, name: &str| {
            let limit = Limit::counted(scope, name, 10, 0, None, DateTime::from_timestamp(1_793_600_000, 0).unwrap());
            concern(&limit, "hana", SyncKind::Posts)
        };
        let holds = |name: String, account: &str, kind| name.is_empty() || names(account, kind).contains(&name);
        let of = |scope, name| {
            let name = told(scope, name);
            [("hana", SyncKind::Posts), ("hana", SyncKind::Profile), ("ken", SyncKind::Posts), ("ken", SyncKind::Profile)]
                .map(|(account, kind)| holds(name.clone(), account, kind))
        };
        assert_eq!(of(LimitScope::App, ""), [true; 4], "the app's");
        assert_eq!(of(LimitScope::App, "GET /pins"), [true, false, true, false], "the app's at one endpoint");
        assert_eq!(of(LimitScope::User, ""), [true, true, false, false], "one person's");
        assert_eq!(of(LimitScope::User, "users/:id/tweets"), [true, false, false, false], "one person's at one endpoint");
        assert_eq!(of(LimitScope::Account, "hana"), [true, true, false, false]);
        assert_eq!(of(LimitScope::Account, ""), [true, true, false, false]);
    }
}
