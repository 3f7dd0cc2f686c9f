//! What everybody sees by the creator's choice: the score page and the media kit, made to be printed.

use actix_web::{HttpResponse, http::header, web};
use askama::Template;
use entity::{creator, enums::InsightScope, network_account, portfolio_item, score_page};

use super::{
    address,
    shown::{self, Eyes, Span, View},
};
use crate::{
    app::App,
    base::lang::Lang,
    creators,
    error::{Error, Result},
    insights::{
        certificate::{self, Claims},
        queries,
    },
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
    queries::public_page(app.db(), slug).await?.ok_or(Error::NotFound)
}

async fn view(app: &App, page: &Page, held: &score_page::Model) -> Result<View> {
    // The creator has chosen to show it: their own figures.
    let eyes = Eyes { scope: InsightScope::Full, own: false, audience: false };
    let mut view = shown::view(app, page, held.creator_id, eyes, &Span::default()).await?;
    if !held.with_audience {
        view.audience.clear();
        if let Some(score) = &mut view.score {
            score.places.clear();
        }
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

/// The score, signed: it verifies without this server.
pub(super) async fn certificate(app: web::Data<App>, slug: web::Path<String>) -> Result<HttpResponse> {
    let (held, creator) = found(&app, &slug).await?;
    let row = queries::row(app.db(), creator.id, InsightScope::Full).await?.ok_or(Error::NotFound)?;
    let latest = queries::latest(app.db(), &[creator.id], None).await?;
    let snapshot = latest.into_iter().find(|one| one.scope == InsightScope::Full && one.day == row.day).ok_or(Error::NotFound)?;
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    let claims = Claims {
        iss: app.link("").trim_end_matches('/').to_owned(),
        sub: app.link(&address(&held.slug)),
        iat: app.clock.now().timestamp(),
        name: creator.display_name,
        score: tenths(snapshot.value),
        interval: [tenths(snapshot.low), tenths(snapshot.high)],
        true_reach: snapshot.true_reach.round() as i64,
        day: snapshot.day,
        formula: snapshot.formula,
        inputs_hash: snapshot.inputs_hash,
    };
    let signer = app.vault.signers().first().ok_or_else(|| anyhow::anyhow!("there is no key to sign with"))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"hibiki-score-{}.json\"", held.slug)))
        .json(certificate::sign(signer, &claims)?))
}

/// The keys that certificates of this installation verify with (RFC 7517).
pub(super) async fn keys(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "keys": certificate::keys(&app.vault) }))
}
