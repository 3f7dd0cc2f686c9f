//! What every figure means, how it is made, and where that is written down (K39).

use actix_web::HttpResponse;
use askama::Template;

use crate::{error::Result, web::layout::Page};

/// The figures in their order, each with the section of `docs/science.md` or `docs/science-models.md` that holds it.
const METRICS: &[(&str, &[(&str, &str)])] = &[
    (
        "score",
        &[
            ("score", "4"),
            ("interval", "4"),
            ("percentile", "4"),
            ("true_reach", "5"),
            ("places", "5"),
            ("influence", "4"),
            ("audience", "5"),
            ("bond", "4"),
            ("second_hand", "4"),
            ("connections", "4"),
            ("presence", "4"),
            ("provenance", "2"),
            ("why", "4"),
            ("tips", "4"),
        ],
    ),
    (
        "engagement",
        &[("by_followers", "7"), ("by_reach", "7"), ("by_views", "7"), ("benchmark", "7"), ("cadence", "4"), ("sponsored", "7")],
    ),
    (
        "quality",
        &[
            ("quality", "6"),
            ("authenticity", "6"),
            ("comment_worth", "6"),
            ("jumps", "6"),
            ("fans", "6"),
            ("advocates", "6"),
            ("interests", "8"),
        ],
    ),
    (
        "estimates",
        &[("price", "12"), ("price_per_thousand", "12"), ("media_value", "11"), ("hours", "4"), ("suspected", "10"), ("similar", "10")],
    ),
    (
        "content",
        &[("topics", "8"), ("strong", "8"), ("demographics", "9"), ("collaborations", "10"), ("explicit", "10"), ("severity", "10")],
    ),
];

/// A figure.
struct Metric {
    key: &'static str,
    name: String,
    what: String,
    how: String,
    section: &'static str,
}

/// Figures of one kind.
struct Group {
    title: String,
    metrics: Vec<Metric>,
}

#[derive(Template)]
#[template(path = "insights/metrics.html")]
struct MetricsPage {
    page: Page,
    groups: Vec<Group>,
    formula: &'static str,
}

pub(super) async fn explained(page: Page) -> Result<HttpResponse> {
    let groups = METRICS.iter().map(|(group, metrics)| Group {
        title: page.t(&format!("insights.metrics.{group}")).into(),
        metrics: metrics
            .iter()
            .map(|(key, section)| Metric {
                key,
                name: page.t(&format!("insights.metric.{key}.name")).into(),
                what: page.t(&format!("insights.metric.{key}.what")).into(),
                how: page.t(&format!("insights.metric.{key}.how")).into(),
                section,
            })
            .collect(),
    });
    page.show(&MetricsPage { groups: groups.collect(), formula: influence::FORMULA_VERSION, page: page.clone() })
}
