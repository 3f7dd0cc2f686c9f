//! Brands and agencies: the list, and one with its members.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use entity::{
    enums::{OrgKind, Role, UserStatus},
    organization,
};

use super::super::queries::organisations::{self, Counts, Filter};
use crate::{
    app::App,
    audit,
    auth::actors::Admin,
    base::paging::Slice,
    error::Result,
    web::{
        download,
        forms::{Choice, Form},
        layout::Page,
        lists::{Asked, Columns, Heading},
        urls,
    },
};

/// An organisation in the table.
struct Row {
    href: String,
    name: String,
    kind: String,
    counts: Counts,
    created: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "admin/organisations.html")]
struct ListPage {
    page: Page,
    form: Form,
    kinds: Vec<Choice>,
    columns: Columns,
    age: Heading,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
    download: String,
}

const COLUMNS: &[&str] = &["kind", "members", "campaigns", "joined", "since"];

fn columns(page: &Page, asked: &Asked) -> Columns {
    Columns::of(asked, COLUMNS.iter().map(|key| (*key, page.t(&format!("admin.organisation.{key}")))))
}

fn filter(asked: &Asked) -> Filter {
    Filter { text: asked.take("q"), kind: asked.choice("kind") }
}

async fn rows(app: &App, page: &Page, found: &[&organization::Model]) -> Result<Vec<Row>> {
    let ids: Vec<_> = found.iter().map(|org| org.id).collect();
    let mut counts = std::collections::HashMap::new();
    for part in ids.chunks(1_000) {
        counts.extend(organisations::counts(app.db(), part).await?);
    }
    let row = |org: &&organization::Model| Row {
        href: urls::admin_organisation(org.id),
        name: org.name.clone(),
        kind: page.name("org_kind", org.kind).into(),
        counts: counts.get(&org.id).copied().unwrap_or_default(),
        created: org.created_at,
    };
    Ok(found.iter().map(row).collect())
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = organisations::list(app.db(), &by, &filter(&asked), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&ListPage {
        kinds: super::choices(&page, "org_kind", &[OrgKind::Brand, OrgKind::Agency]),
        columns: columns(&page, &asked),
        age: asked.age(page.t("admin.organisation.since")),
        rows: rows(&app, &page, &found.items().collect::<Vec<_>>()).await?,
        newer,
        older,
        narrowed: asked.narrowed(),
        download: asked.elsewhere("/admin/organisations.csv"),
        form: asked.form(),
        page: page.clone(),
    })
}

pub(super) async fn list_csv(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let filter = filter(&asked);
    let found = download::all(async |slice: Slice| organisations::list(app.db(), &by, &filter, slice.turned(asked.oldest())).await).await?;
    let columns = columns(&page, &asked);
    let mut out = vec![columns.heads(page.t("admin.organisation.name"))];
    for row in rows(&app, &page, &found.iter().collect::<Vec<_>>()).await? {
        let cells = [
            ("kind", row.kind),
            ("members", row.counts.members.to_string()),
            ("campaigns", row.counts.campaigns.to_string()),
            ("joined", row.counts.joined.to_string()),
            ("since", page.stamp(&row.created)),
        ];
        out.push(columns.cells(row.name, &cells));
    }
    download::list(&app, by.person(), None, "organisations", out).await
}

/// A member, with the way to the person.
struct MemberRow {
    href: String,
    name: String,
    email: String,
    role: Role,
    status: UserStatus,
}

/// Another organisation, with the way to it.
struct Other {
    href: String,
    name: String,
}

impl Other {
    fn of(org: organization::Model) -> Self {
        Self { href: urls::admin_organisation(org.id), name: org.name }
    }
}

#[derive(Template)]
#[template(path = "admin/organisation.html")]
struct OnePage {
    page: Page,
    org: organization::Model,
    counts: Counts,
    members: Vec<MemberRow>,
    agencies: Vec<Other>,
    clients: Vec<Other>,
    facts: u64,
    log: String,
}

pub(super) async fn one(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    let db = app.db();
    let org = organisations::one(db, &by, super::id(&id)?).await?;
    audit::viewed(&app, &by, org.id).await?;
    let members = organisations::members(db, &by, org.id).await?;
    let (agencies, clients) = organisations::delegations(db, &by, org.id).await?;
    page.show(&OnePage {
        counts: organisations::counts(db, &[org.id]).await?.remove(&org.id).unwrap_or_default(),
        members: members
            .into_iter()
            .map(|(role, user)| MemberRow {
                href: format!("/admin/users/{}", user.id),
                name: user.name,
                email: user.email,
                role,
                status: user.status,
            })
            .collect(),
        agencies: agencies.into_iter().map(Other::of).collect(),
        clients: clients.into_iter().map(Other::of).collect(),
        facts: organisations::facts(db, &by, org.id).await?,
        log: format!("{}?subject={}", urls::ADMIN_AUDIT, org.id),
        org,
        page: page.clone(),
    })
}
