//! The way out of further mail: a page with buttons, and the one click of mail programs (RFC 8058).

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::organization;
use sea_orm::EntityTrait;

use super::answer::no_such_link;
use crate::{
    app::App,
    auth::{limits, sessions::Device},
    error::{Error, Result},
    invitations::{self, Refusal},
    web::{layout::Page, notice::Say, urls},
};

#[derive(Template)]
#[template(path = "invitations/unsubscribe.html")]
struct UnsubscribePage {
    page: Page,
    token: String,
    brand: String,
    email: String,
    of_brand: bool,
    of_all: bool,
}

pub(super) async fn show(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let (mail, found) = match invitations::mail_of(&app, &token).await {
        Err(Error::NotFound) => return no_such_link(&page),
        known => known?,
    };
    let org = organization::Entity::find_by_id(found.org_id).one(app.db()).await?;
    let refused = invitations::refusals(&app, &mail, &found).await?;
    page.show(&UnsubscribePage {
        token: token.into_inner(),
        brand: org.map(|o| o.name).unwrap_or_default(),
        email: mail.email,
        of_brand: refused == Some(Refusal::Brand),
        of_all: refused == Some(Refusal::All),
        page: page.clone(),
    })
}

/// A button of the page says what is wanted; a mail program's one click says nothing of ours, in either encoding of a form, and wants an
/// answer without a redirect.
pub(super) async fn change(
    app: web::Data<App>,
    page: Page,
    device: Device,
    token: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let wanted = fields.iter().find(|(name, _)| name == "of").map(|(_, value)| value.as_str());
    let say = match wanted {
        None => {
            invitations::unsubscribe(&app, &token, Refusal::Brand).await?;
            return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("unsubscribed\n"));
        }
        Some("back") => {
            invitations::resubscribe(&app, &token).await?;
            "invitations.notice.resubscribed"
        }
        Some(of) => {
            invitations::unsubscribe(&app, &token, if of == "all" { Refusal::All } else { Refusal::Brand }).await?;
            "invitations.notice.unsubscribed"
        }
    };
    Ok(page.see(&urls::unsubscribe(&token), Say::done(say)))
}
