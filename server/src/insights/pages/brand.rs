//! A creator's insights as a brand sees them: what the creator shows to brands, else what everybody can see at the networks.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    creator,
    enums::{ConsentPurpose, InsightScope},
    ids::CreatorId,
    portfolio_item,
};

use super::{
    estimates::{self, SimilarLine},
    own::span,
    shown::{self, Eyes, View},
};
use crate::{
    app::App,
    auth::actors::Member,
    consents, creators,
    error::{Error, Result},
    insights::{queries, similar},
    networks::pages::content::{self, Content},
    web::{
        layout::{NavItem, Page},
        lists::Asked,
        urls,
    },
};

const TABS: [&str; 6] = ["profile", "analysis", "content", "audience", "safety", "collaborations"];

/// The tabs of a creator's pages on the brand's side.
pub(crate) fn tabs(page: &Page, org: impl std::fmt::Display, creator: CreatorId, current: &str) -> Vec<NavItem> {
    let home = urls::org(org, format!("creators/{creator}"));
    let item = |tab: &str| NavItem {
        label: page.t(&format!("insights.tab.{tab}")).into(),
        href: if tab == "profile" { home.clone() } else { format!("{home}/{tab}") },
        current: tab == current,
        icon: "grid",
        count: None,
    };
    TABS.into_iter().map(item).collect()
}

/// So many similar creators are shown.
const SIMILAR: usize = 8;

/// One step of the way here.
struct Crumb {
    label: String,
    href: String,
}

#[derive(Template)]
#[template(path = "insights/brand.html")]
struct BrandPage {
    page: Page,
    creator: creator::Model,
    picture: Option<String>,
    back: Vec<Crumb>,
    tabs: Vec<NavItem>,
    tab: &'static str,
    shares: bool,
    view: View,
    portfolio: Vec<portfolio_item::Model>,
    /// None: nothing of the creator is computed; empty on other tabs.
    similar: Option<Vec<SimilarLine>>,
    /// What they published, on the tab of content.
    content: Option<Content>,
    since: String,
    until: String,
}

async fn show(app: &App, page: &Page, by: &Member, id: &str, asked: &Asked, tab: &'static str) -> Result<HttpResponse> {
    let id: CreatorId = id.parse().map_err(|_| Error::NotFound)?;
    let creator = creators::queries::one(app.db(), by.into(), id).await?;
    let shares = consents::queries::holds(app.db(), id, ConsentPurpose::InsightShare).await?;
    let scope: InsightScope = queries::scope_for(false, shares);
    let view = shown::view(app, page, id, Eyes { scope, own: false, audience: false }, &span(asked)).await?;
    page.show(&BrandPage {
        picture: creator.picture().map(urls::picture),
        back: vec![Crumb { label: page.t("layout.nav.creators").into(), href: urls::org(by.org(), "creators") }],
        tabs: tabs(page, by.org(), id, tab),
        portfolio: if tab == "collaborations" { creators::queries::portfolio(app.db(), id).await? } else { Vec::new() },
        similar: if tab == "analysis" {
            similar::similar(app.db(), by.into(), id, SIMILAR).await?.map(|found| estimates::similar(page, by.org(), found))
        } else {
            None
        },
        content: if tab == "content" { Some(content::of_creator(app, page, by, &creator, shares, asked).await?) } else { None },
        since: view.change.as_ref().map(|change| change.since.clone()).unwrap_or_default(),
        until: view.change.as_ref().map(|change| change.until.clone()).unwrap_or_default(),
        creator,
        tab,
        shares,
        view,
        page: page.clone(),
    })
}

type At = web::Path<(String, String)>;

pub(super) async fn overview(app: web::Data<App>, page: Page, by: Member, at: At, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &at.1, &asked, "analysis").await
}

pub(super) async fn content_tab(app: web::Data<App>, page: Page, by: Member, at: At, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &at.1, &asked, "content").await
}

pub(super) async fn audience(app: web::Data<App>, page: Page, by: Member, at: At, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &at.1, &asked, "audience").await
}

pub(super) async fn safety(app: web::Data<App>, page: Page, by: Member, at: At, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &at.1, &asked, "safety").await
}

pub(super) async fn collaborations(app: web::Data<App>, page: Page, by: Member, at: At, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &at.1, &asked, "collaborations").await
}
