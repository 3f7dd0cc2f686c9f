//! Insights in words and figures of the reader's language: the same for the creator's page, the brand's tabs and the public page.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::{
    creator_insights,
    enums::{Dimension, InsightScope},
    ids::{AccountId, CreatorId},
    network_account, post,
};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    change::{self, Change},
    estimates::{self, HoursView, PriceView},
    fans::{self, FansView},
    figures::{self, Tip},
    places,
};
use crate::{
    app::App,
    base::{lang::Lang, topics},
    creators,
    error::Result,
    insights::{
        graphql::parts::{usual, usual_key},
        queries::{self, Group, Scored},
        results::{Engagement, Missing, Part, Results, Why},
        rules,
    },
    networks::{pages::shown::slice, sync::queries as readings},
    web::{
        charts::{Chart, Picture, Row},
        layout::Page,
    },
};

/// A figure with its place on the page of explanations.
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
    pub(crate) href: String,
}

/// The score on one network.
pub(crate) struct NetworkPart {
    pub(crate) name: String,
    pub(crate) provenance: String,
    pub(crate) influence: String,
    pub(crate) parts: Vec<Figure>,
}

/// The score.
pub(crate) struct ScoreView {
    pub(crate) value: i64,
    pub(crate) interval: String,
    pub(crate) provisional: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) places: Vec<Line>,
    pub(crate) networks: Vec<NetworkPart>,
}

/// The rates of an account.
pub(crate) struct EngagementView {
    pub(crate) title: String,
    pub(crate) figures: Vec<Figure>,
    /// How it compares, as a tone and a sentence.
    pub(crate) verdict: Option<(&'static str, String)>,
    /// Advertising against ordinary posts.
    pub(crate) sponsored: Option<String>,
}

/// A table of words and figures.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) href: String,
    pub(crate) figure: String,
    pub(crate) note: String,
    pub(crate) tone: &'static str,
}

/// A part of an audience.
pub(crate) struct AudiencePart {
    pub(crate) chart: Chart,
    pub(crate) note: String,
}

/// What went in.
pub(crate) struct SourceLine {
    pub(crate) account: String,
    pub(crate) followers: String,
    pub(crate) told_by: String,
    pub(crate) as_of: String,
    pub(crate) posts: String,
    pub(crate) comments: String,
}

/// All of it.
pub(crate) struct View {
    pub(crate) score: Option<ScoreView>,
    pub(crate) chart: Option<Chart>,
    pub(crate) change: Option<Change>,
    pub(crate) tips: Vec<Tip>,
    pub(crate) engagement: Vec<EngagementView>,
    pub(crate) quality: Vec<Figure>,
    pub(crate) comments: Option<Chart>,
    pub(crate) fans: Option<FansView>,
    pub(crate) topics: Vec<Line>,
    pub(crate) strong: Vec<Line>,
    pub(crate) brands: Vec<Line>,
    pub(crate) advertising: Vec<Line>,
    pub(crate) saturation: Option<String>,
    pub(crate) vetting: Vec<Figure>,
    pub(crate) findings: Vec<Line>,
    pub(crate) audience: Vec<AudiencePart>,
    pub(crate) prices: Vec<PriceView>,
    pub(crate) hours: Vec<HoursView>,
    pub(crate) suspected: Vec<Line>,
    pub(crate) sources: Vec<SourceLine>,
    /// When it was computed, from what and by which formula.
    pub(crate) freshness: String,
    missing: Vec<(Part, String)>,
}

impl View {
    /// Why a part is not known, or less sure.
    pub(crate) fn gaps(&self, part: &str) -> Vec<&str> {
        self.missing.iter().filter(|(of, _)| of.as_str() == part).map(|(_, text)| text.as_str()).collect()
    }
}

/// For whom it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Eyes {
    pub(crate) scope: InsightScope,
    /// The creator's own: with advice.
    pub(crate) own: bool,
    /// Links lead to the creator's own pages of posts.
    pub(crate) audience: bool,
}

/// Between which days a change is told; as typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    pub(crate) since: Option<NaiveDate>,
    pub(crate) until: Option<NaiveDate>,
}

fn why(page: &Page, one: Missing) -> (Part, String) {
    (one.part, page.t(&format!("insights.why.{}", one.why.as_str())).into())
}

/// Everything of a creator, with a constant number of statements.
pub(crate) async fn view(app: &App, page: &Page, creator: CreatorId, eyes: Eyes, span: &Span) -> Result<View> {
    let db = app.db();
    let row = queries::row(db, creator, eyes.scope).await?;
    let accounts: HashMap<AccountId, network_account::Model> = creators::queries::accounts_of(db, &[creator])
        .await?
        .remove(&creator)
        .unwrap_or_default()
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let Some(row) = row else {
        return Ok(empty(page));
    };
    let results = Results::of(&row);
    let latest = async |until| {
        let found = queries::latest(db, &[creator], until).await?;
        Ok::<_, crate::error::Error>(found.into_iter().find(|one| one.scope == eyes.scope).as_ref().and_then(Scored::of))
    };
    let scored = if row.score.is_some() { latest(None).await? } else { None };
    let mut keys = rules::groups(&row.network, &row.tier, &row.country);
    keys.extend(scored.iter().flat_map(Scored::advice_keys));
    keys.extend(results.engagement.iter().filter_map(usual_key));
    let groups = queries::groups(db, keys).await?;
    let from = row.day.checked_sub_days(Days::new(180)).unwrap_or(row.day);
    let points = queries::history(db, &[creator], from).await?.remove(&(creator, eyes.scope)).unwrap_or_default();
    let until = match span.until.filter(|day| *day < row.day) {
        Some(until) => latest(Some(until)).await?,
        None => scored.clone(),
    };
    let since = span.since.unwrap_or_else(|| row.day.checked_sub_days(Days::new(28)).unwrap_or(row.day));
    // The first score there is, where nothing is as old as that.
    let first = points.first().map_or(since, |point| point.day);
    let before = if scored.is_some() { latest(Some(since.max(first))).await? } else { None };
    let posts = named_posts(app, &results, before.as_ref().zip(until.as_ref())).await?;
    let mut missing: Vec<(Part, String)> = results.missing.iter().map(|one| why(page, *one)).collect();
    if row.score.is_some() && queries::standing(&row, &groups).is_none() {
        missing.push(why(page, Missing { part: Part::Percentile, why: Why::FewPeers }));
    }
    if results.collaborations.count == 0 && !results.sources.iter().all(|source| source.posts == 0) {
        missing.push(why(page, Missing { part: Part::Collaborations, why: Why::NoAdvertising }));
    }
    let name =
        |id: &AccountId| accounts.get(id).map(|row| format!("{} · {}", page.name("network", row.network), row.handle)).unwrap_or_default();
    Ok(View {
        score: scored.as_ref().map(|one| score(page, &row, &results, one, &groups)),
        chart: Chart::decimals(
            page,
            page.t("insights.history.title"),
            page.t("insights.metric.score.name"),
            &points.iter().map(|point| (point.day, Some(point.value))).collect::<Vec<_>>(),
        )?,
        change: before.zip(until).map(|(before, until)| change::of(page, &before, &until, &posts, eyes.audience)),
        tips: if eyes.own { scored.as_ref().map(|one| figures::tips(page, one.tips(&groups))).unwrap_or_default() } else { Vec::new() },
        engagement: results.engagement.iter().map(|one| engagement(page, name(&one.account), one, &groups)).collect(),
        quality: figures::quality(page, results.quality.as_ref()),
        comments: figures::comments(page, results.quality.as_ref()),
        fans: results.fans.as_ref().map(|row| fans::of(page, row)),
        topics: results
            .topics
            .main
            .iter()
            .map(|one| Line {
                what: topics::name(&one.id, page.lang),
                href: String::new(),
                figure: figures::percent(100.0 * one.share, 0),
                note: page.t("insights.topics.posts").with("n", one.posts).with("words", one.evidence.join(", ")).into(),
                tone: "quiet",
            })
            .collect(),
        strong: results
            .topics
            .strong
            .iter()
            .map(|one| Line {
                what: topics::name(&one.id, page.lang),
                href: String::new(),
                figure: format!("×{:.2}", one.ratio),
                note: if one.unexpected { page.t("insights.topics.unexpected").into() } else { String::new() },
                tone: "info",
            })
            .collect(),
        brands: results
            .collaborations
            .brands
            .iter()
            .map(|one| Line {
                what: one.brand.clone(),
                href: String::new(),
                figure: page.t("insights.collaborations.posts").with("n", one.posts).into(),
                note: [
                    page.days(Some(one.first), Some(one.last).filter(|last| *last != one.first))
                        .trim_end_matches(['–', '〜', ' '])
                        .to_owned(),
                    one.rate_to_ordinary
                        .map(|ratio| page.t("insights.collaborations.ratio").with("x", format!("{ratio:.2}")).into())
                        .unwrap_or_default(),
                ]
                .into_iter()
                .filter(|text: &String| !text.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
                tone: "quiet",
            })
            .collect(),
        advertising: results
            .collaborations
            .posts
            .iter()
            .map(|one| Line {
                what: posts.get(&one.post).map(|post| words(page, post)).unwrap_or_default(),
                href: posts.get(&one.post).map(|post| href(post, eyes.audience)).unwrap_or_default(),
                figure: page.date(&one.day),
                note: if one.disclosed_by.is_empty() {
                    page.t("insights.collaborations.label").into()
                } else {
                    page.t("insights.collaborations.word").with("word", &one.disclosed_by).into()
                },
                tone: "good",
            })
            .collect(),
        saturation: results.collaborations.saturation.map(|share| figures::percent(100.0 * share, 1)),
        vetting: figures::vetting(page, results.vetting.as_ref()),
        findings: results
            .vetting
            .iter()
            .flat_map(|vetting| &vetting.findings)
            .map(|one| Line {
                what: one.quote.clone(),
                href: posts.get(&one.post).map(|post| href(post, eyes.audience)).unwrap_or_default(),
                figure: page.name("severity", one.severity).into(),
                note: [page.name("explicit", &one.kind).to_string()]
                    .into_iter()
                    .chain(one.softened.then(|| page.t("insights.vetting.softened").to_string()))
                    .collect::<Vec<_>>()
                    .join(" · "),
                tone: if one.severity > 1 { "bad" } else { "warn" },
            })
            .collect(),
        audience: results.audience.iter().map(|one| audience(page, &name(&one.account), one)).collect(),
        prices: estimates::prices(page, &results, &name),
        hours: estimates::hours(page, &results.hours, &name),
        suspected: estimates::suspected(page, &results, &posts, eyes.audience),
        sources: results
            .sources
            .iter()
            .map(|one| SourceLine {
                account: name(&one.account),
                followers: one.followers.map_or_else(|| page.t("insights.unknown").into(), |n| page.lang.count(n)),
                told_by: one.told_by.map(|source| page.name("metric_source", source).into()).unwrap_or_default(),
                as_of: one.as_of.map(|at| page.time(&at)).unwrap_or_default(),
                posts: page.lang.count(i64::try_from(one.posts).unwrap_or(i64::MAX)),
                comments: page.lang.count(i64::try_from(one.comments).unwrap_or(i64::MAX)),
            })
            .collect(),
        freshness: page
            .t("insights.freshness")
            .with("day", page.date(&row.day))
            .with("at", page.time(&row.computed_at))
            .with("formula", &row.formula)
            .into(),
        missing,
    })
}

fn empty(page: &Page) -> View {
    View {
        score: None,
        chart: None,
        change: None,
        tips: Vec::new(),
        engagement: Vec::new(),
        quality: Vec::new(),
        comments: None,
        fans: None,
        topics: Vec::new(),
        strong: Vec::new(),
        brands: Vec::new(),
        advertising: Vec::new(),
        saturation: None,
        vetting: Vec::new(),
        findings: Vec::new(),
        audience: Vec::new(),
        prices: Vec::new(),
        hours: Vec::new(),
        suspected: Vec::new(),
        sources: Vec::new(),
        freshness: String::new(),
        missing: vec![why(page, Missing { part: Part::Score, why: Why::NotComputed })],
    }
}

/// The posts that anything on the page names. One statement.
async fn named_posts(
    app: &App,
    results: &Results,
    change: Option<(&Scored, &Scored)>,
) -> Result<HashMap<entity::ids::PostId, post::Model>> {
    let mut ids: Vec<_> = results.collaborations.posts.iter().map(|one| one.post).collect();
    ids.extend(results.collaborations.suspected.iter().map(|one| one.post));
    ids.extend(results.vetting.iter().flat_map(|vetting| &vetting.findings).map(|one| one.post));
    ids.extend(change.iter().flat_map(|(_, until)| &until.happened).filter_map(|one| one.post_id));
    let rows = readings::shown().filter(post::Column::Id.is_in(ids)).all(app.db()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The first words of a post.
pub(super) fn words(page: &Page, row: &post::Model) -> String {
    let line = row.caption.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        _ if line.is_empty() => page.t("networks.posts.no_words").into(),
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Where a post is looked at: the creator's own page of it, or the network's.
pub(super) fn href(row: &post::Model, own: bool) -> String {
    if own {
        return crate::web::urls::post(row.id);
    }
    Some(row.url.clone()).filter(|url| url.starts_with("https://")).unwrap_or_default()
}

fn score(page: &Page, row: &creator_insights::Model, results: &Results, one: &Scored, groups: &HashMap<String, Group>) -> ScoreView {
    let whole = |value: f64| value.round() as i64;
    let mut figures = vec![
        figures::figure(page, "true_reach", figures::people(page, one.score.true_reach), String::new()),
        figures::figure(page, "influence", figures::people(page, one.score.influence), String::new()),
    ];
    if let Some((value, group)) = queries::standing(row, groups) {
        let mut parts = group.key.split(':').filter(|part| !part.is_empty());
        let of = match (parts.next(), parts.next(), parts.next()) {
            (Some(network), Some(tier), country) => {
                let of =
                    page.t("insights.percentile.of").with("network", page.name("network", network)).with("tier", figures::tier(page, tier));
                let of = of.with("n", group.members).to_string();
                country.map_or_else(|| of.clone(), |country| format!("{of} · {}", page.name("country", country)))
            }
            _ => page.t("insights.percentile.of_all").with("n", group.members).into(),
        };
        // Of six nobody is among the best hundredth.
        let text = page
            .t("insights.percentile.value")
            .with("n", format!("{:.0}", (100.0 - value).max(100.0 / f64::from(group.members.max(1)))))
            .into();
        figures.insert(0, figures::figure(page, "percentile", text, of));
    }
    ScoreView {
        value: whole(one.score.value),
        interval: format!("{}–{}", whole(one.score.low), whole(one.score.high)),
        provisional: one
            .score
            .provisional
            .iter()
            .filter_map(|reason| serde_json::to_value(reason).ok()?.as_str().map(|word| page.name("provisional", word).into()))
            .collect(),
        figures,
        places: places::of(page, results, &one.score),
        networks: one
            .score
            .networks
            .iter()
            .map(|(network, parts)| NetworkPart {
                name: page.name("network", rules::network(*network)).into(),
                provenance: page.name("provenance", format!("{:?}", parts.provenance).to_lowercase()).into(),
                influence: page.t("insights.parts.influence").with("n", figures::people(page, parts.influence())).into(),
                parts: figures::parts(page, rules::network(*network), parts),
            })
            .collect(),
    }
}

fn engagement(page: &Page, title: String, row: &Engagement, groups: &HashMap<String, Group>) -> EngagementView {
    let rate = |value: Option<f64>| value.map_or_else(|| page.t("insights.unknown").into(), |value| figures::percent(value, 2));
    let mut out = vec![
        figures::figure(page, "by_followers", rate(row.by_followers), String::new()),
        figures::figure(page, "by_reach", rate(row.by_reach), String::new()),
        figures::figure(page, "by_views", rate(row.by_views), String::new()),
    ];
    let note = page.t("insights.engagement.posts").with("n", row.posts).into();
    out.push(figures::figure(page, "cadence", page.t("insights.engagement.a_week").with("n", format!("{:.1}", row.cadence)).into(), note));
    let group = usual_key(row).and_then(|key| groups.get(&key));
    let found = usual(row, group);
    let verdict = found.as_ref().zip(row.by_followers).map(|(usual, rate)| {
        let ratio = rate / usual.rate;
        let (tone, key) = match ratio {
            r if r >= 1.1 => ("good", "insights.engagement.above"),
            r if r <= 0.9 => ("warn", "insights.engagement.below"),
            _ => ("info", "insights.engagement.usual"),
        };
        let tier = row.tier.as_deref().map(|tier| figures::tier(page, tier)).unwrap_or_default();
        (tone, page.t(key).with("usual", figures::percent(usual.rate, 2)).with("tier", tier).to_string())
    });
    if let Some(usual) = &found {
        let note = if usual.unproven {
            page.t("insights.engagement.unproven")
        } else {
            page.t("insights.engagement.accounts").with("n", usual.accounts)
        };
        out.push(figures::figure(page, "benchmark", figures::percent(usual.rate, 2), note.into()));
    }
    EngagementView {
        title,
        figures: out,
        verdict,
        sponsored: row.sponsored.map(|one| {
            page.t("insights.engagement.sponsored")
                .with("sponsored", figures::percent(one.sponsored, 2))
                .with("organic", figures::percent(one.organic, 2))
                .with("low", format!("{:+.2}", one.difference.low))
                .with("high", format!("{:+.2}", one.difference.high))
                .into()
        }),
    }
}

fn audience(page: &Page, account: &str, one: &crate::insights::results::Audience) -> AudiencePart {
    let title =
        page.t("networks.audience.part").with("crowd", page.name("crowd", one.crowd)).with("by", page.name("dimension", one.dimension));
    let group = |key: &str| if key == "other" { page.t("insights.audience.other").into() } else { slice(page, one.dimension, key) };
    let mut cells: Vec<_> = one.cells.iter().collect();
    if matches!(one.dimension, Dimension::Age | Dimension::AgeGender) {
        // Ages read in their order.
        cells.sort_by(|a, b| (a.group == "other").cmp(&(b.group == "other")).then_with(|| a.group.cmp(&b.group)));
    }
    let rows: Vec<Row> = cells
        .iter()
        .map(|cell| Row {
            what: group(&cell.group),
            figure: figures::percent(100.0 * cell.share, 1),
            value: (cell.share * 10_000.0).round() as i64,
        })
        .collect();
    let most = rows.iter().map(|row| row.value).max().unwrap_or(0);
    let heads = vec![page.name("dimension", one.dimension).into(), page.t("networks.audience.percent").into()];
    let people =
        one.people.map(|n| page.t("insights.audience.people").with("n", page.lang.count(i64::try_from(n).unwrap_or(i64::MAX))).to_string());
    let note = [account.to_owned(), people.unwrap_or_default(), page.t("parts.as_of").with("date", page.time(&one.as_of)).into()];
    AudiencePart {
        chart: Chart { title: title.into(), picture: Picture::Bars(most), heads, rows },
        note: note.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
    }
}
