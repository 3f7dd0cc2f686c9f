//! What a browser sees when an operation fails: the sign-in page, or a page that says what happened and what to do.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
};
use askama::Template;
use async_graphql::resolver_utils::enum_value;

use super::{
    layout::{Audience, Page},
    urls,
};
use crate::{auth::actors::NEEDS_SECOND_FACTOR, error::Error};

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::User(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare; [`render`] puts the page around it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[derive(Template)]
#[template(path = "public/error.html")]
struct ErrorPage {
    page: Page,
    code: u16,
    title: String,
    text: String,
    request_id: String,
}

/// Turns failed answers into pages. Faults are logged here, once, with their chain; the reader gets the request's id.
pub async fn render(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // No clone of the request may live while it is routed.
    let response = next.call(request).await?;
    let status = response.status();
    let known = match response.response().error() {
        Some(error) => error.as_error::<Error>(),
        // An empty refusal, such as no route at all.
        None if status == StatusCode::NOT_FOUND && response.response().body().size().is_eof() => None,
        None => return Ok(response.map_into_boxed_body()),
    };
    let answer = answer(response.request(), status, known).await;
    Ok(response.into_response(answer))
}

async fn answer(request: &HttpRequest, status: StatusCode, error: Option<&Error>) -> HttpResponse {
    let request_id = request.extensions().get::<edge::RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    if let Some(Error::Fault(fault)) = error {
        tracing::error!(target: "hibiki::fault", id = %request_id, fault = format!("{fault:#}"), "fault");
    }
    if matches!(error, Some(Error::SignIn)) && !wants_json(request) {
        return to(urls::sign_in(&came_from(request)));
    }
    if matches!(error, Some(Error::Forbidden(NEEDS_SECOND_FACTOR))) && !wants_json(request) {
        return to(urls::security(&came_from(request)));
    }
    let mut answer = HttpResponse::build(status);
    if let Some(Error::Busy(seconds)) = error {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if wants_json(request) {
        return answer.json(serde_json::json!({ "status": status.as_u16(), "requestId": request_id, "problems": problems(error) }));
    }
    let page = match Page::of(request, Audience::of_path(request.path())).await {
        Ok(page) => page,
        Err(_) => return answer.content_type("text/plain").body(format!("{status}\n{request_id}\n")),
    };
    let name = match status.as_u16() {
        code @ (403 | 404 | 422 | 429) => code.to_string(),
        400..=499 => "400".into(),
        _ => "500".into(),
    };
    let text = match error {
        Some(Error::Forbidden(key)) => page.t(key),
        Some(Error::User(problems)) => problems.first().map_or_else(|| page.t("web.error.422.text"), |p| p.wrong.text(page.lang)),
        Some(Error::Busy(seconds)) => page.t("web.error.429.text").with("n", seconds),
        _ => page.t(&format!("web.error.{name}.text")),
    };
    let title = page.t(&format!("web.error.{name}.title"));
    let shown = ErrorPage { page, code: status.as_u16(), title: title.into(), text: text.into(), request_id };
    match shown.render() {
        Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "the error page does not render");
            answer.finish()
        }
    }
}

fn problems(error: Option<&Error>) -> Vec<serde_json::Value> {
    match error {
        Some(Error::User(problems)) => problems
            .iter()
            .map(|p| serde_json::json!({ "field": p.field, "code": enum_value(p.wrong.code).to_string(), "message": p.wrong.text(entity::enums::Locale::En).as_str() }))
            .collect(),
        _ => Vec::new(),
    }
}

fn wants_json(request: &HttpRequest) -> bool {
    request.path() == "/uploads" || request.headers().get(header::ACCEPT).is_some_and(|v| v.as_bytes().starts_with(b"application/json"))
}

/// Where the visitor comes back to: the page, or after a write the page that the form was on.
fn came_from(request: &HttpRequest) -> String {
    let here = if *request.method() == Method::GET {
        request.uri().path_and_query().map(|p| p.as_str().to_owned())
    } else {
        let referer = request.headers().get(header::REFERER).and_then(|v| v.to_str().ok());
        referer.and_then(|r| url::Url::parse(r).ok()).map(|url| url.path().to_owned())
    };
    here.as_deref().map(urls::local).unwrap_or("/").to_owned()
}

fn to(url: String) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, url)).finish()
}
