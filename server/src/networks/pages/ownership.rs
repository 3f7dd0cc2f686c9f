//! Where a creator shows by a code that a declared account is theirs (M9).

use actix_web::{HttpResponse, web};
use askama::Template;
use connectors::owners::TAG;
use entity::enums::Network;

use super::{
    super::{queries, rules::LinkAction},
    shown::{self, Outside},
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Error, Result},
    web::{
        forms::Form,
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "networks/ownership.html")]
struct OwnershipPage {
    page: Page,
    form: Form,
    name: String,
    outside: Option<Outside>,
    code: String,
    /// What to write into a page's head; none if it goes into a description.
    tag: Option<String>,
    proven: Option<String>,
    /// Whether its figures are read from then on.
    is_read: bool,
    action: String,
}

async fn shown(app: &App, page: &Page, by: &Creator, id: &str, form: Form) -> Result<OwnershipPage> {
    let link = queries::link(app.db(), by, id.parse().map_err(|_| Error::NotFound)?).await?;
    let account = queries::account_of(app.db(), &link).await?;
    if !super::super::actions(app, &account, &link).contains(&LinkAction::ProveOwnership) {
        return Err(Error::NotFound);
    }
    let tag = format!("<meta name=\"{TAG}\" content=\"{}\">", link.proof_code);
    Ok(OwnershipPage {
        name: format!("{} · {}", page.name("network", account.network), account.handle),
        tag: (account.network == Network::Blog).then_some(tag),
        proven: shown::ownership(page, &link),
        is_read: account.network != Network::Blog,
        action: format!("{}/{}/ownership", urls::NETWORKS, link.id),
        outside: shown::outside(&account.url),
        code: link.proof_code,
        form,
        page: page.clone(),
    })
}

pub(super) async fn page_of(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    page.show(&shown(&app, &page, &by, &id, Form::new()).await?)
}

pub(super) async fn prove(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    match refused(super::super::prove_ownership(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await)? {
        Ok(_) => Ok(page.see(urls::NETWORKS, Say::done("networks.notice.ownership_proven"))),
        Err(problems) => page.again(&shown(&app, &page, &by, &id, Form::new().refused(&problems, page.lang)).await?),
    }
}
