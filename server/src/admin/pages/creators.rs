//! Two profiles of one creator become one.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{creator, ids::CreatorId};

use crate::{
    app::App,
    auth::actors::Admin,
    base::paging::Slice,
    creators::{
        queries::{self, Attached},
        rules::{self, TypedFilter},
    },
    error::{Problem, Result},
    networks,
    web::{
        forms::Form,
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        urls,
    },
};

/// A profile as the admin tells it from another.
struct Row {
    id: CreatorId,
    name: String,
    registered: bool,
    source: String,
    accounts: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/merge.html")]
struct MergePage {
    page: Page,
    form: Form,
    profile: Row,
    others: Vec<Row>,
}

fn row(page: &Page, creator: &creator::Model, attached: &Attached) -> Row {
    let account = |account: &entity::network_account::Model| {
        let followers = account.followers.map_or_else(|| page.t("admin.merge.unknown").into(), |n| page.short(&n));
        format!("{} {} ({followers})", page.name("network", account.network), account.handle)
    };
    Row {
        id: creator.id,
        name: creator.display_name.clone(),
        registered: creator.user_id.is_some(),
        source: page.name("creator_source", creator.source).into(),
        accounts: attached.accounts.get(&creator.id).into_iter().flatten().map(account).collect(),
    }
}

async fn shown(app: &App, page: &Page, by: &Admin, id: &str, form: Form) -> Result<MergePage> {
    let db = app.db();
    let id: CreatorId = super::id(id)?;
    let profile = queries::one(db, by.into(), id).await?;
    let text = if form.value("q").is_empty() { profile.display_name.clone() } else { form.take("q") };
    let filter = rules::filter(&TypedFilter { q: text.clone(), ..TypedFilter::default() })?;
    let found = queries::list(db, by.into(), &filter, Slice::default().sized(20)).await?;
    let ids: Vec<_> = found.items().map(|c| c.id).chain([id]).collect();
    let attached = queries::attached(db, &ids).await?;
    Ok(MergePage {
        others: found.items().filter(|other| other.id != id).map(|other| row(page, other, &attached)).collect(),
        profile: row(page, &profile, &attached),
        form: if form.value("q").is_empty() { form.with("q", text) } else { form },
        page: page.clone(),
    })
}

pub(super) async fn merge_page(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, asked: Asked) -> Result<HttpResponse> {
    page.show(&shown(&app, &page, &by, &id, asked.form()).await?)
}

pub(super) async fn merge(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    match refused(networks::merge_duplicates(&app, &by, super::id(&id)?, form.value("into"), Some(form.value("name"))).await)? {
        Ok(_) => Ok(page.see(urls::ADMIN_CREATORS, Say::done("admin.notice.merged"))),
        Err(problems) => again(&app, &page, &by, &id, form, &problems).await,
    }
}

async fn again(app: &App, page: &Page, by: &Admin, id: &str, form: Form, problems: &[Problem]) -> Result<HttpResponse> {
    page.again(&shown(app, page, by, id, form.refused(problems, page.lang)).await?)
}
