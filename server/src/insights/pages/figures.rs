//! Single figures: how people, rates, parts and advice are written, and where each is explained.

use entity::enums::Network;
use influence::{
    coach,
    score::{Component, Parts},
};

use super::shown::Figure;
use crate::{
    base::lang::Lang,
    insights::{
        results::{Quality, Vetting},
        rules,
    },
    web::{
        charts::{Chart, Picture, Row},
        layout::Page,
        urls,
    },
};

/// A figure with its name and its place on the page of explanations.
pub(super) fn figure(page: &Page, metric: &str, value: String, note: String) -> Figure {
    Figure { label: page.t(&format!("insights.metric.{metric}.name")).into(), value, note, href: urls::metric(metric) }
}

/// People, in few characters.
pub(super) fn people(page: &Page, n: f64) -> String {
    if n < 10.0 { format!("{n:.1}") } else { page.lang.short(n.round() as i64) }
}

/// Per cent with so many decimals.
pub(super) fn percent(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}%")
}

/// A tier's name; below the smallest there is none.
pub(super) fn tier(page: &Page, tier: &str) -> String {
    if tier == "none" { page.t("insights.tier_none").into() } else { page.name("tier", tier).into() }
}

/// The word of a component, as it is stored.
pub(super) const fn component(component: Component) -> &'static str {
    match component {
        Component::Audience => "audience",
        Component::Bond => "bond",
        Component::SecondHand => "second_hand",
        Component::Connections => "connections",
        Component::Presence => "presence",
    }
}

fn quantity(page: &Page, component: Component, n: f64) -> String {
    let key = match component {
        Component::Audience => return page.t("insights.unit.people").with("n", people(page, n)).into(),
        Component::Bond => "insights.unit.actions",
        Component::SecondHand => "insights.unit.second_hand",
        Component::Connections => "insights.unit.connections",
        Component::Presence => return page.t("insights.unit.posts").with("n", format!("{n:.1}")).into(),
    };
    page.t(key).with("n", format!("{n:.3}")).into()
}

/// The factors of a network.
pub(super) fn parts(page: &Page, network: Network, parts: &Parts) -> Vec<Figure> {
    Component::ALL
        .into_iter()
        .map(|one| {
            let factor = parts.ln_of(one).exp();
            if one == Component::Audience {
                return figure(page, component(one), quantity(page, one, factor), String::new());
            }
            let unknown = match one {
                Component::Connections if !rules::tells_who_reacts(network) => "insights.not_on_network",
                _ => "insights.not_enough",
            };
            let known = rules::known(one, parts).map_or_else(|| page.t(unknown).into(), |n| quantity(page, one, n));
            figure(page, component(one), format!("×{factor:.2}"), known)
        })
        .collect()
}

/// A piece of advice in words.
pub(crate) struct Tip {
    pub(crate) title: String,
    pub(crate) evidence: String,
    pub(crate) gain: String,
    pub(crate) href: String,
}

/// Advice, never a promise.
pub(super) fn tips(page: &Page, tips: Vec<coach::Tip>) -> Vec<Tip> {
    tips.into_iter()
        .map(|tip| Tip {
            title: page
                .t(&format!("insights.tip.{}", component(tip.component)))
                .with("network", page.name("network", rules::network(tip.network)))
                .into(),
            evidence: page
                .t("insights.tip.evidence")
                .with("own", quantity(page, tip.component, tip.own))
                .with("peers", quantity(page, tip.component, tip.peers))
                .into(),
            gain: page
                .t("insights.tip.gain")
                .with("n", format!("{:.1}", tip.gain.value))
                .with("low", format!("{:.1}", tip.gain.low))
                .with("high", format!("{:.1}", tip.gain.high))
                .into(),
            href: urls::metric(component(tip.component)),
        })
        .collect()
}

/// Audience quality.
pub(super) fn quality(page: &Page, row: Option<&Quality>) -> Vec<Figure> {
    let Some(row) = row else { return Vec::new() };
    let grade =
        page.t("insights.quality.grade").with("grade", &row.grade).with("known", page.name("quality_grade", row.grade.to_lowercase()));
    let mut out = vec![figure(page, "quality", format!("{:.0}", row.value), grade.into())];
    if let Some(value) = row.authenticity {
        out.push(figure(page, "authenticity", format!("{value:.0}"), String::new()));
    }
    if let Some(score) = row.comment_score {
        let note = page.t("insights.quality.judged").with("n", row.comments).into();
        out.push(figure(page, "comment_worth", percent(100.0 * score, 0), note));
    }
    if let Some(n) = row.anomalies {
        out.push(figure(page, "jumps", n.to_string(), String::new()));
    }
    out
}

/// Comments by class.
pub(super) fn comments(page: &Page, row: Option<&Quality>) -> Option<Chart> {
    let row = row.filter(|row| row.comments > 0)?;
    let order = ["genuine", "off_topic", "generic", "emoji_only", "pod", "duplicate", "spam"];
    let rows: Vec<Row> = order
        .iter()
        .filter_map(|class| Some((class, *row.classes.get(*class)?)))
        .map(|(class, n)| {
            let value = i64::try_from(n).unwrap_or(i64::MAX);
            Row { what: page.name("comment_class", class).into(), figure: page.lang.count(value), value }
        })
        .collect();
    let most = rows.iter().map(|row| row.value).max()?;
    let heads = vec![page.t("insights.quality.class").into(), page.t("insights.quality.comments").into()];
    Some(Chart { title: page.t("insights.quality.classes").into(), picture: Picture::Bars(most), heads, rows })
}

/// Explicit words.
pub(super) fn vetting(page: &Page, row: Option<&Vetting>) -> Vec<Figure> {
    let Some(row) = row else { return Vec::new() };
    let [mild, strong, extreme] = row.by_severity;
    vec![
        figure(page, "explicit", format!("{:.0}", row.per_thousand), page.t("insights.vetting.looked").with("n", row.posts).into()),
        figure(page, "severity", format!("{mild} / {strong} / {extreme}"), page.t("insights.vetting.by_severity").into()),
    ]
}
