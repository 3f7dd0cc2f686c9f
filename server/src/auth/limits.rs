//! Rate limits: leaky buckets in the database, shared by all processes (B13, B30).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::Duration;
use entity::rate_limit;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use crate::{
    app::App,
    error::{Error, Result},
};

/// A bucket's size and how fast it empties.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What it is about; part of the key.
    pub name: &'static str,
    /// How much fits.
    pub capacity: i64,
    /// In how many seconds a full bucket empties.
    pub seconds: i64,
}

/// Wrong passwords for one address from one place: others cannot use it up.
pub const PASSWORD_BY_ADDRESS_AND_IP: Limit = Limit { name: "password-address-ip", capacity: 10, seconds: 900 };
/// Wrong passwords for one address from places where its owner is not signed in.
pub const PASSWORD_BY_ADDRESS: Limit = Limit { name: "password-address", capacity: 100, seconds: 3600 };
/// Wrong passwords of somebody who is signed in.
pub const PASSWORD_BY_USER: Limit = Limit { name: "password-user", capacity: 10, seconds: 900 };
/// Second factors tried for one person, by whoever knows the password.
pub const SECOND_FACTOR: Limit = Limit { name: "second-factor", capacity: 10, seconds: 900 };
/// Wrong passwords from one place.
pub const PASSWORD_BY_IP: Limit = Limit { name: "password-ip", capacity: 50, seconds: 900 };
/// Mails with links to one address.
pub const LINK_BY_ADDRESS: Limit = Limit { name: "link-address", capacity: 5, seconds: 3600 };
/// Mails with links asked for from one place.
pub const LINK_BY_IP: Limit = Limit { name: "link-ip", capacity: 30, seconds: 3600 };
/// Link tokens tried from one place.
pub const TOKEN_BY_IP: Limit = Limit { name: "token-ip", capacity: 60, seconds: 600 };
/// Pictures by one person.
pub const UPLOADS: Limit = Limit { name: "uploads", capacity: 30, seconds: 3600 };
/// Walks to a network's consent page by one creator.
pub const OAUTH_STARTS: Limit = Limit { name: "oauth-starts", capacity: 20, seconds: 3600 };

/// Public accounts that one organisation looks up.
pub const LOOKUPS: Limit = Limit { name: "lookups", capacity: 100, seconds: 3600 };

/// Pictures of publications that one person looks at.
pub const THUMBNAILS: Limit = Limit { name: "thumbnails", capacity: 1200, seconds: 3600 };

/// Looks for a creator's code where they say that an account is.
pub const OWNERSHIP: Limit = Limit { name: "ownership", capacity: 30, seconds: 3600 };

/// Creators whom one organisation invites.
pub fn invited(app: &App) -> Limit {
    Limit { name: "invited", capacity: app.config.mail.invitations_per_day.into(), seconds: 86_400 }
}

/// Chat messages by one person.
pub fn messages(app: &App) -> Limit {
    Limit { name: "messages", capacity: app.config.messages_per_minute.into(), seconds: 60 }
}

/// Drops are counted in thousandths, so that slow buckets empty evenly.
const DROP: i64 = 1000;

/// Puts one drop into a bucket, or says when there will be room.
pub async fn take(app: &App, limit: Limit, who: &str) -> Result<()> {
    spend(app, limit, who, 1).await.map(|_| ())
}

/// Larger than any bucket that a setting makes sense of; its product with a day's milliseconds fits into the column.
const MOST_CAPACITY: i64 = 10_000_000_000;

/// Puts `amount` drops into a bucket; gives what room is left. One statement, since every request passes here.
pub async fn spend(app: &App, limit: Limit, who: &str, amount: i64) -> Result<i64> {
    let key = format!("{}:{}", limit.name, place(who));
    let now = app.clock.now();
    let (seconds, capacity) = (limit.seconds.max(1), limit.capacity.clamp(0, MOST_CAPACITY) * DROP);
    let drops = amount.clamp(-MOST_CAPACITY, MOST_CAPACITY) * DROP;
    let sql = if app.on_postgres() {
        // What was counted in the last moment before a crash may be forgotten: nobody waits for the disk.
        let lightly = "WITH lightly AS (SELECT set_config('synchronous_commit', 'off', true))";
        let since = "CAST(ROUND(EXTRACT(EPOCH FROM excluded.at - rate_limits.at) * 1000) AS bigint)";
        format!("{lightly} {}", pour(" FROM lightly", since, "GREATEST", "LEAST"))
    } else {
        pour("", "CAST(ROUND((julianday(excluded.at) - julianday(rate_limits.at)) * 86400000) AS INTEGER)", "MAX", "MIN")
    };
    let values = [key.clone().into(), drops.into(), now.into(), capacity.into(), seconds.into()];
    let poured = app.db().query_one_raw(Statement::from_sql_and_values(app.db().get_database_backend(), sql, values)).await?;
    if let Some(row) = poured {
        return Ok((capacity - row.try_get::<i64>("", "level")?) / DROP);
    }
    let found = rate_limit::Entity::find_by_id(key).one(app.db()).await?;
    let leak = |since: Duration| since.num_milliseconds().clamp(0, seconds * 1000) * (capacity / DROP) / seconds;
    let level = found.map_or(0, |row| (row.level - leak(now - row.at)).max(0));
    let over = (level + drops - capacity).max(0);
    let wait = if capacity == 0 { seconds } else { over.saturating_mul(seconds).div_euclid(capacity) + 1 };
    Err(Error::Busy(wait.unsigned_abs()))
}

/// The statement that pours `$2` into the bucket `$1` at `$3`, if that is not more than `$4` in all; a full bucket empties in `$5` seconds.
fn pour(from: &str, since: &str, most: &str, least: &str) -> String {
    let left = format!("{most}(rate_limits.level - {least}({most}({since}, 0), $5 * 1000) * ($4 / {DROP}) / $5, 0)");
    format!(
        "INSERT INTO rate_limits (key, level, at) SELECT $1, {most}($2, 0), $3{from} WHERE $2 <= $4 \
         ON CONFLICT (key) DO UPDATE SET level = {most}({left} + $2, 0), at = excluded.at WHERE {left} + $2 <= $4 RETURNING level"
    )
}

/// What operations took and did not use, until the same caller's next one takes it along. It is this process's own memory: if it is lost,
/// or the next operation goes to another process, the bucket is a little fuller than need be until it has leaked.
#[derive(Debug, Default)]
pub struct Unused(Mutex<HashMap<String, i64>>);

impl Unused {
    /// So many callers are remembered at most; the buckets of those who do not come back empty themselves.
    const MOST: usize = 10_000;

    /// For the next time.
    pub fn keep(&self, who: &str, amount: i64) {
        if amount <= 0 {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = kept.get_mut(who) {
            *before = before.saturating_add(amount);
            return;
        }
        if kept.len() >= Self::MOST {
            kept.clear();
        }
        kept.insert(who.to_owned(), amount);
    }

    /// What is kept for a caller, who has it now.
    pub fn take(&self, who: &str) -> i64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(who).unwrap_or(0)
    }
}

/// Takes a drop out again: what was counted turned out to be right.
pub async fn give_back(app: &App, limit: Limit, who: &str) -> Result<()> {
    spend(app, limit, who, -1).await.map(|_| ())
}

/// Who shares a bucket: whoever has one IPv6 address has its /64 too.
pub fn place(who: &str) -> String {
    match who.parse::<std::net::Ipv6Addr>() {
        Ok(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Err(_) => who.to_owned(),
    }
}

/// Empties a bucket: the right password after wrong ones.
pub async fn forgive(app: &App, limit: Limit, who: &str) -> Result<()> {
    rate_limit::Entity::delete_many().filter(rate_limit::Column::Key.eq(format!("{}:{}", limit.name, place(who)))).exec(app.db()).await?;
    Ok(())
}
