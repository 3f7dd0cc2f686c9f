//! Why a score changed between two days: contributions that sum to the change, and what happened meanwhile.

use std::collections::HashMap;

use entity::{ids::PostId, post};
use influence::causes::Cause;

use super::{
    figures,
    shown::{href, words},
};
use crate::{
    base::lang::Lang,
    insights::{queries::Scored, results::Happened, rules},
    web::layout::Page,
};

/// Something that happened.
pub(crate) struct Fact {
    pub(crate) day: String,
    pub(crate) text: String,
    pub(crate) href: String,
}

/// A contribution.
pub(crate) struct Contribution {
    pub(crate) what: String,
    pub(crate) points: String,
    pub(crate) tone: &'static str,
}

/// All of it.
pub(crate) struct Change {
    pub(crate) days: String,
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) summary: String,
    pub(crate) total: String,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) facts: Vec<Fact>,
    /// Both are of the same day: there is nothing to compare yet.
    pub(crate) same: bool,
}

fn signed(points: f64) -> String {
    // No minus before nothing.
    let shown = if points.abs() < 0.005 { 0.0 } else { points };
    format!("{shown:+.2}")
}

/// From an earlier score to a later one.
pub(super) fn of(page: &Page, before: &Scored, until: &Scored, posts: &HashMap<PostId, post::Model>, own: bool) -> Change {
    let (contributions, happened) = until.since(before);
    let mut shown: Vec<_> = contributions.into_iter().filter(|one| one.points.abs() >= 0.005).collect();
    shown.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    let total = until.score.value - before.score.value;
    let rest: f64 = total - shown.iter().map(|one| one.points).sum::<f64>();
    let mut rows: Vec<Contribution> = shown
        .into_iter()
        .map(|one| {
            let network = page.name("network", rules::network(one.network));
            let part = match one.component {
                Some(component) => page.t(&format!("insights.metric.{}.name", figures::component(component))),
                None => page.t("insights.change.network"),
            };
            Contribution {
                what: format!("{network} · {part}"),
                points: signed(one.points),
                tone: if one.points > 0.0 { "good" } else { "warn" },
            }
        })
        .collect();
    if rest.abs() >= 0.005 {
        rows.push(Contribution { what: page.t("insights.change.rest").into(), points: signed(rest), tone: "quiet" });
    }
    Change {
        days: page.days(Some(before.day), Some(until.day)),
        since: before.day.to_string(),
        until: until.day.to_string(),
        summary: page
            .t("insights.change.summary")
            .with("before", format!("{:.1}", before.score.value))
            .with("after", format!("{:.1}", until.score.value))
            .into(),
        total: signed(total),
        contributions: rows,
        facts: happened.iter().map(|one| fact(page, one, posts, own)).collect(),
        same: before.day == until.day,
    }
}

fn fact(page: &Page, one: &Happened, posts: &HashMap<PostId, post::Model>, own: bool) -> Fact {
    let count = |n: f64| page.lang.count(n.abs().round() as i64);
    let network = page.name("network", rules::network(one.network));
    let (day, text) = match &one.cause {
        Cause::Post { day, reactions, .. } => {
            let words = one.post_id.and_then(|id| posts.get(&id)).map(|post| words(page, post)).unwrap_or_default();
            (*day, page.t("insights.cause.post").with("n", page.lang.count(*reactions)).with("words", words))
        }
        Cause::Jump(jump) => {
            let key = match (jump.gained >= 0.0, jump.explained) {
                (true, true) => "insights.cause.jump_explained",
                (true, false) => "insights.cause.jump",
                (false, _) => "insights.cause.drop",
            };
            (jump.day, page.t(key).with("n", count(jump.gained)))
        }
        Cause::Purge { day, kind, n } => {
            let word = serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
            (*day, page.t("insights.cause.purge").with("n", count(*n)).with("kind", page.name("action_kind", word)))
        }
        Cause::Gap { day } => (*day, page.t("insights.cause.gap")),
    };
    Fact {
        day: page.date(&rules::date(day)),
        text: format!("{network}: {text}"),
        href: one.post_id.and_then(|id| posts.get(&id)).map(|post| href(post, own)).unwrap_or_default(),
    }
}
