//! Where the people are whom an ordinary post reaches, in words.

use influence::Score;

use super::{
    figures::{people, percent},
    shown::Line,
};
use crate::{
    insights::{places::places, results::Results, rules},
    networks::pages::shown::slice,
    web::layout::Page,
};

/// A line a place.
pub(super) fn of(page: &Page, results: &Results, score: &Score) -> Vec<Line> {
    let line = |one: crate::insights::places::Place| Line {
        what: slice(page, one.dimension, &one.group),
        href: String::new(),
        figure: page.t("insights.places.of").with("n", people(page, one.people)).with("share", percent(100.0 * one.share, 0)).into(),
        note: page.name("network", rules::network(one.network)).into(),
        tone: "quiet",
    };
    places(results, score).into_iter().map(line).collect()
}
