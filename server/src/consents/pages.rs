//! Consents in the portal: the creator's page of them, and the brand's button on a creator's page.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    consent,
    enums::{ConsentPurpose, Side},
    ids::OrgId,
};

use super::{By, queries, rules};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    error::{Code, Error, Problem, Result, Wrong},
    web::{
        forms::Form,
        layout::{Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::CONSENTS, Who::Creator, list);
    r.post(urls::CONSENTS, Who::Creator, grant);
    r.post("/c/consents/{id}/revoke", Who::Creator, revoke);
    r.post("/b/{org}/creators/{id}/stories/agree", Who::Manager, agree);
    r.post("/b/{org}/creators/{id}/stories/end", Who::Manager, end);
}

/// A purpose towards everybody, or towards one organisation.
struct Line {
    purpose: &'static str,
    title: String,
    text: String,
    /// Whose yes is missing, or since when it holds.
    says: String,
    tone: &'static str,
    org: String,
    /// The creator's yes, if it holds.
    held: Option<String>,
}

#[derive(Template)]
#[template(path = "consents/list.html")]
struct ListPage {
    page: Page,
    form: Form,
    general: Vec<Line>,
    brands: Vec<Line>,
    before: Vec<(String, String)>,
}

fn line(page: &Page, purpose: ConsentPurpose, org: Option<(OrgId, &str)>, rows: &[consent::Model]) -> Line {
    let of = |side: Side| rows.iter().find(|row| row.purpose == purpose && row.side == side && row.org_id == org.map(|(id, _)| id));
    let own = of(Side::Creator);
    let both = !rules::takes_both(purpose) || of(Side::Brand).is_some();
    let (says, tone) = match (own, both) {
        (Some(row), true) => (page.t("consents.holds").with("date", page.time(&row.granted_at)), "good"),
        (Some(_), false) => (page.t("consents.brand_missing"), "busy"),
        (None, true) if rules::takes_both(purpose) => (page.t("consents.brand_asks"), "warn"),
        (None, _) => (page.t("consents.not_given"), "quiet"),
    };
    Line {
        purpose: purpose.as_str(),
        title: org.map_or_else(|| page.name("consent_purpose", purpose).into(), |(_, name)| name.to_owned()),
        text: page.t(&format!("consents.text.{purpose}")).into(),
        says: says.into(),
        tone,
        org: org.map(|(id, _)| id.to_string()).unwrap_or_default(),
        held: own.map(|row| row.id.to_string()),
    }
}

async fn shown(app: &App, page: &Page, by: &Creator, form: Form) -> Result<ListPage> {
    let db = app.db();
    let standing = queries::standing(db, by.into()).await?;
    let organisations = queries::organisations(db, by).await?;
    let all = queries::list(db, by.into(), crate::base::paging::Slice::default().sized(50)).await?;
    let named = |org: Option<OrgId>| organisations.iter().find(|row| Some(row.id) == org).map(|row| row.name.clone());
    let before = all.items().filter(|row| !rules::holds(row) && row.side == Side::Creator).map(|row| {
        let what = page.name("consent_purpose", row.purpose).to_string();
        let what = named(row.org_id).map_or_else(|| what.clone(), |org| format!("{what} · {org}"));
        let until = row.revoked_at.map(|at| page.time(&at)).unwrap_or_default();
        (what, page.t("consents.was").with("from", page.time(&row.granted_at)).with("to", until).into())
    });
    Ok(ListPage {
        general: ConsentPurpose::ALL
            .iter()
            .filter(|purpose| !rules::names_an_organisation(**purpose))
            .map(|purpose| line(page, *purpose, None, &standing))
            .collect(),
        brands: organisations.iter().map(|org| line(page, ConsentPurpose::StoryArchive, Some((org.id, &org.name)), &standing)).collect(),
        before: before.collect(),
        form,
        page: page.clone(),
    })
}

async fn list(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    page.show(&shown(&app, &page, &by, Form::new()).await?)
}

async fn grant(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    let done = async {
        let purpose = form.value("purpose").parse();
        let purpose = purpose.map_err(|()| Problem::new("purpose", Wrong::new(Code::Invalid, "base.problem.choice")))?;
        let org = match form.value("organisation_id") {
            "" => None,
            id => Some(id.parse().map_err(|_| Error::NotFound)?),
        };
        super::grant(&app, &by, purpose, org).await
    };
    match refused(done.await)? {
        Ok(_) => Ok(page.see(urls::CONSENTS, Say::done("consents.notice.granted"))),
        Err(problems) => page.again(&shown(&app, &page, &by, form.refused(&problems, page.lang)).await?),
    }
}

async fn revoke(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let done = super::revoke(&app, By::Creator(&by), id.parse().map_err(|_| Error::NotFound)?).await;
    let say = match refused(done)? {
        Ok(_) => Say::done("consents.notice.revoked"),
        // Twice clicked: it is what was wanted.
        Err(_) => Say::info("consents.problem.revoked"),
    };
    Ok(page.see(urls::CONSENTS, say))
}

async fn agree(app: web::Data<App>, page: Page, by: Member, at: web::Path<(OrgId, String)>) -> Result<HttpResponse> {
    let by = by.manager()?;
    let creator = at.1.parse().map_err(|_| Error::NotFound)?;
    let say = match refused(super::agree(&app, &by, ConsentPurpose::StoryArchive, creator).await)? {
        Ok(_) => Say::done("consents.notice.agreed"),
        Err(_) => Say::problem("consents.problem.not_joined"),
    };
    Ok(page.see(&urls::org(by.org(), format!("creators/{creator}")), say))
}

async fn end(app: web::Data<App>, page: Page, by: Member, at: web::Path<(OrgId, String)>) -> Result<HttpResponse> {
    let by = by.manager()?;
    let creator = at.1.parse().map_err(|_| Error::NotFound)?;
    let standing = queries::standing(app.db(), (&*by).into()).await?;
    let own = standing.iter().find(|row| row.creator_id == creator && row.side == Side::Brand);
    super::revoke(&app, By::Manager(&by), own.ok_or(Error::NotFound)?.id).await?;
    Ok(page.see(&urls::org(by.org(), format!("creators/{creator}")), Say::done("consents.notice.revoked")))
}
