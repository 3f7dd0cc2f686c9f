//! `/graphql`: one operation per request (A1-A6).

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::BytesMut;
use futures_util::StreamExt;

use crate::gates::Held;
use crate::negotiation::{self, Media};
use crate::operation::{self, Answer, Incoming, Log, Planned};
use crate::params::Params;
use crate::respond::respond;
use crate::{Edge, Host, Identity, Refusal, RequestId, Settings, Transport, cors, csrf, stream};

/// Answers one GraphQL request. With `Accept: text/event-stream` it is answered as `/graphql/stream` would.
pub async fn http<H: Host>(edge: Edge<H>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let settings = edge.host.settings();
    if let Some(answer) = cors::preflight(&request, settings) {
        return answer;
    }
    let media = negotiation::accepted(text(&request, "accept"));
    if media == Some(Media::EventStream) {
        return stream(edge.clone(), request, payload).await;
    }
    let mut log = Log::start(&edge.host, Transport::Http, RequestId::of(&request));
    let answer = match media {
        Some(_) => match receive(&edge, &request, payload, Transport::Http, &log.request_id).await {
            Ok(received) => operation::run(&edge.host, &received.identity.caller, received.planned, &mut log).await,
            Err(refusal) => Answer::refused(refusal, &log.request_id),
        },
        None => {
            let words = "Accept application/graphql-response+json, application/json or text/event-stream.";
            Answer::refused(Refusal::http(StatusCode::NOT_ACCEPTABLE, words), &log.request_id)
        }
    };
    log.note(&answer);
    log.complete();
    respond(&request, settings, &log.request_id, media.unwrap_or(Media::Json), &answer)
}

/// A request that may run.
pub(crate) struct Received<C> {
    pub identity: Identity<C>,
    pub planned: Planned,
    /// The client's place among its running operations (B5).
    pub place: Held,
}

/// Everything from the request line to a planned operation, cheapest checks first.
pub(crate) async fn receive<H: Host>(
    edge: &Edge<H>,
    request: &HttpRequest,
    payload: web::Payload,
    transport: Transport,
    request_id: &str,
) -> Result<Received<H::Caller>, Refusal> {
    let settings = edge.host.settings();
    let get = match *request.method() {
        Method::GET => true,
        Method::POST => false,
        _ => {
            return Err(Refusal {
                allow: Some("GET, POST"),
                ..Refusal::http(StatusCode::METHOD_NOT_ALLOWED, "GraphQL is asked by GET or POST.")
            });
        }
    };
    if !get && !negotiation::is_json(text(request, "content-type")) {
        return Err(Refusal::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be application/json in UTF-8."));
    }
    let identity = edge.host.authenticate(request).await?;
    if identity.cookie {
        csrf::check(request, settings)?;
    }
    let place = edge
        .running
        .enter(&identity.client, settings.max_concurrent)
        .ok_or_else(|| Refusal::busy("Too many operations of this client are running.", std::time::Duration::from_secs(1)))?;
    let params = if get {
        let query = request.query_string();
        if query.len() > settings.max_body_bytes {
            return Err(too_large(settings));
        }
        Params::from_query_string(query)?
    } else {
        Params::from_body(&body(request, payload, settings).await?)?
    };
    let incoming = Incoming {
        params,
        transport,
        request_id: request_id.to_owned(),
        client_name: client(request, "name"),
        client_version: client(request, "version"),
        get,
        show_cost: text(request, "graphql-cost").is_some_and(|value| value != "0"),
    };
    let planned = operation::plan(&edge.host, &identity.caller, incoming).await?;
    Ok(Received { identity, planned, place })
}

/// The body, unless it is too large, packed, or too slow in coming.
async fn body(request: &HttpRequest, mut payload: web::Payload, settings: &Settings) -> Result<BytesMut, Refusal> {
    if text(request, "content-encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Refusal::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed."));
    }
    let announced = text(request, "content-length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > settings.max_body_bytes) {
        return Err(too_large(settings));
    }
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::http(StatusCode::BAD_REQUEST, "The body broke off."))?;
            if body.len() + chunk.len() > settings.max_body_bytes {
                return Err(too_large(settings));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(settings.request_timeout, read)
        .await
        .unwrap_or_else(|_| Err(Refusal::http(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.")))
}

fn too_large(settings: &Settings) -> Refusal {
    Refusal::http(StatusCode::PAYLOAD_TOO_LARGE, format!("A request may have at most {} bytes.", settings.max_body_bytes))
}

pub(crate) fn text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The calling program's name or version, as Apollo or as others send it; cut short, since it goes to the log.
pub(crate) fn client(request: &HttpRequest, what: &str) -> Option<String> {
    let value = text(request, &format!("graphql-client-{what}")).or_else(|| text(request, &format!("apollographql-client-{what}")))?;
    let value: String = value.chars().filter(|letter| !letter.is_control()).take(100).collect();
    (!value.is_empty()).then_some(value)
}

/// Whether this answer's `Accept` takes an event stream; the stream's own door also takes wildcards and no header.
pub(crate) fn accepts_stream(request: &HttpRequest) -> bool {
    let Some(accept) = request.headers().get(header::ACCEPT) else {
        return true;
    };
    accept.to_str().is_ok_and(|accept| {
        accept.split(',').any(|range| {
            let media = range.split(';').next().unwrap_or_default().trim();
            ["text/event-stream", "text/*", "*/*"].iter().any(|known| media.eq_ignore_ascii_case(known))
        })
    })
}
