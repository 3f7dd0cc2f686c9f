//! A creator as a brand sees them: a line of a table, and the profile page.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    creator,
    enums::{ConsentPurpose, CreatorSource, LinkState, Side},
    ids::CreatorId,
    network_account, network_link, offering, portfolio_item,
};

use super::super::{
    queries::{self, Attached},
    rules,
};
use crate::{
    app::App,
    auth::actors::{Member, Person},
    base::{lang::Lang, paging::Slice},
    consents, conversations,
    error::{Error, Result},
    insights,
    networks::{
        handed,
        pages::{posts, proofs, shown, stories},
        stories as kept,
        sync::queries::{self as readings, PostFilter, PostOrder},
    },
    offerings::rules::lowest,
    web::{
        charts::Chart,
        layout::{NavItem, Page},
        urls,
    },
};

/// One account in a cell.
pub(super) struct Account {
    pub(super) network: String,
    pub(super) handle: String,
    pub(super) url: String,
    pub(super) followers: String,
    pub(super) verified: bool,
}

/// One line of a table of creators.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) picture: Option<String>,
    pub(super) badge: bool,
    pub(super) vetted: bool,
    pub(super) registered: bool,
    pub(super) source: CreatorSource,
    pub(super) category: String,
    pub(super) country: String,
    pub(super) tier: String,
    pub(super) accounts: Vec<Account>,
    /// How many accounts are not in the cell.
    pub(super) more: usize,
    pub(super) price: String,
    /// The influence score from public counters, True Reach and engagement; empty where there is none.
    pub(super) score: Option<i64>,
    pub(super) true_reach: String,
    pub(super) engagement: String,
}

/// How many accounts a cell shows.
const SHOWN: usize = 3;

fn accounts(page: &Page, rows: &[network_account::Model], links: &[network_link::Model]) -> Vec<Account> {
    rows.iter()
        .map(|a| Account {
            network: page.name("network", a.network).into(),
            handle: a.handle.clone(),
            url: a.url.clone(),
            followers: super::figure(page, a.followers),
            verified: proven(a, links),
        })
        .collect()
}

fn proven(account: &network_account::Model, links: &[network_link::Model]) -> bool {
    links.iter().any(|l| l.account_id == account.id && l.state == LinkState::Verified)
}

/// A name, or a dash while it is not known.
fn named(page: &Page, kind: &str, value: &str) -> String {
    if value.is_empty() { DASH.to_owned() } else { page.name(kind, value).into() }
}

pub(super) const DASH: &str = "–";

fn tier(page: &Page, accounts: &[network_account::Model]) -> Option<String> {
    let largest = accounts.iter().filter_map(|a| a.followers).max();
    largest.and_then(rules::tier).map(|t| page.name("tier", t).into())
}

pub(super) fn row(page: &Page, by: &Person, row: &creator::Model, attached: &Attached) -> Row {
    fn of<'a, T>(map: &'a HashMap<CreatorId, Vec<T>>, row: &creator::Model) -> &'a [T] {
        map.get(&row.id).map_or(&[], Vec::as_slice)
    }
    let links = of(&attached.links, row);
    let all = of(&attached.accounts, row);
    let lines = of(&attached.offerings, row);
    let price = lowest(lines, super::currency(by)).map(|l| page.money(&l.price_minor, &l.currency));
    Row {
        id: row.id.to_string(),
        name: row.display_name.clone(),
        picture: super::picture(row),
        badge: rules::badge(row, links),
        vetted: row.vetted_at.is_some(),
        registered: row.user_id.is_some(),
        source: row.source,
        category: named(page, "category", &row.main_category),
        country: named(page, "country", &row.country),
        tier: tier(page, all).unwrap_or_else(|| DASH.to_owned()),
        accounts: accounts(page, &all[..all.len().min(SHOWN)], links),
        more: all.len().saturating_sub(SHOWN),
        score: row.score.map(|tenths| (tenths + 5) / 10),
        true_reach: row.true_reach.map_or_else(|| DASH.to_owned(), |n| page.lang.short(n)),
        engagement: row.engagement_rate.map_or_else(|| DASH.to_owned(), |n| format!("{}.{:02}%", n / 100, n % 100)),
        price: price.map(|p| page.t("creators.from_price").with("price", p).into()).unwrap_or_default(),
    }
}

/// An account with all that is known of it.
struct AccountCard {
    network: String,
    handle: String,
    url: String,
    verified: bool,
    /// Typed in, and nothing shows whose it is.
    unproven: bool,
    /// When a code showed that the creator can write there.
    proven: Option<String>,
    figures: Vec<(String, String)>,
    source: String,
    as_of: String,
    biography: String,
    chart: Option<Chart>,
    audience: Vec<shown::Part>,
}

/// A post among the best.
struct Top {
    words: String,
    url: String,
    says: String,
    as_of: String,
}

/// What keeping stories stands at.
struct Keeping {
    tone: &'static str,
    says: String,
    ours: bool,
    possible: bool,
    lines: Vec<stories::Line>,
}

/// Figures that were asked for.
struct Asked {
    state: String,
    question: String,
    figures: Vec<(String, String)>,
    as_of: String,
    proof: Option<proofs::Proof>,
}

#[derive(Template)]
#[template(path = "creators/one.html")]
struct OnePage {
    page: Page,
    org: String,
    creator: creator::Model,
    picture: Option<String>,
    badge: bool,
    why: Vec<String>,
    intro: String,
    intro_lang: &'static str,
    category: String,
    country: String,
    kind: String,
    tier: String,
    skills: String,
    accounts: Vec<AccountCard>,
    offerings: Vec<offering::Model>,
    portfolio: Vec<portfolio_item::Model>,
    back: Vec<Crumb>,
    may_invite: bool,
    /// The latest conversation with them.
    thread: Option<String>,
    /// Whether the creator shows insights to brands.
    shares: bool,
    has_audience: bool,
    top: Vec<Top>,
    keeping: Keeping,
    asked: Vec<Asked>,
    tabs: Vec<NavItem>,
}

/// One step of the way here.
struct Crumb {
    label: String,
    href: String,
}

/// So many of the best posts are shown.
const TOP: u64 = 5;

/// The posts with the most engagement: public counters (K18), with their date.
async fn top(app: &App, page: &Page, id: CreatorId) -> Result<Vec<Top>> {
    let found = readings::posts(
        app.db(),
        id,
        &PostFilter { there: true, ..PostFilter::default() },
        PostOrder::Engagement,
        Slice::default().sized(TOP),
    )
    .await?;
    let known = found.items().filter(|row| row.engagement.is_some());
    Ok(known
        .map(|row| {
            let count = |n| posts::number(page, n);
            Top {
                words: posts::title(page, row),
                url: Some(row.url.clone()).filter(|url| url.starts_with("https://")).unwrap_or_default(),
                says: page.t("networks.shared.likes").with("likes", count(row.likes)).with("comments", count(row.comments)).into(),
                as_of: page.time(&row.last_seen_at),
            }
        })
        .collect())
}

async fn keeping(app: &App, page: &Page, by: &Member, row: &creator::Model) -> Result<Keeping> {
    let standing = consents::queries::standing(app.db(), by.into()).await?;
    let of =
        |side: Side| standing.iter().any(|one| one.creator_id == row.id && one.side == side && one.purpose == ConsentPurpose::StoryArchive);
    let (ours, theirs) = (of(Side::Brand), of(Side::Creator));
    let (tone, key) = match (ours, theirs) {
        (true, true) => ("good", "consents.brand.both"),
        (true, false) => ("busy", "consents.brand.waiting"),
        (false, true) => ("warn", "consents.brand.asked"),
        (false, false) => ("quiet", "consents.brand.none"),
    };
    let lines = if ours && theirs {
        let at = urls::org(by.org(), format!("creators/{}/stories", row.id));
        let found = kept::list(app.db(), kept::Eyes::of_member(by, row.id), Slice::default().sized(12)).await?;
        found.items().map(|one| stories::line(page, one, &at)).collect()
    } else {
        Vec::new()
    };
    Ok(Keeping { tone, says: page.t(key).into(), ours, possible: row.user_id.is_some(), lines })
}

async fn asked(app: &App, page: &Page, by: &Member, id: CreatorId) -> Result<Vec<Asked>> {
    let rows = handed::asked_by(app.db(), by, id).await?;
    let at = urls::org(by.org(), "insights");
    Ok(rows
        .iter()
        .map(|row| Asked {
            state: page.name("manual_insight_state", row.state).into(),
            question: row.question.clone(),
            figures: proofs::figures(page, row),
            as_of: row.as_of.map(|day| page.date(&day)).unwrap_or_default(),
            proof: proofs::proof(page, row, &at),
        })
        .collect())
}

pub(super) async fn one(app: web::Data<App>, page: Page, by: Member, at: web::Path<(String, String)>) -> Result<HttpResponse> {
    let id = at.1.parse().map_err(|_| Error::NotFound)?;
    let row = queries::one(app.db(), (&by).into(), id).await?;
    let mut attached = queries::attached(app.db(), &[id]).await?;
    let accounts = attached.accounts.remove(&id).unwrap_or_default();
    let links = attached.links.remove(&id).unwrap_or_default();
    let badge = rules::badge(&row, &links);
    let mut why = Vec::new();
    if row.vetted_at.is_some() {
        why.push(page.t("creators.badge.admin").into());
    }
    for account in accounts.iter().filter(|a| row.user_id.is_some() && proven(a, &links)) {
        let text = page.t("creators.badge.account").with("network", page.name("network", account.network)).with("handle", &account.handle);
        why.push(text.into());
    }
    let shares = consents::queries::holds(app.db(), id, ConsentPurpose::InsightShare).await?;
    let ids: Vec<_> = accounts.iter().map(|account| account.id).collect();
    // What only the creator's grant shows is theirs to show.
    let mut audience = if shares { readings::audience(app.db(), &ids).await? } else { HashMap::new() };
    let top = top(&app, &page, id).await?;
    let keeping = keeping(&app, &page, &by, &row).await?;
    let asked = asked(&app, &page, &by, id).await?;
    let (intro, lang) = rules::introduction(&row, page.lang);
    let mut charts = super::charts(&app, &page, &accounts).await?;
    let figure = |key: &str, value: Option<i64>| {
        let text = value.map_or_else(|| page.t("creators.unknown").into(), |n| page.lang.count(n));
        (page.t(key).to_string(), text)
    };
    let shown = OnePage {
        org: by.org().to_string(),
        picture: super::picture(&row),
        badge,
        why,
        intro: intro.to_owned(),
        intro_lang: lang.as_str(),
        category: named(&page, "category", &row.main_category),
        country: named(&page, "country", &row.country),
        kind: page.name("creator_kind", row.kind).into(),
        tier: tier(&page, &accounts).unwrap_or_default(),
        skills: if row.skills.0.is_empty() { DASH.to_owned() } else { row.skills.0.join(", ") },
        accounts: accounts
            .iter()
            .map(|a| AccountCard {
                network: page.name("network", a.network).into(),
                handle: a.handle.clone(),
                url: a.url.clone(),
                verified: proven(a, &links),
                unproven: links.iter().any(|link| link.account_id == a.id && link.state == LinkState::Declared && link.proven_at.is_none()),
                proven: links
                    .iter()
                    .find(|link| link.account_id == a.id && link.state == LinkState::Declared)
                    .and_then(|link| link.proven_at)
                    .map(|at| page.t("networks.ownership.proven").with("date", page.date(&at.date_naive())).into()),
                figures: vec![
                    figure("creators.field.followers", a.followers),
                    figure("creators.field.following", a.following),
                    figure("creators.field.posts", a.posts),
                ],
                source: a.figures_source.map(|s| page.name("metric_source", s).into()).unwrap_or_default(),
                as_of: a.figures_as_of.map(|at| page.date(&at.date_naive())).unwrap_or_default(),
                biography: a.biography.clone(),
                chart: charts.remove(&a.id),
                audience: audience.remove(&a.id).unwrap_or_default().iter().map(|part| shown::part(&page, a.network, part)).collect(),
            })
            .collect(),
        offerings: attached.offerings.remove(&id).unwrap_or_default(),
        portfolio: queries::portfolio(app.db(), id).await?,
        back: vec![Crumb { label: page.t("layout.nav.creators").into(), href: urls::org(by.org(), "creators") }],
        may_invite: by.manager().is_ok(),
        thread: conversations::queries::with(app.db(), &by, [id], None)
            .await?
            .get(&id)
            .map(|id| urls::org(by.org(), format!("inbox/{id}"))),
        shares,
        has_audience: accounts.iter().any(|a| proven(a, &links)),
        top,
        keeping,
        asked,
        tabs: insights::pages::tabs(&page, by.org(), id, "profile"),
        creator: row,
        page: page.clone(),
    };
    page.show(&shown)
}
