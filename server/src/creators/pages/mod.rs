//! Creators in the portal: the creator's own home and profile, the brand's table and profile page, the admin's list, and pictures.

mod admin;
mod brand;
mod discover;
mod files;
mod own;
mod welcome;

pub(crate) use discover::chosen;

use std::collections::HashMap;

use entity::{
    creator,
    enums::{CreatorKind, Network},
    ids::AccountId,
    network_account,
};

use super::{
    places::{COUNTRIES, PREFECTURES},
    queries,
    rules::{Category, Tier, TypedFilter},
};
use crate::{
    app::App,
    auth::actors::Person,
    base::{lang::Lang, topics::ONTOLOGY},
    error::Result,
    web::{
        charts::Chart,
        forms::Choice,
        layout::Page,
        lists::Asked,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/c/welcome", Who::Person, welcome::page);
    r.post("/c/welcome", Who::Person, welcome::register);
    r.get("/c", Who::Creator, own::home);
    r.get("/c/profile", Who::Creator, own::profile);
    r.post("/c/profile", Who::Creator, own::edit);
    r.post("/c/profile/picture", Who::Creator, own::set_picture);
    r.post("/c/profile/picture/remove", Who::Creator, own::remove_picture);
    r.post("/c/profile/portfolio", Who::Creator, own::add_item);
    r.get("/c/profile/portfolio/{id}", Who::Creator, own::item);
    r.post("/c/profile/portfolio/{id}", Who::Creator, own::edit_item);
    r.post("/c/profile/portfolio/{id}/delete", Who::Creator, own::delete_item);
    r.post("/c/profile/portfolio/{id}/restore", Who::Creator, own::restore_item);
    r.post(urls::UPLOADS, Who::Person, files::upload);
    r.get("/pictures/{id}", Who::Anyone, files::picture);
    r.get("/b/{org}/discover", Who::Member, discover::everybody);
    r.get("/b/{org}/discover.csv", Who::Member, discover::everybody_csv);
    r.get("/b/{org}/creators", Who::Member, discover::ours);
    r.get("/b/{org}/creators.csv", Who::Member, discover::ours_csv);
    r.get("/b/{org}/creators/{id}", Who::Member, brand::one);
    r.get("/admin/creators", Who::Admin, admin::list);
    r.post("/admin/creators/{id}/vet", Who::Admin, admin::vet);
    r.post("/admin/creators/{id}/unvet", Who::Admin, admin::unvet);
}

/// The names of all topics, to choose from while typing.
fn topics(page: &Page) -> Vec<String> {
    (0..ONTOLOGY.topics().len()).map(|topic| ONTOLOGY.name(topic, page.lang.as_str()).to_owned()).collect()
}

fn categories(page: &Page) -> Vec<Choice> {
    Category::ALL.iter().map(|c| Choice::new(c.as_str(), page.name("category", c))).collect()
}

fn networks(page: &Page) -> Vec<Choice> {
    Network::ALL.iter().map(|n| Choice::new(n.as_str(), page.name("network", n))).collect()
}

fn kinds(page: &Page) -> Vec<Choice> {
    CreatorKind::ALL.iter().map(|k| Choice::new(k.as_str(), page.name("creator_kind", k))).collect()
}

fn tiers(page: &Page) -> Vec<Choice> {
    Tier::ALL.iter().map(|t| Choice::new(t.as_str(), page.t(&format!("creators.tier.{t}")))).collect()
}

fn prefectures(page: &Page) -> Vec<Choice> {
    PREFECTURES.iter().map(|p| Choice::new(*p, page.name("prefecture", p))).collect()
}

/// Every country by its name, Japan first: most who choose here live there.
fn countries(page: &Page) -> Vec<Choice> {
    let mut all: Vec<Choice> = COUNTRIES.iter().map(|code| Choice::new(*code, page.name("country", code))).collect();
    all.sort_by(|a, b| (a.value != "JP", &a.label).cmp(&(b.value != "JP", &b.label)));
    all
}

/// The address of the creator's picture, for a page.
fn picture(creator: &creator::Model) -> Option<String> {
    creator.picture().map(urls::picture)
}

/// A filter as the address holds it.
fn filter(asked: &Asked) -> TypedFilter {
    TypedFilter {
        q: asked.take("q"),
        network: asked.take("network"),
        tier: asked.take("tier"),
        min: asked.take("min"),
        max: asked.take("max"),
        score: asked.take("score"),
        reach: asked.take("reach"),
        engagement: asked.take("engagement"),
        category: asked.take("category"),
        topic: asked.take("topic"),
        country: asked.take("country"),
        registered: asked.value("registered") == "yes",
        verified: asked.value("verified") == "yes",
        listed: false,
        history: asked.take("history"),
        sort: asked.take("sort"),
    }
}

/// How the followers of accounts grew over the last year; an account that was read once only has no line yet.
pub(crate) async fn charts(app: &App, page: &Page, accounts: &[network_account::Model]) -> Result<HashMap<AccountId, Chart>> {
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    let mut out = HashMap::new();
    for (id, readings) in queries::readings(app.db(), &ids, queries::year(page.now)).await? {
        let title = page.t("creators.field.followers_over_time");
        if let Some(chart) = Chart::line(page, title, page.t("creators.field.followers"), &readings)? {
            out.insert(id, chart);
        }
    }
    Ok(out)
}

/// The currency that a reader is likely to think in.
fn currency(by: &Person) -> &'static str {
    match by.locale() {
        entity::enums::Locale::Ja => "JPY",
        entity::enums::Locale::En => "USD",
    }
}

/// A figure in few characters, or that it is not known.
fn figure(page: &Page, value: Option<i64>) -> String {
    value.map_or_else(|| page.t("creators.unknown").into(), |n| page.lang.short(n))
}
