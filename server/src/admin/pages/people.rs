//! Everybody who can sign in: the list, one person, and what an admin does to help or to stop them.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{SuspensionReason, UserStatus},
    user,
};

use super::super::queries::people::{self, Attached, Filter, Kind};
use crate::{
    accounts::{
        self,
        rules::{UserAction, user_actions},
    },
    app::App,
    audit,
    auth::actors::Admin,
    base::paging::Slice,
    error::{Problem, Result},
    web::{
        download,
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::{Asked, Columns, Heading},
        notice::Say,
    },
};

/// A person in a table.
struct Row {
    id: String,
    name: String,
    email: String,
    status: UserStatus,
    /// What they are, and where.
    hats: Vec<String>,
    seen: Option<chrono::DateTime<chrono::Utc>>,
    created: chrono::DateTime<chrono::Utc>,
}

fn hats(page: &Page, row: &user::Model, attached: &Attached) -> Vec<String> {
    let mut out = Vec::new();
    if row.platform_admin {
        out.push(page.name("user_kind", Kind::Admin.as_str()).into());
    }
    if attached.creators.contains_key(&row.id) {
        out.push(page.name("user_kind", Kind::Creator.as_str()).into());
    }
    for (_, org, role) in attached.places.get(&row.id).map_or(&[][..], Vec::as_slice) {
        out.push(page.t("admin.people.place").with("org", org).with("role", page.name("role", role)).into());
    }
    out
}

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    page: Page,
    form: Form,
    statuses: Vec<Choice>,
    kinds: Vec<Choice>,
    columns: Columns,
    age: Heading,
    download: String,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

const COLUMNS: &[&str] = &["email", "hats", "status", "seen", "since"];

fn columns(page: &Page, asked: &Asked) -> Columns {
    Columns::of(asked, COLUMNS.iter().map(|key| (*key, page.t(&format!("admin.people.{key}")))))
}

fn filter(asked: &Asked) -> Filter {
    Filter { text: asked.take("q"), status: asked.choice("status"), kind: asked.choice("kind") }
}

async fn rows(app: &App, page: &Page, found: &[&user::Model]) -> Result<Vec<Row>> {
    let mut out = Vec::with_capacity(found.len());
    for part in found.chunks(1_000) {
        let ids: Vec<_> = part.iter().map(|u| u.id).collect();
        let attached = people::attached(app.db(), &ids).await?;
        out.extend(part.iter().map(|row| Row {
            id: row.id.to_string(),
            name: row.name.clone(),
            email: row.email.clone(),
            status: row.status,
            hats: hats(page, row, &attached),
            seen: attached.seen.get(&row.id).copied(),
            created: row.created_at,
        }));
    }
    Ok(out)
}

/// The list as it is seen, in full.
pub(super) async fn list_csv(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let filter = filter(&asked);
    let found = download::all(async |slice: Slice| people::list(app.db(), &by, &filter, slice.turned(asked.oldest())).await).await?;
    let columns = columns(&page, &asked);
    let mut out = vec![columns.heads(page.t("admin.people.name"))];
    for row in rows(&app, &page, &found.iter().collect::<Vec<_>>()).await? {
        let cells = [
            ("email", row.email),
            ("hats", row.hats.join("; ")),
            ("status", page.name("user_status", row.status).into()),
            ("seen", row.seen.map(|at| page.stamp(&at)).unwrap_or_default()),
            ("since", page.stamp(&row.created)),
        ];
        out.push(columns.cells(row.name, &cells));
    }
    download::list(&app, by.person(), None, "people", out).await
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = people::list(app.db(), &by, &filter(&asked), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&PeoplePage {
        rows: rows(&app, &page, &found.items().collect::<Vec<_>>()).await?,
        columns: columns(&page, &asked),
        age: asked.age(page.t("admin.people.since")),
        download: asked.elsewhere("/admin/users.csv"),
        statuses: super::choices(&page, "user_status", UserStatus::ALL),
        kinds: Kind::ALL.iter().map(|kind| Choice::new(kind.as_str(), page.name("user_kind", kind.as_str()))).collect(),
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage {
    page: Page,
    user: user::Model,
    hats: Vec<String>,
    seen: Option<chrono::DateTime<chrono::Utc>>,
    sessions: u64,
    tokens: u64,
    may_suspend: bool,
    may_restore: bool,
    may_sign_out: bool,
    may_reset_second_factor: bool,
    reasons: Vec<Choice>,
    form: Form,
}

async fn shown(app: &App, page: &Page, by: &Admin, id: &str, form: Form) -> Result<PersonPage> {
    let user = people::one(app.db(), by, super::id(id)?).await?;
    let attached = people::attached(app.db(), &[user.id]).await?;
    let (sessions, tokens) = people::keys(app.db(), by, user.id, app.clock.now()).await?;
    let actions = user_actions(&user, by.person().id());
    Ok(PersonPage {
        hats: hats(page, &user, &attached),
        seen: attached.seen.get(&user.id).copied(),
        sessions,
        tokens,
        may_suspend: actions.contains(&UserAction::Suspend),
        may_restore: actions.contains(&UserAction::Restore),
        may_sign_out: actions.contains(&UserAction::SignOut),
        may_reset_second_factor: actions.contains(&UserAction::ResetSecondFactor),
        reasons: super::choices(page, "suspension_reason", SuspensionReason::ALL),
        form,
        user,
        page: page.clone(),
    })
}

pub(super) async fn one(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    let shown = shown(&app, &page, &by, &id, Form::new()).await?;
    audit::viewed(&app, &by, shown.user.id).await?;
    page.show(&shown)
}

/// To the person's page, which says what was done, or what is in the way.
async fn then(
    app: &App,
    page: &Page,
    by: &Admin,
    id: &str,
    form: Form,
    done: std::result::Result<user::Model, Vec<Problem>>,
    said: &'static str,
) -> Result<HttpResponse> {
    match done {
        Ok(user) => Ok(page.see(&format!("/admin/users/{}", user.id), Say::done(said))),
        Err(problems) => page.again(&shown(app, page, by, id, form.refused(&problems, page.lang)).await?),
    }
}

pub(super) async fn suspend(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let done = refused(accounts::suspend(&app, &by, super::id(&id)?, form.value("reason")).await)?;
    then(&app, &page, &by, &id, form, done, "admin.notice.suspended").await
}

pub(super) async fn restore(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    let done = refused(accounts::restore(&app, &by, super::id(&id)?).await)?;
    then(&app, &page, &by, &id, Form::new(), done, "admin.notice.restored").await
}

pub(super) async fn sign_out(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    let done = refused(accounts::sign_out_everywhere(&app, &by, super::id(&id)?).await)?;
    then(&app, &page, &by, &id, Form::new(), done, "admin.notice.signed_out").await
}

pub(super) async fn reset_second_factor(
    app: web::Data<App>,
    page: Page,
    by: Admin,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse> {
    let done = refused(accounts::reset_second_factor(&app, &by, super::id(&id)?, form.value("email")).await)?;
    then(&app, &page, &by, &id, form, done, "admin.notice.second_reset").await
}
