//! Price lines in the portal: the creator's own page.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{enums::Locale, ids::OfferingId, offering};

use super::{
    queries,
    rules::{self, Typed},
};
use crate::{
    app::App,
    auth::actors::Creator,
    base::money::{Currency, Money},
    creators::rules::{LineAction, line_actions},
    error::{Error, Problem, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/c/offerings", Who::Creator, list);
    r.post("/c/offerings", Who::Creator, add);
    r.get("/c/offerings/{id}", Who::Creator, one);
    r.post("/c/offerings/{id}", Who::Creator, edit);
    r.post("/c/offerings/{id}/delete", Who::Creator, delete);
    r.post("/c/offerings/{id}/restore", Who::Creator, restore);
}

#[derive(Template)]
#[template(path = "offerings/list.html")]
struct ListPage {
    page: Page,
    lines: Vec<offering::Model>,
    deleted: Option<offering::Model>,
    form: Form,
    work: Vec<Choice>,
    currencies: Vec<Choice>,
    room: bool,
}

#[derive(Template)]
#[template(path = "offerings/one.html")]
struct OnePage {
    page: Page,
    id: OfferingId,
    form: Form,
    work: Vec<Choice>,
    currencies: Vec<Choice>,
}

/// Network and format in one list: without a script a second one cannot follow the first.
fn work(page: &Page) -> Vec<Choice> {
    rules::every_work()
        .map(|w| {
            Choice::new(
                format!("{}.{}", w.network, w.format),
                format!("{} — {}", page.name("network", w.network), page.name("format", w.format)),
            )
        })
        .collect()
}

fn currencies(page: &Page) -> Vec<Choice> {
    Currency::ALL.iter().map(|c| Choice::new(c.code(), page.name("currency", c.code()))).collect()
}

fn typed(form: &Form) -> Typed {
    let (network, format) = form.value("work").split_once('.').unwrap_or_default();
    Typed {
        network: network.to_owned(),
        format: format.to_owned(),
        price: form.take("price"),
        currency: form.take("currency"),
        note: form.take("note"),
    }
}

/// The page has one field for network and format.
fn beside(problems: &[Problem]) -> Vec<Problem> {
    let mut out: Vec<Problem> = Vec::new();
    for problem in problems {
        let mut problem = problem.clone();
        if matches!(problem.field.as_ref(), "network" | "format") {
            problem.field = "work".into();
        }
        if !out.iter().any(|p| p.field == problem.field) {
            out.push(problem);
        }
    }
    out
}

async fn shown(app: &App, page: &Page, by: &Creator, form: Form) -> Result<ListPage> {
    let lines = queries::own(app.db(), by).await?;
    let room = lines.len() < rules::MOST;
    Ok(ListPage { lines, deleted: None, work: work(page), currencies: currencies(page), room, form, page: page.clone() })
}

fn blank(page: &Page) -> Form {
    Form::new().with("currency", if page.lang == Locale::Ja { "JPY" } else { "USD" })
}

fn line_id(id: &str) -> Result<OfferingId> {
    id.parse().map_err(|_| Error::NotFound)
}

async fn list(app: web::Data<App>, page: Page, by: Creator, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let mut shown = shown(&app, &page, &by, blank(&page)).await?;
    if let Some(id) = query.iter().find(|(k, _)| k == "deleted").and_then(|(_, v)| v.parse::<OfferingId>().ok()) {
        let line = queries::one(app.db(), &by, id).await.ok();
        shown.deleted = line.filter(|line| line_actions(line.deleted_at, page.now).contains(&LineAction::Restore));
    }
    page.show(&shown)
}

async fn add(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    match refused(super::add(&app, &by, &typed(&form)).await)? {
        Ok(_) => Ok(page.see(&urls::creator("offerings"), Say::done("offerings.notice.added"))),
        Err(problems) => {
            let form = form.refused(&beside(&problems), page.lang);
            page.again(&shown(&app, &page, &by, form).await?)
        }
    }
}

fn one_page(page: &Page, id: OfferingId, form: Form) -> OnePage {
    OnePage { id, form, work: work(page), currencies: currencies(page), page: page.clone() }
}

async fn one(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let line = queries::one(app.db(), &by, line_id(&id)?).await?;
    if line.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let form = Form::new()
        .with("work", format!("{}.{}", line.network, line.format))
        .with("price", Money::from_row(line.price_minor, &line.currency).plain())
        .with("currency", line.currency)
        .with("note", line.note);
    page.show(&one_page(&page, line.id, form))
}

async fn edit(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = line_id(&id)?;
    match refused(super::edit(&app, &by, id, &typed(&form)).await)? {
        Ok(_) => Ok(page.see(&urls::creator("offerings"), Say::done("offerings.notice.saved"))),
        Err(problems) => page.again(&one_page(&page, id, form.refused(&beside(&problems), page.lang))),
    }
}

async fn delete(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let line = super::delete(&app, &by, line_id(&id)?).await?;
    Ok(page.go(&urls::creator(format!("offerings?deleted={}", line.id))))
}

async fn restore(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    super::restore(&app, &by, line_id(&id)?).await?;
    Ok(page.see(&urls::creator("offerings"), Say::done("offerings.notice.restored")))
}
