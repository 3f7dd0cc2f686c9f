//! Creators in the portal: the creator's own home and profile, the brand's table and profile page, the admin's list, and pictures.

mod admin;
mod brand;
mod files;
mod own;
mod welcome;

use entity::{
    creator,
    enums::{CreatorKind, Network},
};

use super::{
    places::{COUNTRIES, PREFECTURES},
    rules::{Category, Tier, TypedFilter},
};
use crate::{
    auth::actors::Person,
    base::lang::Lang,
    base::paging::Page as Rows,
    web::{
        forms::{Choice, Form},
        layout::Page,
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
    r.post("/uploads", Who::Person, files::upload);
    r.get("/pictures/{id}", Who::Anyone, files::picture);
    r.get("/b/{org}/creators", Who::Member, brand::list);
    r.get("/b/{org}/creators/{id}", Who::Member, brand::one);
    r.get("/admin/creators", Who::Admin, admin::list);
    r.post("/admin/creators/{id}/vet", Who::Admin, admin::vet);
    r.post("/admin/creators/{id}/unvet", Who::Admin, admin::unvet);
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

/// A filter as the address holds it, and the form that shows it again.
fn filter(query: &[(String, String)]) -> (TypedFilter, Form) {
    let value = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let typed = TypedFilter {
        q: value("q"),
        network: value("network"),
        tier: value("tier"),
        min: value("min"),
        max: value("max"),
        category: value("category"),
        country: value("country"),
        registered: value("registered") == "yes",
        sort: value("sort"),
    };
    let form = query.iter().fold(Form::new(), |form, (name, value)| form.with(name, value.clone()));
    (typed, form)
}

/// This list's address with another value of one thing, from the first page.
fn with(path: &str, query: &[(String, String)], name: &str, value: &str) -> String {
    let kept = query.iter().filter(|(k, v)| k != name && k != "after" && k != "before" && !v.is_empty());
    let all: Vec<(&str, &str)> = kept.map(|(k, v)| (k.as_str(), v.as_str())).chain((!value.is_empty()).then_some((name, value))).collect();
    match serde_urlencoded::to_string(&all) {
        Ok(text) if !text.is_empty() => format!("{path}?{text}"),
        _ => path.to_owned(),
    }
}

/// The addresses of the pages before and after this one.
fn pager<T>(path: &str, query: &[(String, String)], rows: &Rows<T>) -> (Option<String>, Option<String>) {
    (rows.previous().map(|c| with(path, query, "before", c)), rows.next().map(|c| with(path, query, "after", c)))
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
