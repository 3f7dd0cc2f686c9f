//! The log in the portal: of everything for admins, of their organisation for owners.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use entity::event;

use super::{
    queries::{self, AREAS, Eyes, Filter},
    subjects::{self, Named},
};
use crate::{
    app::App,
    auth::actors::{Admin, Member, Person},
    base::text,
    error::{Check, Result},
    web::{
        download,
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of the log.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/admin/audit", Who::Admin, of_all);
    r.get("/admin/audit.csv", Who::Admin, of_all_csv);
    r.get("/b/{org}/audit", Who::Owner, of_org);
    r.get("/b/{org}/audit.csv", Who::Owner, of_org_csv);
}

/// A fact in words.
struct Row {
    at: DateTime<Utc>,
    what: String,
    kind: String,
    who: String,
    subject: String,
    /// The subject by its name.
    named: Option<Named>,
    details: String,
}

async fn rows<'a>(app: &App, page: &Page, eyes: Eyes, facts: impl Iterator<Item = &'a event::Model> + Clone) -> Result<Vec<Row>> {
    let names = queries::names(app.db(), facts.clone()).await?;
    let named = subjects::named(app.db(), eyes, facts.clone()).await?;
    Ok(facts
        .map(|fact| Row {
            at: fact.at,
            what: page.name("event", &fact.kind).into(),
            kind: fact.kind.clone(),
            who: match fact.user_id {
                Some(id) => names.get(&id).cloned().unwrap_or_default(),
                None => page.t("audit.system").into(),
            },
            named: named.get(&fact.subject).cloned(),
            subject: fact.subject.clone(),
            details: if fact.data.as_object().is_some_and(serde_json::Map::is_empty) { String::new() } else { fact.data.to_string() },
        })
        .collect())
}

#[derive(Template)]
#[template(path = "audit/log.html")]
struct LogPage {
    page: Page,
    /// This page's path.
    path: String,
    form: Form,
    areas: Vec<Choice>,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
    download: String,
}

/// When a day begins where the reader is; where clocks skip midnight, when it begins in UTC.
fn midnight(page: &Page, day: NaiveDate) -> DateTime<Utc> {
    let start = day.and_time(chrono::NaiveTime::MIN);
    page.zone.from_local_datetime(&start).earliest().map_or_else(|| start.and_utc(), |at| at.with_timezone(&Utc))
}

fn filter(page: &Page, asked: &Asked) -> Result<Filter> {
    let mut check = Check::default();
    let since = check.take("since", text::optional_day(asked.value("since")));
    let until = check.take("until", text::optional_day(asked.value("until")));
    let (since, until) = check.all((since, until))?;
    Ok(Filter {
        area: AREAS.iter().find(|area| **area == asked.value("area")).map_or_else(String::new, |area| (*area).to_owned()),
        who: asked.take("who"),
        subject: asked.take("subject"),
        since: since.map(|day| midnight(page, day)),
        until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| midnight(page, day)),
    })
}

async fn log(app: &App, page: &Page, eyes: Eyes, asked: &Asked, path: String) -> Result<HttpResponse> {
    let (found, form, fine) = match refused(filter(page, asked))? {
        Ok(filter) => (Some(queries::list(app.db(), eyes, &filter, asked.slice()).await?), asked.form(), true),
        Err(problems) => (None, asked.form().refused(&problems, page.lang), false),
    };
    let (newer, older) = found.as_ref().map_or((None, None), |found| asked.pager(found));
    let facts: Vec<&event::Model> = found.iter().flat_map(|found| found.items()).collect();
    let shown = LogPage {
        areas: AREAS.iter().map(|area| Choice::new(*area, page.name("event_area", area))).collect(),
        rows: rows(app, page, eyes, facts.into_iter()).await?,
        newer,
        older,
        narrowed: asked.narrowed(),
        download: asked.elsewhere(&format!("{path}.csv")),
        form,
        path,
        page: page.clone(),
    };
    if fine { page.show(&shown) } else { page.again(&shown) }
}

async fn csv(app: &App, page: &Page, by: &Person, eyes: Eyes, asked: &Asked) -> Result<HttpResponse> {
    let facts = super::export(app, by, eyes, &filter(page, asked)?).await?;
    let head = ["audit.when", "audit.what", "admin.job.kind", "audit.who", "audit.named", "audit.subject", "audit.details"]
        .map(|key| page.t(key).into());
    let mut rows_of = Vec::with_capacity(facts.len());
    for part in facts.chunks(1_000) {
        rows_of.extend(rows(app, page, eyes, part.iter()).await?);
    }
    let lines = rows_of.into_iter().map(|row| {
        let named = row.named.map(|named| named.name).unwrap_or_default();
        vec![page.stamp(&row.at), row.what, row.kind, row.who, named, row.subject, row.details]
    });
    download::csv(&download::file_name(app, "audit", facts.len()), std::iter::once(head.to_vec()).chain(lines))
}

async fn of_all(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    log(&app, &page, (&by).into(), &asked, urls::ADMIN_AUDIT.into()).await
}

async fn of_all_csv(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    csv(&app, &page, by.person(), (&by).into(), &asked).await
}

async fn of_org(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    log(&app, &page, (&by.owner()?).into(), &asked, urls::org(by.org(), "audit")).await
}

async fn of_org_csv(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    csv(&app, &page, by.person(), (&by.owner()?).into(), &asked).await
}
