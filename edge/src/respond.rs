//! Turns an answer into an HTTP response: status by media type, headers that every answer has (A2, A3, A32).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::negotiation::Media;
use crate::operation::Answer;
use crate::{Settings, cors};

/// What every answer carries, of whatever kind.
pub(crate) fn start(request: &HttpRequest, settings: &Settings, request_id: &str, status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("x-request-id", request_id))
        .append_header((header::VARY, "Accept"));
    cors::permit(request, settings, &mut answer);
    answer
}

/// The whole response.
pub(crate) fn respond(request: &HttpRequest, settings: &Settings, request_id: &str, media: Media, answer: &Answer) -> HttpResponse {
    // Under application/json the status tells of HTTP, not of the document (A2).
    let status = if media == Media::Json && answer.document { StatusCode::OK } else { answer.status };
    let mut response = start(request, settings, request_id, status);
    if let Some(after) = answer.retry_after {
        response.insert_header((header::RETRY_AFTER, after));
    }
    if let Some(allow) = answer.allow {
        response.insert_header((header::ALLOW, allow));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    // What resolvers set, such as a session cookie.
    for (name, value) in &answer.response.http_headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.content_type(media.content_type()).body(answer.to_json())
}
