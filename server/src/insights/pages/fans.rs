//! Who takes part, in words.

use super::{
    figures::{figure, percent},
    shown::{Figure, Line},
};
use crate::{
    base::{lang::Lang, topics},
    insights::{results::Fans, rules},
    web::{
        charts::{Chart, Picture, Row},
        layout::Page,
    },
};

/// Those who comment and name the creator.
pub(crate) struct FansView {
    pub(crate) figures: Vec<Figure>,
    pub(crate) kinds: Chart,
    pub(crate) interests: Vec<Line>,
    /// Since when something is known.
    pub(crate) note: String,
}

pub(super) fn of(page: &Page, row: &Fans) -> FansView {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let rows: Vec<Row> = row
        .kinds
        .iter()
        .map(|(kind, n)| Row {
            what: page.name("fan", rules::fan_kind(*kind)).into(),
            figure: page.lang.count(count(*n)),
            value: count(*n),
        })
        .collect();
    let most = rows.iter().map(|row| row.value).max().unwrap_or_default();
    let heads = vec![page.t("insights.fans.kind").into(), page.t("insights.fans.people").into()];
    FansView {
        figures: vec![
            figure(page, "fans", page.lang.count(count(row.people)), String::new()),
            figure(page, "advocates", page.lang.count(count(row.advocates)), String::new()),
        ],
        kinds: Chart { title: page.t("insights.fans.kinds").into(), picture: Picture::Bars(most), heads, rows },
        interests: row
            .interests
            .iter()
            .map(|one| Line {
                what: topics::name(&one.id, page.lang),
                href: String::new(),
                figure: percent(100.0 * one.share, 0),
                note: page.t("insights.fans.wrote").with("n", page.lang.count(count(one.people))).into(),
                tone: "quiet",
            })
            .collect(),
        note: page.t("insights.fans.note").with("date", page.date(&row.since)).into(),
    }
}
