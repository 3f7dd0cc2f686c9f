//! The public pages: home, the two landing pages, code of conduct, data notice, language switch.

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
    web,
};
use askama::Template;

use super::{
    forms::Form,
    layout::Page,
    routes::{Routes, Who},
    urls,
};
use crate::{
    accounts,
    app::App,
    auth::extract,
    error::{Error, Result},
};

/// The routes of this room.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/", Who::Anyone, home);
    r.get("/creators", Who::Anyone, creators);
    r.get("/brands", Who::Anyone, brands);
    r.get("/conduct", Who::Anyone, conduct);
    r.get("/privacy", Who::Anyone, privacy);
    r.get("/parts", Who::Anyone, super::parts::parts);
    r.post("/language", Who::Anyone, language);
    r.get("/assets/{print}/{path:.*}", Who::Anyone, super::assets::serve);
    r.get("/healthz", Who::Anyone, super::health::alive);
    r.get("/readyz", Who::Anyone, super::health::ready);
    r.get("/schema.graphql", Who::Anyone, schema);
    r.get("/graphiql", Who::Anyone, graphiql);
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct HomePage {
    page: Page,
}

#[derive(Template)]
#[template(path = "public/creators.html")]
struct CreatorsPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "public/brands.html")]
struct BrandsPage {
    page: Page,
    figures: Vec<Figure>,
}

/// A quoted figure (M2): never without its source and date.
struct Figure {
    value: String,
    text: String,
    source: String,
}

#[derive(Template)]
#[template(path = "public/conduct.html")]
struct ConductPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "public/privacy.html")]
struct PrivacyPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "public/graphiql.html")]
struct GraphiqlPage {
    page: Page,
}

async fn home(page: Page) -> Result<HttpResponse> {
    page.show(&HomePage { page: page.clone() })
}

async fn creators(page: Page) -> Result<HttpResponse> {
    page.show(&CreatorsPage { page: page.clone() })
}

/// The figures of M2, as quoted in the page's locale file; the list here is only their order.
const FIGURES: &[&str] = &["trust", "fewer", "flooded", "gen_z", "learn", "returned", "not_doing"];

async fn brands(page: Page) -> Result<HttpResponse> {
    let figures = FIGURES
        .iter()
        .map(|name| {
            let text = |part: &str| page.t(&format!("figures.{name}.{part}")).into();
            Figure { value: text("value"), text: text("text"), source: text("source") }
        })
        .collect();
    page.show(&BrandsPage { figures, page: page.clone() })
}

async fn conduct(page: Page) -> Result<HttpResponse> {
    page.show(&ConductPage { page: page.clone() })
}

async fn privacy(page: Page) -> Result<HttpResponse> {
    page.show(&PrivacyPage { page: page.clone() })
}

/// Remembers the language: in the account of whoever is signed in, else on this browser.
async fn language(request: actix_web::HttpRequest, app: web::Data<App>, page: Page, form: Form) -> Result<HttpResponse> {
    let chosen = crate::base::text::locale(form.value("lang")).map_err(|wrong| crate::error::Problem::new("lang", wrong))?;
    if let Some(person) = extract::visitor(&request).await? {
        let edit = accounts::Edit { locale: Some(chosen.as_str().to_owned()), ..Default::default() };
        accounts::edit(&app, &person, edit).await?;
    }
    let cookie = Cookie::build("lang", chosen.as_str())
        .path("/")
        .http_only(true)
        .secure(app.config.secure())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    let mut answer = page.go(urls::local(form.value("next")));
    answer.add_cookie(&cookie).map_err(|e| anyhow::anyhow!("cookie: {e}"))?;
    Ok(answer)
}

async fn schema() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type("text/plain; charset=utf-8")
        .body(crate::graph::schema::sdl())
}

async fn graphiql(app: web::Data<App>, page: Page) -> Result<HttpResponse> {
    if !app.config.graphql.graphiql {
        return Err(Error::NotFound);
    }
    page.show(&GraphiqlPage { page: page.clone() })
}
