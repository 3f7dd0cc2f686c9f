//! The table of campaigns.

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
    base::{lang::Text, paging::Slice},
    campaigns::queries::{self, Filter, Order},
    error::Result,
    organisations, participations,
    web::{
        forms::{Choice, Form},
        layout::Page,
        urls,
    },
};

struct Row {
    campaign: campaign::Model,
    href: String,
    tone: &'static str,
    brand: String,
    dates: String,
    budget: String,
    inside: i64,
    asked: i64,
}

struct Column {
    label: Text,
    href: String,
    /// `up`, `down` or empty.
    state: &'static str,
    aria: &'static str,
}

#[derive(Template)]
#[template(path = "campaigns/list.html")]
struct ListPage {
    page: Page,
    home: String,
    new_url: String,
    form: Form,
    states: Vec<Choice>,
    sort: String,
    name: Column,
    starts: Column,
    updated: Column,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    filtered: bool,
    manager: bool,
}

fn query(pairs: &[(&str, &str)]) -> String {
    let kept: Vec<_> = pairs.iter().filter(|(_, v)| !v.is_empty()).collect();
    serde_urlencoded::to_string(kept).unwrap_or_default()
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Member, asked: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let get = |name: &str| asked.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.as_str());
    let (state, search) = (get("state"), get("q"));
    let filter = Filter { states: state.parse().ok().into_iter().collect(), search: search.to_owned() };
    let (order, descending, sort) = match get("sort") {
        "name" => (Order::Name, false, "name"),
        "-name" => (Order::Name, true, "-name"),
        "starts" => (Order::Starts, false, "starts"),
        "-starts" => (Order::Starts, true, "-starts"),
        "updated" => (Order::Updated, false, "updated"),
        _ => (Order::Updated, true, "-updated"),
    };
    let slice = Slice::page(Some(get("after")), Some(get("before")));
    let found = queries::list(app.db(), &by, &filter, order, descending, slice).await?;
    let home = urls::org(by.org(), "campaigns");
    let here = |extra: &[(&str, &str)]| {
        let pairs = [&[("state", state), ("q", search), ("sort", sort)], extra].concat();
        format!("{home}?{}", query(&pairs))
    };
    let (newer, older) = (found.previous().map(|c| here(&[("before", c)])), found.next().map(|c| here(&[("after", c)])));
    let column = |name: &'static str, first: &'static str| {
        let (current, down) = (sort.trim_start_matches('-') == name, sort.starts_with('-'));
        let next = match (current, down) {
            (true, true) => name.to_owned(),
            (true, false) => format!("-{name}"),
            (false, _) => first.to_owned(),
        };
        Column {
            label: page.t(&format!("campaigns.column.{name}")),
            href: format!("{home}?{}", query(&[("state", state), ("q", search), ("sort", &next)])),
            state: match (current, down) {
                (true, true) => "down",
                (true, false) => "up",
                (false, _) => "",
            },
            aria: match (current, down) {
                (true, true) => "descending",
                (true, false) => "ascending",
                (false, _) => "none",
            },
        }
    };
    let brands = organisations::queries::brands(app.db(), &by).await?;
    let counts = queries::funnels(app.db(), found.items().map(|row| row.id)).await?;
    let rows = found.items().map(|row| {
        let counted = counts.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let sum = |fits: fn(ParticipationState) -> bool| counted.iter().filter(|(s, _)| fits(*s)).map(|(_, n)| *n).sum();
        Row {
            href: urls::campaign(by.org(), row.id, ""),
            tone: tone(row.state),
            brand: brands.iter().find(|b| b.id == row.brand_id).map(|b| b.name.clone()).unwrap_or_default(),
            dates: dates(&page, row),
            budget: row.budget_minor.map(|minor| page.money(&minor, &row.currency)).unwrap_or_default(),
            inside: sum(participations::rules::joined),
            asked: sum(|s| s == ParticipationState::Invited),
            campaign: row.clone(),
        }
    });
    page.show(&ListPage {
        new_url: urls::org(by.org(), "campaigns/new"),
        form: Form::new().with("state", state).with("q", search),
        states: CampaignState::ALL.iter().map(|s| Choice::new(s.as_str(), page.name("campaign_state", s))).collect(),
        sort: sort.to_owned(),
        name: column("name", "name"),
        starts: column("starts", "starts"),
        updated: column("updated", "-updated"),
        rows: rows.collect(),
        newer,
        older,
        filtered: !filter.states.is_empty() || !filter.search.is_empty(),
        manager: by.manager().is_ok(),
        page: page.clone(),
        home,
    })
}
