//! The Graph API's insights, of Instagram and of Pages: rows of a name with values by day, or one total with breakdowns. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    insights::{Measure, Reading},
    metric::Metric,
    wire::{Unreadable, json, list, number, text, time},
};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// The metric's word.
    pub name: String,
    /// Its values, each with the end of its day, if it is of a day.
    pub values: Vec<(Option<DateTime<Utc>>, Value)>,
    /// Its parts: their words and how many.
    pub parts: Vec<(Vec<String>, i64)>,
    /// By what the parts are told apart.
    pub keys: Vec<String>,
}

impl Insight {
    /// The single or the latest value as a number.
    pub fn total(&self) -> Option<i64> {
        self.values.last().and_then(|(_, value)| number(value))
    }
}

/// An answer of an `insights` edge. A row without a name is left out.
pub fn insights(body: &[u8]) -> Result<Vec<Insight>, Unreadable> {
    let raw: Value = json(body)?;
    Ok(list(&raw, "data")?.iter().filter_map(insight).collect())
}

fn insight(row: &Value) -> Option<Insight> {
    let empty = Vec::new();
    let array = |value: Option<&'_ Value>| value.and_then(Value::as_array).unwrap_or(&empty).clone();
    let words = |value: &Value, field: &str| -> Vec<String> {
        array(value.get(field)).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut values: Vec<(Option<DateTime<Utc>>, Value)> =
        array(row.get("values")).iter().filter_map(|v| Some((time(v, "end_time"), v.get("value")?.clone()))).collect();
    let total = row.get("total_value");
    values.extend(total.and_then(|total| total.get("value")).map(|value| (None, value.clone())));
    let breakdowns = array(total.and_then(|total| total.get("breakdowns")));
    let mut parts = Vec::new();
    for result in breakdowns.iter().flat_map(|breakdown| array(breakdown.get("results"))) {
        let count = result.get("value").and_then(number).filter(|n| *n >= 0);
        parts.extend(count.map(|count| (words(&result, "dimension_values"), count)));
    }
    let keys = breakdowns.first().map(|breakdown| words(breakdown, "dimension_keys")).unwrap_or_default();
    Some(Insight { name: text(row, "name")?, values, parts, keys })
}

/// What was asked for, as readings. A metric that is not among the rows has no figure yet: Meta leaves it out rather than say 0.
pub fn readings(rows: &[Insight], asked: &[(Measure, &'static str)]) -> Vec<Reading> {
    asked
        .iter()
        .map(|(measure, word)| {
            let found = rows.iter().find(|row| row.name == *word).filter(|row| !row.values.is_empty());
            let metric = match found {
                None => Metric::NotReady,
                Some(row) => row.total().filter(|n| *n >= 0).map_or(Metric::Failed, |n| Metric::Value(in_our_unit(word, n))),
            };
            Reading::new(*measure, word, metric)
        })
        .collect()
}

/// The same metrics, all kept back or unknown for one reason.
pub fn all(asked: &[(Measure, &'static str)], metric: Metric) -> Vec<Reading> {
    asked.iter().map(|(measure, word)| Reading::new(*measure, word, metric)).collect()
}

/// Meta counts the time watched in milliseconds, we in seconds; the average of one stays in milliseconds.
fn in_our_unit(word: &str, n: i64) -> i64 {
    if word == "ig_reels_video_view_total_time" { n / 1_000 } else { n }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REACH: &str =
        r#"{"data":[{"name":"reach","period":"lifetime","values":[{"value":612}],"title":"Reach","id":"1/insights/reach/lifetime"}]}"#;
    const AGES: &str = r#"{"data":[{"name":"follower_demographics","period":"lifetime","total_value":{"breakdowns":[{"dimension_keys":["age"],"results":[{"dimension_values":["25-34"],"value":812}]}]}}]}"#;
    const DAYS: &str = r#"{"data":[{"name":"page_follows","period":"day","values":[{"value":5119,"end_time":"2026-11-19T08:00:00+0000"},{"value":"5120","end_time":"2026-11-20T08:00:00+0000"}]}]}"#;

    #[test]
    fn the_documented_answers() {
        let reach = insights(REACH.as_bytes()).unwrap();
        assert_eq!(reach[0].total(), Some(612));
        let ages = insights(AGES.as_bytes()).unwrap();
        assert_eq!((ages[0].keys.as_slice(), ages[0].parts.as_slice()), (&["age".to_owned()][..], &[(vec!["25-34".to_owned()], 812)][..]));
        let days = insights(DAYS.as_bytes()).unwrap();
        assert_eq!((days[0].total(), days[0].values[1].0.unwrap().timestamp()), (Some(5_120), 1_795_161_600));
    }

    #[test]
    fn what_is_left_out_is_no_zero() {
        let rows = insights(REACH.as_bytes()).unwrap();
        let readings = readings(&rows, &[(Measure::Reach, "reach"), (Measure::Views, "views")]);
        assert_eq!(readings.iter().map(|r| r.metric).collect::<Vec<_>>(), [Metric::Value(612), Metric::NotReady]);
        let empty = insights(br#"{"data":[]}"#).unwrap();
        assert_eq!(super::readings(&empty, &[(Measure::Reach, "reach")])[0].metric, Metric::NotReady);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_parser(body in crate::wire::hostile::body(&[REACH, AGES, DAYS])) {
            if let Ok(rows) = insights(&body) {
                for reading in readings(&rows, &[(Measure::Reach, "reach"), (Measure::Followers, "page_follows")]) {
                    prop_assert!(reading.metric.value().is_none_or(|n| n >= 0));
                }
            }
        }
    }
}
