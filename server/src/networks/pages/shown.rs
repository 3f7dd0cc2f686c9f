//! Figures as pages show them: each with its source and date, or why there is none.

use connectors::{Availability, Metric, Slices, Unit};
use entity::{
    account_metrics, audience_snapshot,
    enums::{Dimension, LinkState, MetricSource, Network, SyncKind},
    network_link, post, sync_task,
};

use super::super::sync::{
    posts::{Figure, Figures},
    rules::Standing,
};
use crate::{
    base::lang::Lang,
    web::{
        charts::{Chart, Picture, Row},
        layout::Page,
    },
};

/// An address that a network gave.
pub(crate) struct Outside {
    pub(crate) url: String,
}

/// If it is one of the web: an imported list may hold anything.
pub(crate) fn outside(url: &str) -> Option<Outside> {
    (url.starts_with("https://") || url.starts_with("http://")).then(|| Outside { url: url.to_owned() })
}

/// When a declared account was shown to be its creator's by a code.
pub(crate) fn ownership(page: &Page, link: &network_link::Model) -> Option<String> {
    let at = link.proven_at.filter(|_| link.state == LinkState::Declared)?;
    Some(page.t("networks.ownership.proven").with("date", page.date(&at.date_naive())).into())
}

/// One figure.
pub(crate) struct Told {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) source: String,
    pub(crate) as_of: String,
}

/// The figure, or why there is none.
pub(crate) fn value(page: &Page, metric: Metric) -> String {
    match metric {
        Metric::Value(n) => page.lang.count(n),
        Metric::Estimated(n) => page.t("networks.metric.estimated").with("n", page.lang.count(n)).into(),
        Metric::Suppressed { min } => page.t("networks.metric.suppressed").with("n", min).into(),
        Metric::NotOffered => page.t("networks.metric.not_offered").into(),
        Metric::NotGranted => page.t("networks.metric.not_granted").into(),
        Metric::NotReady => page.t("networks.metric.not_ready").into(),
        Metric::Failed => page.t("networks.metric.failed").into(),
    }
}

/// A figure that is a length of time, so many milliseconds each: its two largest parts, such as `18 h 23 min`.
fn lasting(page: &Page, metric: Metric, each: i64) -> String {
    let Metric::Value(n) = metric else { return value(page, metric) };
    let (seconds, tenth) = (n.saturating_mul(each) / 1_000, n.saturating_mul(each) % 1_000 / 100);
    let (key, first, second) = match seconds {
        ..60 => ("networks.lasting.seconds", format!("{seconds}.{tenth}"), String::new()),
        60..3_600 => ("networks.lasting.minutes", (seconds / 60).to_string(), (seconds % 60).to_string()),
        _ => ("networks.lasting.hours", page.lang.count(seconds / 3_600), (seconds % 3_600 / 60).to_string()),
    };
    page.t(key).with("n", first).with("m", second).into()
}

/// Who said so.
pub(crate) fn source(page: &Page, network: Network, source: MetricSource, endpoint: &str) -> String {
    match source {
        MetricSource::Network if endpoint.is_empty() => page.t("networks.source").with("network", page.name("network", network)).into(),
        MetricSource::Network => {
            let text = page.t("networks.source_at").with("network", page.name("network", network));
            text.with("endpoint", endpoint).into()
        }
        other => page.name("metric_source", other).into(),
    }
}

fn told(page: &Page, network: Network, measure: &str, figure: &Figure) -> Told {
    Told {
        label: page.name("measure", measure).into(),
        value: match measure {
            "watch_seconds" => lasting(page, figure.metric, 1_000),
            "average_watch_millis" => lasting(page, figure.metric, 1),
            _ => value(page, figure.metric),
        },
        source: source(page, network, figure.source, &figure.endpoint),
        as_of: page.time(&figure.as_of),
    }
}

/// All that is known of a publication, and why the rest is not.
pub(crate) fn of_post(page: &Page, row: &post::Model) -> Vec<Told> {
    Figures::of(row).0.iter().map(|(measure, figure)| told(page, row.network, measure, figure)).collect()
}

/// What an account's figures over a window say. All come from one answer.
pub(crate) struct Window {
    pub(crate) title: String,
    pub(crate) figures: Vec<Told>,
    pub(crate) source: String,
    pub(crate) as_of: String,
}

/// Of an account.
pub(crate) fn window(page: &Page, network: Network, row: &account_metrics::Model) -> Window {
    let readings: Vec<connectors::Reading> = row.readings.read().unwrap_or_default();
    let whole = readings.iter().filter(|reading| reading.is_whole());
    let figures = whole.map(|reading| {
        let figure = Figure { metric: reading.metric, source: row.source, endpoint: row.endpoint.clone(), as_of: row.captured_at };
        told(page, network, &super::super::sync::posts::code(reading.measure), &figure)
    });
    let days = match (row.window_from, row.window_to) {
        (Some(from), Some(to)) => match (from.date_naive(), to.date_naive().pred_opt()) {
            (first, Some(last)) if first == last => page.date(&first),
            (first, last) => page.days(Some(first), last),
        },
        _ => String::new(),
    };
    Window {
        title: page.t("networks.account.window").with("days", days).into(),
        figures: figures.collect(),
        source: source(page, network, row.source, &row.endpoint),
        as_of: page.time(&row.captured_at),
    }
}

/// A part of an audience.
pub(crate) struct Part {
    /// A chart, or why there is none.
    pub(crate) chart: Option<Chart>,
    pub(crate) title: String,
    pub(crate) why: String,
    pub(crate) source: String,
    pub(crate) as_of: String,
}

/// How many slices a chart shows.
const SLICES: usize = 15;

/// A slice's name in the reader's language.
pub(crate) fn slice(page: &Page, dimension: Dimension, key: &str) -> String {
    match dimension {
        Dimension::Country => page.name("country", key).to_string(),
        Dimension::Gender => page.name("audience_gender", key).to_string(),
        Dimension::AgeGender => match key.split_once(' ') {
            Some((age, gender)) => format!("{age} · {}", page.name("audience_gender", gender)),
            None => key.to_owned(),
        },
        Dimension::Age | Dimension::City => key.to_owned(),
    }
}

/// Followers and viewers are told apart in the title; they are never added together.
pub(crate) fn part(page: &Page, network: Network, row: &audience_snapshot::Model) -> Part {
    let title =
        page.t("networks.audience.part").with("crowd", page.name("crowd", row.crowd)).with("by", page.name("dimension", row.dimension));
    let slices = serde_json::from_value(row.slices.clone()).unwrap_or(Slices::Missing(Metric::Failed));
    let (chart, why) = match slices {
        Slices::Missing(metric) => (None, value(page, metric)),
        Slices::Given { unit, mut shares } => {
            if row.dimension != Dimension::Age && row.dimension != Dimension::AgeGender {
                shares.sort_by(|a, b| b.value.total_cmp(&a.value));
            }
            let rows: Vec<Row> = shares
                .iter()
                .take(SLICES)
                .map(|share| Row {
                    what: slice(page, row.dimension, &share.key),
                    figure: match unit {
                        Unit::People => page.lang.count(share.value.round() as i64),
                        Unit::Percent => format!("{:.1}%", share.value),
                    },
                    // In tenths, so that small shares have a bar too.
                    value: (share.value * 10.0).round() as i64,
                })
                .collect();
            let most = rows.iter().map(|row| row.value).max().unwrap_or(0);
            let heads = vec![page.name("dimension", row.dimension).into(), page.t(unit_key(unit)).into()];
            (Some(Chart { title: title.to_string(), picture: Picture::Bars(most), heads, rows }), String::new())
        }
    };
    Part { chart, title: title.into(), why, source: source(page, network, row.source, &row.endpoint), as_of: page.time(&row.captured_at) }
}

fn unit_key(unit: Unit) -> &'static str {
    match unit {
        Unit::People => "networks.audience.people",
        Unit::Percent => "networks.audience.percent",
    }
}

/// How a reading stands, in words (K10).
pub(crate) fn standing(page: &Page, standing: Standing, task: Option<&sync_task::Model>) -> (&'static str, String) {
    match standing {
        Standing::NeedsConsent => ("warn", page.t("networks.standing.needs_consent").into()),
        Standing::NeedsBusiness => ("quiet", page.t("networks.standing.needs_business").into()),
        Standing::Network(Availability::NotOffered) => ("quiet", super::availability(page, Availability::NotOffered)),
        Standing::Network(lacking) => ("warn", super::availability(page, lacking)),
        Standing::On => outcome(page, task),
    }
}

fn outcome(page: &Page, task: Option<&sync_task::Model>) -> (&'static str, String) {
    let Some(task) = task else { return ("busy", page.t("networks.standing.waits").into()) };
    let last = task.last_ok_at.map(|at| page.time(&at));
    match (task.outcome.as_str(), &last) {
        ("", _) => ("busy", page.t("networks.standing.waits").into()),
        ("ok", Some(last)) if task.kind == SyncKind::Backfill && task.next_run_at.is_none() => {
            ("good", page.t("networks.standing.finished").with("date", last).into())
        }
        ("ok", Some(last)) => ("good", page.t("networks.standing.read").with("date", last).into()),
        (word, _) => {
            let (code, more) = word.split_once(':').unwrap_or((word, ""));
            let text = page.t(&format!("networks.outcome.{code}")).with("more", more).to_string();
            let again = task.next_run_at.map(|at| page.t("networks.standing.again").with("date", page.time(&at)).to_string());
            ("bad", [Some(text), again].into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
    }
}
