//! Time zones to choose from: those that most readers live in, then all others by their city, so that typing its first letters finds it.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::forms::{Choice, Form};

const FREQUENT: &[Tz] = &[
    Tz::Asia__Tokyo,
    Tz::Asia__Seoul,
    Tz::Asia__Shanghai,
    Tz::Asia__Taipei,
    Tz::Asia__Singapore,
    Tz::Europe__London,
    Tz::Europe__Paris,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::UTC,
];

/// Regions whose zones are named by cities; the others are old names of the same.
const REGIONS: &[&str] = &["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// The choices; `current` is among them, however old its name.
pub fn choices(current: &str, now: DateTime<Utc>) -> Vec<Choice> {
    let mut rest: Vec<(&str, Tz)> = TZ_VARIANTS
        .iter()
        .filter(|zone| !FREQUENT.contains(zone))
        .filter(|zone| zone.name() == current || zone.name().split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)))
        .map(|zone| (city(*zone), *zone))
        .collect();
    rest.sort_unstable_by_key(|(city, zone)| (*city, zone.name()));
    FREQUENT.iter().copied().chain(rest.into_iter().map(|(_, zone)| zone)).map(|zone| Choice::new(zone.name(), label(zone, now))).collect()
}

/// The browser's own zone, which a hidden field tells; empty where there is none, or one that only newer lists know.
pub fn of_browser(form: &Form) -> String {
    form.value("time_zone").parse::<Tz>().map(|zone| zone.name().to_owned()).unwrap_or_default()
}

fn city(zone: Tz) -> &'static str {
    zone.name().rsplit('/').next().unwrap_or_default()
}

/// `Tokyo (Asia/Tokyo, UTC+09:00)`: the offset that holds now.
fn label(zone: Tz, now: DateTime<Utc>) -> String {
    let offset = zone.offset_from_utc_datetime(&now.naive_utc()).fix();
    match zone {
        Tz::UTC => "UTC".to_owned(),
        zone => format!("{} ({}, UTC{offset})", city(zone).replace('_', " "), zone.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frequent_come_first_and_the_current_one_is_there() {
        let now = Utc.with_ymd_and_hms(2026, 7, 1, 0, 0, 0).unwrap();
        let all = choices("Japan", now);
        assert_eq!(all[0].label, "Tokyo (Asia/Tokyo, UTC+09:00)");
        assert!(all.iter().any(|choice| choice.value == "Japan"));
        let vienna = all.iter().find(|choice| choice.value == "Europe/Vienna").unwrap();
        assert_eq!(vienna.label, "Vienna (Europe/Vienna, UTC+02:00)");
        assert!(all.iter().all(|choice| !choice.value.starts_with("Etc/")));
        let mut values: Vec<_> = all.iter().map(|choice| &choice.value).collect();
        values.sort();
        values.dedup();
        assert_eq!(values.len(), all.len());
    }
}
