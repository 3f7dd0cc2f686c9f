//! The table of campaigns: filter, order, columns and page are in the address.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    campaign,
    enums::{CampaignState, ParticipationState},
};

use super::head::{dates, tone};
use crate::{
    app::App,
    auth::actors::Member,
    base::{lang::Lang, paging::Slice},
    campaigns::queries::{self, Filter, Order},
    error::Result,
    organisations, participations,
    web::{
        download,
        forms::{Choice, Form},
        layout::Page,
        lists::{Asked, Columns, Heading},
        urls,
    },
};

/// A campaign in a table.
pub(crate) struct Row {
    pub(crate) campaign: campaign::Model,
    pub(crate) href: String,
    pub(crate) tone: &'static str,
    pub(crate) brand: String,
    pub(crate) dates: String,
    pub(crate) budget: String,
    pub(crate) inside: i64,
    pub(crate) asked: i64,
}

#[derive(Template)]
#[template(path = "campaigns/list.html")]
struct ListPage {
    page: Page,
    home: String,
    new_url: String,
    form: Form,
    states: Vec<Choice>,
    sort: &'static str,
    columns: Columns,
    name: Heading,
    starts: Heading,
    updated: Heading,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    filtered: bool,
    manager: bool,
    download: String,
}

const COLUMNS: &[&str] = &["state", "brand", "starts", "budget", "asked", "inside", "updated"];

fn columns(page: &Page, asked: &Asked) -> Columns {
    Columns::of(asked, COLUMNS.iter().map(|key| (*key, page.t(&format!("campaigns.column.{key}")))))
}

fn filter(asked: &Asked) -> Filter {
    Filter { states: asked.choice("state").into_iter().collect(), search: asked.take("q") }
}

/// The order, whether it descends, and as the address writes it.
fn order(asked: &Asked) -> (Order, bool, &'static str) {
    match asked.value("sort") {
        "name" => (Order::Name, false, "name"),
        "-name" => (Order::Name, true, "-name"),
        "starts" => (Order::Starts, false, "starts"),
        "-starts" => (Order::Starts, true, "-starts"),
        "updated" => (Order::Updated, false, "updated"),
        _ => (Order::Updated, true, "-updated"),
    }
}

/// Campaigns of the member's organisation as lines; two statements for any number.
pub(crate) async fn rows(app: &App, page: &Page, by: &Member, found: &[&campaign::Model]) -> Result<Vec<Row>> {
    let brands = organisations::queries::brands(app.db(), by).await?;
    let mut counts = std::collections::HashMap::new();
    for part in found.chunks(1_000) {
        counts.extend(queries::funnels(app.db(), part.iter().map(|row| row.id)).await?);
    }
    let row = |row: &&campaign::Model| {
        let counted = counts.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let sum = |fits: fn(ParticipationState) -> bool| counted.iter().filter(|(s, _)| fits(*s)).map(|(_, n)| *n).sum();
        Row {
            href: urls::campaign(by.org(), row.id, ""),
            tone: tone(row.state),
            brand: brands.iter().find(|b| b.id == row.brand_id).map(|b| b.name.clone()).unwrap_or_default(),
            dates: dates(page, row),
            budget: row.budget_minor.map(|minor| page.money(&minor, &row.currency)).unwrap_or_default(),
            inside: sum(participations::rules::joined),
            asked: sum(|s| s == ParticipationState::Invited),
            campaign: (*row).clone(),
        }
    };
    Ok(found.iter().map(row).collect())
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    let filter = filter(&asked);
    let (order, descending, sort) = order(&asked);
    let slice = Slice::page(Some(asked.value("after")), Some(asked.value("before")));
    let found = queries::list(app.db(), &by, &filter, order, descending, slice).await?;
    let (newer, older) = asked.pager(&found);
    let heading = |name: &str, first: &str| asked.heading(page.t(&format!("campaigns.column.{name}")), name, sort, first);
    let home = urls::org(by.org(), "campaigns");
    page.show(&ListPage {
        new_url: urls::org(by.org(), "campaigns/new"),
        form: asked.form(),
        states: CampaignState::ALL.iter().map(|s| Choice::new(s.as_str(), page.name("campaign_state", s))).collect(),
        sort,
        columns: columns(&page, &asked),
        name: heading("name", "name"),
        starts: heading("starts", "starts"),
        updated: heading("updated", "-updated"),
        rows: rows(&app, &page, &by, &found.items().collect::<Vec<_>>()).await?,
        newer,
        older,
        filtered: asked.narrowed(),
        manager: by.manager().is_ok(),
        download: asked.elsewhere(&format!("{home}.csv")),
        page: page.clone(),
        home,
    })
}

/// The list as it is seen, in full.
pub(super) async fn csv(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    let filter = filter(&asked);
    let (order, descending, _) = order(&asked);
    let found = download::all(async |slice: Slice| queries::list(app.db(), &by, &filter, order, descending, slice).await).await?;
    let columns = columns(&page, &asked);
    let mut out = vec![columns.heads(page.t("campaigns.column.name"))];
    for row in rows(&app, &page, &by, &found.iter().collect::<Vec<_>>()).await? {
        let cells = [
            ("state", page.name("campaign_state", row.campaign.state).into()),
            ("brand", row.brand),
            ("starts", row.dates),
            ("budget", row.budget),
            ("asked", page.lang.count(row.asked)),
            ("inside", page.lang.count(row.inside)),
            ("updated", page.stamp(&row.campaign.updated_at)),
        ];
        out.push(columns.cells(row.campaign.name, &cells));
    }
    download::list(&app, by.person(), Some(by.org()), "campaigns", out).await
}
