//! Where else the sandbox's people are: one account on each network, made from their first Instagram account, with exceptions for
//! the states that a connector must cope with.

use actix_web::HttpResponse;
use serde_json::Value;

use crate::{
    people::{PEOPLE, Person, accounts_of, apart, growth, mixed, nth, number_of},
    posts::Channel,
    world::World,
};

/// Somebody's account on a network.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    pub person: &'static Person,
    pub handle: String,
    pub name: String,
    pub biography: String,
    pub followers: i64,
    pub following: i64,
    pub channel: Channel,
}

/// The networks with such accounts, and how many per thousand of somebody's Instagram followers follow them there.
const NETS: &[(&str, i64)] = &[
    ("youtube", 820),
    ("facebook", 410),
    ("x", 310),
    ("tiktok", 1_690),
    ("twitch", 140),
    ("pinterest", 170),
    ("bluesky", 52),
    ("mastodon", 37),
    ("linkedin", 90),
    ("reddit", 44),
];

/// Who is not on a network at all.
const NOT_THERE: &[(&str, &str)] = &[("youtube", "sora"), ("twitch", "mei")];

/// Somebody's account on a network, if there is one.
pub(crate) fn of(world: &World, person: &'static Person, net: &str) -> Option<Presence> {
    let place = NETS.iter().position(|(name, _)| *name == net)?;
    if NOT_THERE.contains(&(net, person.id)) {
        return None;
    }
    let first = accounts_of(person, world.seed(), 0).into_iter().next().map(|(_, account)| account);
    let base = first.as_ref().map_or(640, |account| account.followers) * NETS[place].1 / 1_000;
    let key = (nth(world.seed()) * 100 + number_of(person)) * 1_000 + 500 + place as u64;
    let followers = base + growth(world.seed(), key, base, world.days());
    let before = first.as_ref().map_or(37, |account| account.before);
    let username = accounts_of(person, 1, 0).into_iter().next().map(|(_, account)| account.username);
    let handle = handle(net, username.as_deref().unwrap_or(person.id), world.seed());
    Some(Presence {
        person,
        handle,
        name: first.as_ref().map(|account| account.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| person.name.to_owned()),
        biography: first.map_or_else(String::new, |account| account.biography),
        followers,
        following: 80 + (mixed(key) % 700) as i64,
        channel: world.channel(person, key, followers, before),
    })
}

/// Everybody on a network.
pub(crate) fn all(world: &World, net: &str) -> Vec<Presence> {
    PEOPLE.iter().filter_map(|person| of(world, person, net)).collect()
}

/// What a name may hold differs.
fn handle(net: &str, username: &str, seed: u64) -> String {
    let most = match net {
        "x" => 15,
        "twitch" | "tiktok" => 24,
        _ => 30,
    };
    let dash = if net == "bluesky" || net == "linkedin" { '-' } else { '_' };
    let most = most - nth(seed).checked_ilog10().map_or(0, |digits| digits as usize + 1);
    let name: String = username.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { dash }).take(most).collect();
    let name = apart(name.trim_matches(dash), seed);
    match net {
        "bluesky" => format!("{name}.bsky.social"),
        _ => name,
    }
}

/// A body with a status.
pub(crate) fn json(status: u16, body: &Value) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status).json(body)
}

/// A part of a list by a cursor that hides a number: the rows asked for, and the next cursor if there are more.
pub(crate) fn part<T>(cursor: Option<&str>, size: usize, rows: impl FnOnce(usize, usize) -> Vec<T>) -> Option<(Vec<T>, Option<String>)> {
    let from = match cursor.filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => String::from_utf8(hex::decode(cursor).ok()?).ok()?.strip_prefix("n:")?.parse().ok()?,
    };
    let mut rows = rows(from, size + 1);
    let next = (rows.len() > size).then(|| hex::encode(format!("n:{}", from + size)));
    rows.truncate(size);
    Some((rows, next))
}
