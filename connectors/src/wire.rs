//! Reading what networks send. Tolerant: unknown fields are ignored, counters may be numbers or strings, what is optional may be
//! missing or of a wrong type; only what nothing works without must be right.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::{Measure, Reading},
    metric::Metric,
};

/// An answer that is not what the network documents. Says where, never what: the body may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer does not parse: {0}")]
pub struct Unreadable(pub(crate) String);

impl Unreadable {
    /// A field that has to be there is not.
    pub(crate) fn without(field: &str) -> Self {
        Self(format!("`{field}` is missing"))
    }
}

/// A refusal in our kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it means.
    pub kind: ErrorKind,
    /// Codes and the network's sentence, not yet scrubbed.
    pub detail: String,
    /// Not before this instant, if the network says.
    pub retry_at: Option<DateTime<Utc>>,
}

impl Refusal {
    /// A refusal that names no time.
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_at: None }
    }

    /// With the instant of trying again.
    pub(crate) fn until(self, retry_at: Option<DateTime<Utc>>) -> Self {
        Self { retry_at, ..self }
    }

    /// A refusal without the body that the network documents: from something in between, or from a tired network.
    pub(crate) fn of_status(answer: &Response, now: DateTime<Utc>) -> Option<Self> {
        let kind = match answer.status {
            200..300 => return None,
            401 => ErrorKind::TokenExpired,
            404 => ErrorKind::NotFound,
            410 => ErrorKind::Gone,
            429 => ErrorKind::RateLimited { scope: LimitScope::App },
            500.. => ErrorKind::Transient,
            _ => ErrorKind::Contract,
        };
        Some(Self::new(kind, format!("status {} without an error body", answer.status)).until(after(now, answer.retry_after())))
    }
}

/// `now` plus a wait, if there is one.
pub(crate) fn after(now: DateTime<Utc>, wait: Option<Duration>) -> Option<DateTime<Utc>> {
    wait.and_then(|wait| crate::error::later(now, wait))
}

/// A body as JSON.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body).map_err(|e| {
        let what = match e.classify() {
            serde_json::error::Category::Eof => "it broke off",
            serde_json::error::Category::Syntax => "it is not JSON",
            _ => "a field is missing or of another type",
        };
        Unreadable(format!("{what} (line {}, column {})", e.line(), e.column()))
    })
}

/// A body as a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Value, Unreadable> {
    json::<Value>(body).and_then(|value| if value.is_object() { Ok(value) } else { Err(Unreadable("it is no object".into())) })
}

/// A list that has to be there.
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Unreadable> {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| Unreadable::without(field))
}

/// The rows that can be read, and how many cannot.
pub(crate) fn rows<T>(rows: &[Value], read: impl FnMut(&Value) -> Option<T>) -> (Vec<T>, usize) {
    let good: Vec<T> = rows.iter().filter_map(read).collect();
    let left_out = rows.len() - good.len();
    (good, left_out)
}

/// A whole number as number or string; anything else is nothing.
pub(crate) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|f| f.abs() < 9e15).map(|f| f.trunc() as i64)),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// A finite number as number or string.
pub(crate) fn decimal(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
    .filter(|f: &f64| f.is_finite())
}

/// A number of things; `missing` if it is not there, [`Metric::Failed`] if it is no number of things.
pub(crate) fn counter(value: &Value, field: &str, missing: Metric) -> Metric {
    match value.get(field) {
        None | Some(Value::Null) => missing,
        Some(value) => number(value).filter(|n| *n >= 0).map_or(Metric::Failed, Metric::Value),
    }
}

/// Several counters by their words; what is not there is left out.
pub(crate) fn counters(value: &Value, words: &[(Measure, &str)]) -> Vec<Reading> {
    let there = |word: &str| value.get(word).is_some_and(|value| !value.is_null());
    words
        .iter()
        .filter(|(_, word)| there(word))
        .map(|(measure, word)| Reading::new(*measure, word, counter(value, word, Metric::NotReady)))
        .collect()
}

/// A number that is not negative, however large.
pub(crate) fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// A text that is there and not empty.
pub(crate) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned)
}

/// An id is text, although some are written as numbers.
pub(crate) fn id(value: &Value, field: &str) -> Option<String> {
    match value.get(field)? {
        Value::String(s) if !s.is_empty() && s.len() <= 512 => Some(s.clone()),
        Value::Number(n) => n.as_u64().map(|n| n.to_string()),
        _ => None,
    }
}

/// An address on the web.
pub(crate) fn web(value: &Value, field: &str) -> Option<Url> {
    web_address(&text(value, field)?)
}

/// An address on the web.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A time as RFC 3339 has it, or with an offset without colon, or without any offset, which is UTC then.
pub(crate) fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    let naive = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|at| at.and_utc());
    let offset = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|at| at.to_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(offset).or_else(naive)
}

/// The time in a field.
pub(crate) fn time(value: &Value, field: &str) -> Option<DateTime<Utc>> {
    timestamp(value.get(field)?.as_str()?)
}

/// Seconds since 1970 in a field.
pub(crate) fn unix(value: &Value, field: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(number(value.get(field)?)?, 0)
}

/// For serde: a counter as number or string.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Value>::deserialize(deserializer)?.as_ref().and_then(number))
}

/// Bodies that go wrong, for the property tests of parsers.
#[cfg(test)]
pub(crate) mod hostile {
    use proptest::prelude::*;
    use serde_json::Value;

    /// One of the fixtures with a random node put in another's place, cut off, or random bytes.
    pub fn body(fixtures: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let bent = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), node()).prop_map(move |(which, place, node)| {
            let mut value: Value = serde_json::from_str(fixtures[which.index(fixtures.len())]).expect("a fixture is JSON");
            let count = places(&value);
            put(&mut value, &mut place.index(count), &node);
            value.to_string().into_bytes()
        });
        let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(move |(which, place)| {
            let whole = fixtures[which.index(fixtures.len())].trim_end().as_bytes();
            whole[..place.index(whole.len())].to_vec()
        });
        prop_oneof![6 => bent, 2 => cut, 1 => prop::collection::vec(any::<u8>(), 0..120), 1 => node().prop_map(|v| v.to_string().into_bytes())]
    }

    fn node() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            Just(serde_json::json!([])),
            Just(serde_json::json!({})),
            Just(serde_json::json!([[{"id": 1}], null, "x", {"id": {}}])),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,24}".prop_map(Value::from),
            "-?[0-9]{1,25}".prop_map(Value::from),
            "(P[0-9A-Z]{0,12}|[0-9h]{0,5}[0-9m]{0,5}[0-9]*s|age[0-9-]{0,6}|UNHEARD_OF)".prop_map(Value::from),
        ]
    }

    fn places(value: &Value) -> usize {
        1 + match value {
            Value::Array(rows) => rows.iter().map(places).sum(),
            Value::Object(map) => map.values().map(places).sum(),
            _ => 0,
        }
    }

    fn put(value: &mut Value, left: &mut usize, node: &Value) {
        if *left == 0 {
            *value = node.clone();
        }
        // Past 0 it goes round the end of the numbers, so that no other place is hit.
        *left = left.wrapping_sub(1);
        match value {
            Value::Array(rows) if *left < usize::MAX / 2 => rows.iter_mut().for_each(|row| put(row, left, node)),
            Value::Object(map) if *left < usize::MAX / 2 => map.values_mut().for_each(|row| put(row, left, node)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_every_dress() {
        let noon = DateTime::from_timestamp(1_793_577_600, 0);
        for text in ["2026-11-02T00:00:00+0000", "2026-11-02T09:00:00+09:00", "2026-11-02T00:00:00.000Z", "2026-11-02T00:00:00"] {
            assert_eq!(timestamp(text), noon, "{text}");
        }
        assert_eq!(timestamp("yesterday"), None);
    }

    #[test]
    fn a_counter_is_never_made_up() {
        let of = |value: Value| counter(&json!({ "n": value }), "n", Metric::NotReady);
        assert_eq!(of(json!("12")), Metric::Value(12));
        assert_eq!(of(json!(12.0)), Metric::Value(12));
        assert_eq!(of(json!(null)), Metric::NotReady);
        assert_eq!(of(json!(-1)), Metric::Failed);
        assert_eq!(of(json!({"a": 1})), Metric::Failed);
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_time(text in "\\PC{0,40}") {
            let _ = timestamp(&text);
        }

        #[test]
        fn no_body_breaks_a_reader(body in hostile::body(&[r#"{"a":[{"id":"1"}]}"#])) {
            if let Ok(value) = object(&body) {
                let _ = (id(&value, "a"), counter(&value, "a", Metric::NotReady), web(&value, "a"), time(&value, "a"), unix(&value, "a"));
            }
        }
    }
}
