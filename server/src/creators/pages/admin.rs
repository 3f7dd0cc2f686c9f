//! The admin's list of creators, with the badge that is given by hand.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    super::{queries, rules},
    brand::{Row, row},
};
use crate::{
    app::App,
    auth::actors::Admin,
    error::{Error, Result},
    web::{forms::Form, layout::Page, lists::Asked, notice::Say, urls},
};

#[derive(Template)]
#[template(path = "creators/admin.html")]
struct AdminPage {
    page: Page,
    form: Form,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let mut typed = super::filter(&asked);
    if typed.sort.is_empty() {
        typed.sort = rules::Order::Newest.to_string();
    }
    let filter = rules::filter(&typed)?;
    let found = queries::list(app.db(), (&by).into(), &filter, asked.slice()).await?;
    let ids: Vec<_> = found.items().map(|c| c.id).collect();
    let attached = queries::attached(app.db(), &ids).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&AdminPage {
        narrowed: asked.narrowed(),
        rows: found.items().map(|c| row(&page, by.person(), c, &attached)).collect(),
        newer,
        older,
        form: asked.form(),
        page: page.clone(),
    })
}

/// Back to the list as it was: the form carries its address.
fn back(form: &Form) -> &str {
    let next = urls::local(form.value("next"));
    if next.starts_with(urls::ADMIN_CREATORS) { next } else { urls::ADMIN_CREATORS }
}

pub(super) async fn vet(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    super::super::vet(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(back(&form), Say::done("creators.notice.vetted")))
}

pub(super) async fn unvet(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    super::super::unvet(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(back(&form), Say::done("creators.notice.unvetted")))
}
