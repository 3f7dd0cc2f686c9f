//! Estimates in words: what a post may cost, what one would be said to be worth, when to post, which posts look like advertising.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::ids::{AccountId, PostId};
use entity::post;

use super::{
    figures::{figure, percent},
    shown::{self, Figure, Line},
};
use crate::{
    base::money::{Currency, Money},
    insights::{
        results::{Hours, MediaValue, Price, Results},
        similar::Similar,
    },
    web::{layout::Page, urls},
};

/// What a post on an account may cost.
pub(crate) struct PriceView {
    pub(crate) title: String,
    pub(crate) figures: Vec<Figure>,
    /// What it is made of, and from which table.
    pub(crate) note: String,
}

/// When to post on an account.
pub(crate) struct HoursView {
    pub(crate) title: String,
    pub(crate) hours: Vec<Line>,
    pub(crate) note: String,
}

fn money(page: &Page, minor: i64, code: &str) -> String {
    Money::from_row(minor, code).formatted(page.lang)
}

/// Whole units of a currency.
fn whole(page: &Page, units: f64, code: &str) -> String {
    let decimals = Currency::parse(code).map_or(2, Currency::decimals);
    money(page, influence::price::minor_units(units, u8::try_from(decimals).unwrap_or(2)), code)
}

/// Prices, with the media value of the same account beside them.
pub(super) fn prices(page: &Page, results: &Results, name: &impl Fn(&AccountId) -> String) -> Vec<PriceView> {
    let version = |kind| results.tables.get(&kind).copied().unwrap_or_default();
    let table = |kind| match version(kind) {
        0 => page.t("insights.tables.shipped").to_string(),
        n => page.t("insights.tables.number").with("n", n).to_string(),
    };
    use entity::enums::ReferenceTableKind::{MediaRates, PostPrices};
    let worth = |one: &MediaValue| {
        let note = page.t("insights.price.value_note").with("n", one.posts).with("table", table(MediaRates));
        figure(page, "media_value", money(page, one.minor, &one.currency), note.into())
    };
    let priced = |one: &Price| {
        let estimate = &one.estimate;
        let format = serde_json::to_value(one.format).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        let span = format!("{}–{}", money(page, estimate.low, &estimate.currency), money(page, estimate.high, &estimate.currency));
        let mut figures = vec![figure(page, "price", span, page.t(&format!("insights.price.format.{format}")).into())];
        if let Some(minor) = estimate.per_thousand {
            figures.push(figure(page, "price_per_thousand", money(page, minor, &estimate.currency), String::new()));
        }
        figures.extend(results.media.iter().find(|media| media.account == one.account).map(worth));
        let f = estimate.factors;
        let note = page
            .t("insights.price.factors")
            .with("base", whole(page, f.base, &estimate.currency))
            .with("size", format!("{:.2}", f.size))
            .with("rate", format!("{:.2}", f.rate))
            .with("format", format!("{:.2}", f.format))
            .with("table", table(PostPrices));
        PriceView { title: name(&one.account), figures, note: note.into() }
    };
    let mut out: Vec<PriceView> = results.prices.iter().map(priced).collect();
    let alone = results.media.iter().filter(|one| results.prices.iter().all(|price| price.account != one.account));
    out.extend(alone.map(|one| PriceView {
        title: name(&one.account),
        figures: vec![worth(one)],
        note: page.t("insights.price.no_price").with("network", page.name("network", one.network)).into(),
    }));
    out
}

/// Hours, in the reader's zone.
pub(super) fn hours(page: &Page, rows: &[Hours], name: &impl Fn(&AccountId) -> String) -> Vec<HoursView> {
    let of = |one: &Hours| HoursView {
        title: name(&one.account),
        hours: one
            .best
            .iter()
            .map(|hour| Line {
                what: hour_of(page, hour.hour),
                href: String::new(),
                figure: format!("×{:.2}", hour.lift),
                note: String::new(),
                tone: "quiet",
            })
            .collect(),
        note: page.t("insights.hours.note").with("n", one.reactions).with("zone", page.zone.name()).into(),
    };
    rows.iter().map(of).collect()
}

/// An hour of a week of UTC, as the reader's day and time.
fn hour_of(page: &Page, hour: usize) -> String {
    // Any Monday of a year without leap seconds; a zone with another summer time is off by that hour for half the year.
    let monday = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default().and_hms_opt(0, 0, 0).unwrap_or_default();
    let at: DateTime<Utc> = monday.and_utc() + Duration::hours(i64::try_from(hour).unwrap_or_default());
    let here = at.with_timezone(&page.zone);
    let day = here.format("%a").to_string().to_lowercase();
    page.t("insights.hours.at").with("day", page.t(&format!("insights.hours.day.{day}"))).with("time", here.format("%H:%M")).into()
}

/// A creator who is like another.
pub(crate) struct SimilarLine {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) likeness: String,
    pub(crate) score: String,
    pub(crate) reasons: String,
}

/// Similar creators, for a member of an organisation.
pub(super) fn similar(page: &Page, org: impl std::fmt::Display, found: Vec<Similar>) -> Vec<SimilarLine> {
    let reason = |(part, likeness): &(&str, f64)| {
        page.t("insights.similar.reason")
            .with("part", page.t(&format!("insights.similar.part.{part}")))
            .with("p", percent(100.0 * likeness.abs(), 0))
            .to_string()
    };
    found
        .iter()
        .map(|one| SimilarLine {
            name: one.creator.display_name.clone(),
            href: urls::org(&org, format!("creators/{}/analysis", one.creator.id)),
            likeness: percent(100.0 * one.likeness, 0),
            score: one.creator.score.map(|tenths| format!("{:.0}", tenths as f64 / 10.0)).unwrap_or_else(|| "–".to_owned()),
            reasons: one.reasons.iter().map(reason).collect::<Vec<_>>().join(" · "),
        })
        .collect()
}

/// Posts that look like advertising and do not say so.
pub(super) fn suspected(page: &Page, results: &Results, posts: &HashMap<PostId, post::Model>, own: bool) -> Vec<Line> {
    let sign = |one: &influence::sponsored::Sign| {
        let word = serde_json::to_value(one).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        page.t(&format!("insights.suspected.sign.{word}")).to_string()
    };
    results
        .collaborations
        .suspected
        .iter()
        .map(|one| Line {
            what: posts.get(&one.post).map(|row| shown::words(page, row)).unwrap_or_default(),
            href: posts.get(&one.post).map(|row| shown::href(row, own)).unwrap_or_default(),
            figure: page.date(&one.day),
            note: page
                .t("insights.suspected.says")
                .with("p", percent(100.0 * one.probability, 0))
                .with("signs", one.signs.iter().map(sign).collect::<Vec<_>>().join(page.t("insights.suspected.and").as_str()))
                .into(),
            tone: "warn",
        })
        .collect()
}
