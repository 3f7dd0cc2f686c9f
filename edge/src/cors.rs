//! Which foreign pages may read answers: a fixed list, never with credentials (B8).

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::Settings;

/// The request's `Origin`, if it is on the list.
fn allowed<'a>(request: &'a HttpRequest, settings: &Settings) -> Option<&'a str> {
    let origin = request.headers().get(header::ORIGIN)?.to_str().ok()?;
    settings.is_allowed(origin).then_some(origin)
}

/// Adds what lets an allowed page read the answer.
pub(crate) fn permit(request: &HttpRequest, settings: &Settings, answer: &mut HttpResponseBuilder) {
    answer.append_header((header::VARY, "Origin"));
    if let Some(origin) = allowed(request, settings) {
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after"));
    }
}

/// The answer to a preflight. A page that is not on the list gets none of the headers, and its browser stops there.
pub(crate) fn preflight(request: &HttpRequest, settings: &Settings) -> Option<HttpResponse> {
    if request.method() != Method::OPTIONS || !request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut answer = HttpResponse::NoContent();
    permit(request, settings, &mut answer);
    if allowed(request, settings).is_some() {
        let mut headers = "content-type, authorization".to_owned();
        for name in &settings.allowed_headers {
            headers.push_str(", ");
            headers.push_str(name);
        }
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "7200"));
    }
    Some(answer.finish())
}
