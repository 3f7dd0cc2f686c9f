//! Pictures beside figures that were handed in (K23): the admins' list of them, and the files for those who see the figures.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName},
    web,
};
use askama::Template;
use entity::{
    enums::ProofReview,
    ids::{CreatorId, OrgId},
    manual_insight, network_account, upload,
};

use super::super::proofs::{self, Eyes, Which};
use crate::{
    app::App,
    auth::actors::{Admin, Creator, Member},
    base::lang::Lang,
    creators,
    error::{Error, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        urls,
    },
};

/// A picture as it is shown beside figures.
pub(crate) struct Proof {
    pub(crate) href: String,
    pub(crate) tone: &'static str,
    pub(crate) says: String,
    pub(crate) note: String,
}

/// Of a row, if it has one; `at` is where such rows are found.
pub(crate) fn proof(page: &Page, row: &manual_insight::Model, at: &str) -> Option<Proof> {
    row.proof_id?;
    let (tone, says) = match row.review {
        None => ("quiet", page.t("networks.proof.waiting")),
        Some(ProofReview::Seen) => ("good", page.name("proof_review", ProofReview::Seen)),
        Some(ProofReview::Refused) => ("bad", page.name("proof_review", ProofReview::Refused)),
    };
    Some(Proof { href: format!("{at}/{}/proof", row.id), tone, says: says.into(), note: row.review_note.clone() })
}

/// The figures of a row, in words.
pub(crate) fn figures(page: &Page, row: &manual_insight::Model) -> Vec<(String, String)> {
    let all: BTreeMap<String, i64> = serde_json::from_value(row.figures.clone()).unwrap_or_default();
    all.iter().map(|(measure, n)| (page.name("measure", measure).into(), page.lang.count(*n))).collect()
}

/// Figures that were handed in.
pub(super) struct Given {
    pub(super) figures: Vec<(String, String)>,
    pub(super) as_of: String,
    pub(super) note: String,
    pub(super) proof: Option<Proof>,
}

/// What stands in a row.
pub(super) fn given(page: &Page, row: &manual_insight::Model, at: &str) -> Given {
    Given {
        figures: figures(page, row),
        as_of: row.as_of.map(|day| page.date(&day)).unwrap_or_default(),
        note: row.note.clone(),
        proof: proof(page, row, at),
    }
}

/// The picture as nothing but what it is, for nobody but who asked.
fn served(row: upload::Model) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, row.content_type))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(row.bytes)
}

async fn file(app: &App, eyes: Eyes<'_>, id: &str) -> Result<HttpResponse> {
    Ok(served(proofs::picture(app.db(), eyes, id.parse().map_err(|_| Error::NotFound)?).await?))
}

pub(super) async fn own_file(app: web::Data<App>, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    file(&app, Eyes::Creator(&by), &id).await
}

pub(super) async fn members_file(app: web::Data<App>, by: Member, at: web::Path<(OrgId, String)>) -> Result<HttpResponse> {
    file(&app, Eyes::Member(&by), &at.1).await
}

pub(super) async fn admins_file(app: web::Data<App>, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    file(&app, Eyes::Admin(&by), &id).await
}

/// A line of the admins' list.
struct Line {
    href: String,
    creator: String,
    account: String,
    given: Given,
    handed_in: String,
}

#[derive(Template)]
#[template(path = "networks/proofs.html")]
struct ProofsPage {
    page: Page,
    form: Form,
    choices: Vec<Choice>,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
}

async fn lines(app: &App, page: &Page, by: &Admin, rows: &[&manual_insight::Model]) -> Result<Vec<Line>> {
    let ids: Vec<CreatorId> = rows.iter().map(|row| row.creator_id).collect();
    let names = creators::queries::names(app.db(), by.into(), &ids).await?;
    let accounts = creators::queries::accounts_of(app.db(), &ids).await?;
    let account = |row: &manual_insight::Model| -> Option<&network_account::Model> {
        accounts.get(&row.creator_id)?.iter().find(|account| account.id == row.account_id)
    };
    Ok(rows
        .iter()
        .map(|row| Line {
            href: urls::admin_proof(row.id),
            creator: names.get(&row.creator_id).cloned().unwrap_or_default(),
            account: account(row).map(|one| format!("{} {}", page.name("network", one.network), one.handle)).unwrap_or_default(),
            given: given(page, row, urls::ADMIN_PROOFS),
            handed_in: row.answered_at.map(|at| page.time(&at)).unwrap_or_default(),
        })
        .collect())
}

/// What may be said of a picture.
fn words(page: &Page) -> [Choice; 2] {
    [ProofReview::Seen, ProofReview::Refused].map(|one| Choice::new(one.as_str(), page.name("proof_review", one)))
}

fn choices(page: &Page) -> Vec<Choice> {
    let [seen, refused] = words(page);
    vec![Choice::new("waiting", page.t("networks.proof.waiting")), seen, refused, Choice::new("all", page.t("networks.posts.any"))]
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let which = asked.choice::<Which>("review").unwrap_or_default();
    let found = proofs::list(app.db(), &by, which, asked.slice().sized(20)).await?;
    let (newer, older) = asked.pager(&found);
    let rows: Vec<_> = found.items().collect();
    page.show(&ProofsPage {
        lines: lines(&app, &page, &by, &rows).await?,
        choices: choices(&page),
        form: asked.form(),
        newer,
        older,
        page: page.clone(),
    })
}

#[derive(Template)]
#[template(path = "networks/proof.html")]
struct ProofPage {
    page: Page,
    line: Line,
    form: Form,
    said: Vec<Choice>,
}

async fn shown(app: &App, page: &Page, by: &Admin, id: &str, form: Option<Form>) -> Result<ProofPage> {
    let row = proofs::one(app.db(), Eyes::Admin(by), id.parse().map_err(|_| Error::NotFound)?).await?;
    let form = form.unwrap_or_else(|| {
        Form::new().with("review", row.review.map_or("", |review| review.as_str())).with("note", row.review_note.as_str())
    });
    let line = lines(app, page, by, &[&row]).await?.pop().ok_or(Error::NotFound)?;
    Ok(ProofPage { line, form, said: words(page).into(), page: page.clone() })
}

pub(super) async fn one(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    page.show(&shown(&app, &page, &by, &id, None).await?)
}

pub(super) async fn review(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let proof = id.parse().map_err(|_| Error::NotFound)?;
    match refused(proofs::review(&app, &by, proof, form.value("review"), form.value("note")).await)? {
        Ok(_) => Ok(page.see(urls::ADMIN_PROOFS, Say::done("networks.notice.reviewed"))),
        Err(problems) => page.again(&shown(&app, &page, &by, &id, Some(form.refused(&problems, page.lang))).await?),
    }
}
