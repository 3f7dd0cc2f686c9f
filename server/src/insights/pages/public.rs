//! What everybody sees by the creator's choice: the score page and the media kit, made to be printed.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{creator, enums::InsightScope, network_account, portfolio_item, score_page};
use sea_orm::EntityTrait;

use super::{
    address,
    shown::{self, Eyes, Span, View},
};
use crate::{
    app::App,
    base::lang::Lang,
    creators,
    error::{Error, Result},
    insights::queries,
    web::{layout::Page, urls},
};

/// An account in the media kit.
struct Account {
    network: String,
    handle: String,
    url: String,
    followers: String,
}

#[derive(Template)]
#[template(path = "insights/public.html")]
struct PublicPage {
    page: Page,
    name: String,
    picture: Option<String>,
    view: View,
    here: String,
    with_audience: bool,
}

#[derive(Template)]
#[template(path = "insights/media_kit.html")]
struct MediaKitPage {
    page: Page,
    name: String,
    picture: Option<String>,
    intro: String,
    intro_lang: &'static str,
    view: View,
    accounts: Vec<Account>,
    portfolio: Vec<portfolio_item::Model>,
    here: String,
    /// In full, since paper has no links.
    address: String,
    with_audience: bool,
}

/// The page and whose it is, if it is public.
async fn found(app: &App, slug: &str) -> Result<(score_page::Model, creator::Model)> {
    let held = queries::public_page(app.db(), slug).await?.ok_or(Error::NotFound)?;
    let creator = creator::Entity::find_by_id(held.creator_id).one(app.db()).await?.ok_or(Error::NotFound)?;
    Ok((held, creator))
}

async fn view(app: &App, page: &Page, held: &score_page::Model) -> Result<View> {
    // The creator has chosen to show it: their own figures.
    let eyes = Eyes { scope: InsightScope::Full, own: false, audience: false };
    let mut view = shown::view(app, page, held.creator_id, eyes, &Span::default()).await?;
    if !held.with_audience {
        view.audience.clear();
    }
    Ok(view)
}

pub(super) async fn score(app: web::Data<App>, page: Page, slug: web::Path<String>) -> Result<HttpResponse> {
    let (held, creator) = found(&app, &slug).await?;
    page.show(&PublicPage {
        view: view(&app, &page, &held).await?,
        picture: creator.picture().map(urls::picture),
        name: creator.display_name,
        here: address(&held.slug),
        with_audience: held.with_audience,
        page: page.clone(),
    })
}

pub(super) async fn media_kit(app: web::Data<App>, page: Page, slug: web::Path<String>) -> Result<HttpResponse> {
    let (held, creator) = found(&app, &slug).await?;
    let rows = creators::queries::accounts_of(app.db(), &[creator.id]).await?.remove(&creator.id).unwrap_or_default();
    let account = |row: network_account::Model| Account {
        network: page.name("network", row.network).into(),
        followers: row.followers.map_or_else(|| page.t("insights.unknown").into(), |n| page.lang.count(n)),
        url: Some(row.url).filter(|url| url.starts_with("https://")).unwrap_or_default(),
        handle: row.handle,
    };
    let (intro, lang) = creators::rules::introduction(&creator, page.lang);
    page.show(&MediaKitPage {
        view: view(&app, &page, &held).await?,
        picture: creator.picture().map(urls::picture),
        intro: intro.to_owned(),
        intro_lang: lang.as_str(),
        accounts: rows.into_iter().map(account).collect(),
        portfolio: creators::queries::portfolio(app.db(), creator.id).await?,
        name: creator.display_name.clone(),
        address: app.link(&address(&held.slug)),
        here: address(&held.slug),
        with_audience: held.with_audience,
        page: page.clone(),
    })
}
