//! Rate limits: leaky buckets in the database, shared by all processes (B13, B30).

use chrono::Duration;
use entity::rate_limit;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{LockType, OnConflict},
};

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

/// Puts `amount` drops into a bucket; gives what room is left.
pub async fn spend(app: &App, limit: Limit, who: &str, amount: i64) -> Result<i64> {
    let key = format!("{}:{}", limit.name, place(who));
    let tx = app.begin().await?;
    let found = rate_limit::Entity::find_by_id(key.clone()).lock(LockType::Update).one(tx.db()).await?;
    let leak = |since: Duration| since.num_milliseconds().max(0).saturating_mul(limit.capacity) / limit.seconds.max(1);
    let level = found.as_ref().map_or(0, |row| (row.level - leak(tx.now - row.at)).max(0));
    let next = (level + amount * DROP).max(0);
    if next > limit.capacity * DROP {
        let over = next - limit.capacity * DROP;
        let wait = (over * limit.seconds).div_euclid(limit.capacity * DROP) + 1;
        return Err(Error::Busy(wait.unsigned_abs()));
    }
    match found {
        Some(row) => {
            let mut row = row.into_active_model();
            row.level = Set(next);
            row.at = Set(tx.now);
            row.update(tx.db()).await?;
        }
        None => {
            // Two first drops at once: the second one's is lost, which a limit can bear.
            let row = rate_limit::ActiveModel { key: Set(key), level: Set(next), at: Set(tx.now) };
            rate_limit::Entity::insert(row)
                .on_conflict(OnConflict::column(rate_limit::Column::Key).do_nothing().to_owned())
                .exec_without_returning(tx.db())
                .await?;
        }
    }
    // Every request passes here. What was counted in the last moment before a crash may be forgotten.
    tx.commit_lightly().await?;
    Ok((limit.capacity * DROP - next) / DROP)
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
