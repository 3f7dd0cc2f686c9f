//! Any JSON line, by serde: other events, escapes, numbers in unusual spelling, and the reason why a line is bad.

use influence::types::{Event, Link, day_of};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use super::{Line, sound};
use crate::row::Row;

/// An id as a number or as a string of digits.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    optional_id(from)?.ok_or_else(|| D::Error::custom("an id is null"))
}

fn optional_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Number(n) => n.as_u64().map(Some).ok_or_else(|| D::Error::custom(format!("{n} is no id"))),
        Value::String(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().map(Some).map_err(D::Error::custom),
        other => Err(D::Error::custom(format!("{other} is no id"))),
    }
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    event: Option<String>,
    #[serde(default, deserialize_with = "optional_id")]
    creator: Option<u64>,
}

#[derive(Deserialize)]
struct Interaction {
    ts: i64,
    network: String,
    kind: String,
    #[serde(deserialize_with = "id")]
    creator: u64,
    #[serde(default, deserialize_with = "optional_id")]
    post: Option<u64>,
    #[serde(default, deserialize_with = "optional_id")]
    actor: Option<u64>,
    #[serde(default = "one")]
    n: f64,
    #[serde(default)]
    source: u8,
    #[serde(default)]
    link: Link,
}

fn one() -> f64 {
    1.0
}

/// Reads a line.
pub fn line(text: &[u8]) -> Result<Line, String> {
    let told: Told = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    match told.event.as_deref() {
        None | Some("interaction") => interaction(serde_json::from_slice(text).map_err(|e| e.to_string())?),
        Some(_) => {
            let creator = told.creator.ok_or("missing field `creator`")?;
            let event: Event = serde_json::from_slice(text).map_err(|e| e.to_string())?;
            // Written anew, so that the same event is the same text however it was spelt.
            let json = serde_json::to_string(&event).map_err(|e| e.to_string())?;
            Ok(Line::Event(creator, day_of(event.place().1), json))
        }
    }
}

fn interaction(i: Interaction) -> Result<Line, String> {
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    sound(Row {
        creator: i.creator,
        actor: i.actor.unwrap_or(0),
        post: i.post.unwrap_or(0),
        ts: i.ts,
        n: i.n as f32,
        network: super::network(i.network.as_bytes()).ok_or_else(|| format!("unknown network {:?}", i.network))?,
        kind: super::kind(i.kind.as_bytes()).ok_or_else(|| format!("unknown kind {:?}", i.kind))?,
        flags: flag(i.actor.is_some(), Row::ACTOR) | flag(i.post.is_some(), Row::POST) | flag(i.link == Link::Inferred, Row::INFERRED),
        source: i.source,
    })
}
