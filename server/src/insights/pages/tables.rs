//! Reference tables in the portal, for platform admins.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{enums::ReferenceTableKind as Kind, ids::UserId, reference_table};

use crate::{
    app::App,
    auth::actors::Admin,
    base::paging,
    error::{Error, Problem, Result},
    insights::tables::{
        self, Save,
        content::{self, Content, Difference, differences},
        queries::{self, Standing},
        rules,
    },
    web::{
        forms::Form,
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this part.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::ADMIN_TABLES, Who::Admin, list);
    r.get("/admin/tables/{kind}", Who::Admin, one);
    r.post("/admin/tables/{kind}", Who::Admin, save);
    r.get("/admin/tables/{kind}/{version}", Who::Admin, version);
    r.post("/admin/tables/{kind}/{version}/restore", Who::Admin, restore);
}

fn kind_of(text: &str) -> Result<Kind> {
    text.parse().map_err(|_| Error::NotFound)
}

fn number(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound)
}

fn address(kind: Kind) -> String {
    format!("{}/{kind}", urls::ADMIN_TABLES)
}

#[derive(Template)]
#[template(path = "insights/tables.html")]
struct ListPage {
    page: Page,
    tables: Vec<Standing>,
    authors: HashMap<UserId, String>,
}

impl ListPage {
    fn author(&self, row: &reference_table::Model) -> &str {
        self.authors.get(&row.user_id).map_or("–", String::as_str)
    }
}

async fn list(app: web::Data<App>, page: Page, by: Admin) -> Result<HttpResponse> {
    let tables = queries::all(app.db(), &by).await?;
    let authors = queries::authors(app.db(), &by, tables.iter().filter_map(|one| Some(one.row.as_ref()?.user_id))).await?;
    page.show(&ListPage { page: page.clone(), tables, authors })
}

/// A line that is wrong.
struct WrongLine {
    line: u64,
    text: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "insights/table.html")]
struct OnePage {
    page: Page,
    kind: Kind,
    standing: Standing,
    columns: String,
    form: Form,
    wrong: Vec<WrongLine>,
    /// What would differ, if that was asked for.
    preview: Option<Vec<Difference>>,
    found: paging::Page<reference_table::Model>,
    authors: HashMap<UserId, String>,
    newer: Option<String>,
    older: Option<String>,
    url: String,
}

impl OnePage {
    fn author(&self, row: &reference_table::Model) -> &str {
        self.authors.get(&row.user_id).map_or("–", String::as_str)
    }
}

async fn shown(app: &App, page: &Page, by: &Admin, kind: Kind, asked: &Asked, form: Option<Form>) -> Result<OnePage> {
    let standing = queries::one(app.db(), by, kind).await?;
    let found = queries::versions(app.db(), by, kind, asked.slice()).await?;
    let authors = queries::authors(app.db(), by, found.items().map(|row| row.user_id)).await?;
    let (newer, older) = asked.pager(&found);
    let fresh = || Form::new().with("content", standing.content()).with("based_on", standing.version().to_string());
    Ok(OnePage {
        kind,
        columns: content::columns(kind).join(","),
        form: form.unwrap_or_else(fresh),
        wrong: Vec::new(),
        preview: None,
        standing,
        found,
        authors,
        newer,
        older,
        url: address(kind),
        page: page.clone(),
    })
}

async fn one(app: web::Data<App>, page: Page, by: Admin, path: web::Path<String>, asked: Asked) -> Result<HttpResponse> {
    page.show(&shown(&app, &page, &by, kind_of(&path)?, &asked, None).await?)
}

/// The lines that problems are about, as they were typed.
fn wrong_lines(page: &Page, typed: &str, problems: &[Problem]) -> Vec<WrongLine> {
    // Lines are counted as the rules count them: without what stands before the first word.
    let lines: Vec<&str> = typed.trim().lines().collect();
    let of = |problem: &Problem| {
        let line = rules::line_of(&problem.field)?;
        let text = usize::try_from(line).ok().and_then(|at| lines.get(at.checked_sub(1)?)).copied().unwrap_or_default();
        Some(WrongLine { line, text: text.to_owned(), problem: problem.wrong.text(page.lang).into() })
    };
    problems.iter().filter_map(of).collect()
}

async fn again(app: &App, page: &Page, by: &Admin, kind: Kind, form: Form, problems: &[Problem]) -> Result<HttpResponse> {
    let wrong = wrong_lines(page, form.value("content"), problems);
    let form = form.refused(problems, page.lang);
    page.again(&OnePage { wrong, ..shown(app, page, by, kind, &Asked::nothing(&address(kind)), Some(form)).await? })
}

async fn save(app: web::Data<App>, page: Page, by: Admin, path: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let kind = kind_of(&path)?;
    if form.value("do") == "preview" {
        return preview(&app, &page, &by, kind, form).await;
    }
    let typed = Save { content: form.take("content"), note: form.take("note"), based_on: form.value("based_on").parse().ok() };
    match refused(tables::save(&app, &by, kind, typed).await)? {
        Ok(row) => Ok(page.see(&address(kind), Say::done("insights.tables.notice.saved").n(row.version))),
        Err(problems) => again(&app, &page, &by, kind, form, &problems).await,
    }
}

async fn preview(app: &App, page: &Page, by: &Admin, kind: Kind, form: Form) -> Result<HttpResponse> {
    match refused(rules::read(kind, form.value("content")))? {
        Ok(after) => {
            let seen = shown(app, page, by, kind, &Asked::nothing(&address(kind)), Some(form)).await?;
            let before = rules::read(kind, &seen.standing.content())?;
            page.show(&OnePage { preview: Some(differences(&before, &after)), ..seen })
        }
        Err(problems) => again(app, page, by, kind, form, &problems).await,
    }
}

#[derive(Template)]
#[template(path = "insights/table_version.html")]
struct VersionPage {
    page: Page,
    form: Form,
    kind: Kind,
    version: i32,
    /// None = what ships.
    row: Option<reference_table::Model>,
    author: String,
    content: String,
    /// From this version to the one in force.
    differs: Vec<Difference>,
    in_force: i32,
    url: String,
}

async fn seen(app: &App, page: &Page, by: &Admin, kind: Kind, version: i32, form: Form) -> Result<VersionPage> {
    let standing = queries::one(app.db(), by, kind).await?;
    let row = if version == 0 { None } else { Some(queries::version(app.db(), by, kind, version).await?) };
    let content = row.as_ref().map_or_else(|| Content::shipped(kind).csv(), |row| row.content.clone());
    let differs = match (rules::read(kind, &content), rules::read(kind, &standing.content())) {
        (Ok(this), Ok(now)) => differences(&now, &this),
        _ => Vec::new(),
    };
    let author = match &row {
        Some(row) => queries::authors(app.db(), by, [row.user_id]).await?.remove(&row.user_id).unwrap_or_default(),
        None => String::new(),
    };
    let url = address(kind);
    Ok(VersionPage { form, kind, version, row, author, content, differs, in_force: standing.version(), url, page: page.clone() })
}

async fn version(app: web::Data<App>, page: Page, by: Admin, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    page.show(&seen(&app, &page, &by, kind_of(&path.0)?, number(&path.1)?, Form::new()).await?)
}

async fn restore(app: web::Data<App>, page: Page, by: Admin, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let (kind, version) = (kind_of(&path.0)?, number(&path.1)?);
    match refused(tables::restore(&app, &by, kind, version, form.value("note")).await)? {
        Ok(row) => Ok(page.see(&address(kind), Say::done("insights.tables.notice.restored").n(row.version))),
        Err(problems) => page.again(&seen(&app, &page, &by, kind, version, form.refused(&problems, page.lang)).await?),
    }
}
