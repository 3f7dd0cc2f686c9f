//! The creator's analysis as brands see it (K6), and the page that shows it to everybody.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use entity::{
    enums::{ConsentPurpose, InsightScope},
    score_page,
};

use super::{
    address,
    shown::{self, Eyes, Span, View},
};
use crate::{
    app::App,
    auth::actors::Creator,
    consents,
    error::{Code, Result},
    insights::{self, queries},
    web::{
        forms::Form,
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "insights/analysis.html")]
struct AnalysisPage {
    page: Page,
    view: View,
    /// Whether brands see the full figures.
    shares: bool,
    /// The score that brands see while they do not.
    public_value: Option<i64>,
    consents: &'static str,
    /// Where the page is that everybody sees, while it is public.
    published: Option<String>,
    since: String,
    until: String,
}

/// The days in an address.
pub(super) fn span(asked: &Asked) -> Span {
    let day = |name: &str| asked.value(name).parse::<NaiveDate>().ok();
    Span { since: day("since"), until: day("until") }
}

pub(super) async fn analysis(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    let db = app.db();
    let eyes = Eyes { scope: InsightScope::Full, own: true, audience: true };
    let span = span(&asked);
    let view = shown::view(&app, &page, by.id(), eyes, &span).await?;
    let held = queries::pages_of(db, &[by.id()]).await?.remove(&by.id());
    let public = queries::row(db, by.id(), InsightScope::Public).await?;
    page.show(&AnalysisPage {
        shares: consents::queries::holds(db, by.id(), ConsentPurpose::InsightShare).await?,
        public_value: public.and_then(|row| row.score).map(|value| value.round() as i64),
        consents: urls::CONSENTS,
        published: held.filter(|row| row.published_at.is_some()).map(|row| address(&row.slug)),
        since: view.change.as_ref().map(|change| change.since.clone()).unwrap_or_default(),
        until: view.change.as_ref().map(|change| change.until.clone()).unwrap_or_default(),
        view,
        page: page.clone(),
    })
}

pub(super) async fn refresh(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    let say = match refused(insights::refresh(&app, &by).await)? {
        Ok(()) => Say::done("insights.notice.refreshing"),
        Err(_) => Say::info("insights.problem.fresh"),
    };
    Ok(page.see(urls::ANALYSIS, say))
}

#[derive(Template)]
#[template(path = "insights/page.html")]
struct PagePage {
    page: Page,
    form: Form,
    /// In full, while it is public.
    published: Option<String>,
    local: String,
    has_score: bool,
    prefix: String,
}

async fn shown_page(app: &App, page: &Page, by: &Creator, form: Form) -> Result<PagePage> {
    let held = queries::pages_of(app.db(), &[by.id()]).await?.remove(&by.id());
    let public = held.filter(|row| row.published_at.is_some());
    Ok(PagePage {
        has_score: queries::rows_of(app.db(), &[by.id()]).await?.iter().any(|row| row.score.is_some()),
        local: public.as_ref().map(|row| address(&row.slug)).unwrap_or_default(),
        published: public.map(|row| app.link(&address(&row.slug))),
        prefix: app.link(&address("")),
        form,
        page: page.clone(),
    })
}

fn form_of(row: Option<&score_page::Model>) -> Form {
    let Some(row) = row else { return Form::new() };
    let form = Form::new().with("slug", &row.slug);
    if row.with_audience { form.with("with_audience", "yes") } else { form }
}

pub(super) async fn page(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    let held = queries::pages_of(app.db(), &[by.id()]).await?.remove(&by.id());
    page.show(&shown_page(&app, &page, &by, form_of(held.as_ref())).await?)
}

const PAGE: &str = "/c/analysis/page";

pub(super) async fn publish(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    let typed = insights::Page { slug: form.value("slug").to_owned(), with_audience: !form.value("with_audience").is_empty() };
    match refused(insights::publish(&app, &by, typed).await)? {
        Ok(_) => Ok(page.see(PAGE, Say::done("insights.notice.published"))),
        Err(problems) => page.again(&shown_page(&app, &page, &by, form.refused(&problems, page.lang)).await?),
    }
}

pub(super) async fn hide(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    let say = match refused(insights::unpublish(&app, &by).await)? {
        Ok(_) => Say::done("insights.notice.hidden"),
        // Twice clicked: it is what was wanted.
        Err(problems) if problems.iter().all(|problem| problem.wrong.code == Code::AlreadyDone) => Say::info("insights.problem.not_public"),
        Err(_) => Say::problem("insights.problem.not_public"),
    };
    Ok(page.see(PAGE, say))
}

/// The creator's score in a line, for their home.
pub(crate) struct Summary {
    pub(crate) value: i64,
    pub(crate) says: String,
}

/// None without a score.
pub(crate) async fn summary(app: &App, page: &Page, by: &Creator) -> Result<Option<Summary>> {
    let row = queries::row(app.db(), by.id(), InsightScope::Full).await?;
    Ok(row.and_then(|row| {
        let reach = super::figures::people(page, row.true_reach?);
        Some(Summary {
            value: row.score?.round() as i64,
            says: page.t("insights.home.says").with("reach", reach).with("day", page.date(&row.day)).into(),
        })
    }))
}
